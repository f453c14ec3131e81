from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends.ge2e import GE2E
from stalk_ros.speakers.clustering import STEP_S, VoiceClusters
from stalk_ros.speakers.resemblance import Window

DIMENSION = 64
NOISE = 0.5


class Speakers:
    """Voices as random directions, whose windows scatter as those of a real engine: cosines of about 0.8."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._voices = self._unit(self._rng.normal(size=(6, DIMENSION)))

    def say(self, *voices: int) -> np.ndarray:
        scatter = self._unit(self._rng.normal(size=(len(voices), DIMENSION)))
        return self._unit(self._voices[list(voices)] + NOISE * scatter).astype(np.float32)

    @staticmethod
    def _unit(rows: np.ndarray) -> np.ndarray:
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def windows(count: int) -> list[Window]:
    return [Window(0.5 * number, 0.5 * number + 1) for number in range(count)]


def clusters(**parameters: object) -> VoiceClusters:
    return VoiceClusters(SpeakerParameters(**parameters), GE2E.calibration)


def follow(known: VoiceClusters, embeddings: np.ndarray, learn: bool = True) -> list[int]:
    path = known.follow(windows(len(embeddings)), embeddings, learn)
    assert path is not None
    assert len(path.voices) == len(path.confidences) == round((len(embeddings) + 1) / 2 / STEP_S)
    assert (path.confidences >= 0).all()
    assert (path.confidences <= 1).all()
    return path.voices.tolist()


def test_voices_are_numbered_in_the_order_in_which_they_appear_and_keep_their_numbers() -> None:
    speakers, known = Speakers(), clusters()
    for voice, number in [(4, 0), (2, 1), (4, 0), (0, 2), (2, 1), (4, 0), (0, 2)]:
        assert set(follow(known, speakers.say(*[voice] * 6))) == {number}
    assert len(known) == 3


@pytest.mark.parametrize("seed", range(10))
def test_one_voice_stays_one(seed: int) -> None:
    speakers, known = Speakers(seed), clusters()
    for length in (3, 8, 1, 5, 12, 2, 20, 4):
        assert set(follow(known, speakers.say(*[1] * length))) == {0}
    assert len(known) == 1


@pytest.mark.parametrize("seed", range(10))
def test_a_change_of_voice_is_found_within_half_a_second(seed: int) -> None:
    speakers, known = Speakers(seed), clusters()
    path = follow(known, speakers.say(*[0] * 6, *[1] * 6))
    assert set(path) == {0, 1}
    change = path.index(1)
    assert path == [0] * change + [1] * (len(path) - change)
    assert change * STEP_S == pytest.approx(3.25, abs=0.5)


def test_two_new_voices_in_one_utterance_are_numbered_in_their_order() -> None:
    speakers, known = Speakers(), clusters()
    # The longer one comes second.
    path = follow(known, speakers.say(*[3] * 4, *[1] * 12))
    assert path[0] == 0
    assert path[-1] == 1


def test_a_single_strange_window_is_not_a_change() -> None:
    speakers, known = Speakers(), clusters()
    follow(known, speakers.say(*[0] * 8))
    follow(known, speakers.say(*[1] * 8))
    between = (speakers.say(0) + 1.1 * speakers.say(1)) / 2
    embeddings = np.concatenate([speakers.say(*[0] * 5), between, speakers.say(*[0] * 5)])
    assert set(follow(known, embeddings.astype(np.float32))) == {0}


def test_a_moment_between_two_voices_is_not_a_change() -> None:
    speakers, known = Speakers(), clusters()
    follow(known, speakers.say(*[0] * 8))
    follow(known, speakers.say(*[1] * 8))
    between = 0.55 * speakers.say(0) + speakers.say(1)
    embeddings = np.concatenate([speakers.say(*[0] * 4), between, speakers.say(*[0] * 4)])
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    assert set(follow(known, embeddings, learn=False)) == {0}


def test_an_unknown_voice_needs_enough_speech_to_become_one() -> None:
    speakers, known = Speakers(), clusters(new_speaker_s=3.0)
    follow(known, speakers.say(*[0] * 6))
    follow(known, speakers.say(*[1] * 4))
    assert len(known) == 1
    assert set(follow(known, speakers.say(*[1] * 5))) == {1}


def test_the_first_voice_needs_only_half_a_window() -> None:
    speakers, known = Speakers(), clusters(new_speaker_s=10.0)
    assert known.follow([Window(0, 0.49)], speakers.say(1), learn=True) is None
    assert len(known) == 0
    path = known.follow([Window(0, 0.5)], speakers.say(0), learn=True)
    assert path is not None
    assert path.voices.tolist() == [0, 0]


def test_there_are_no_more_voices_than_allowed() -> None:
    speakers, known = Speakers(), clusters(max_speakers=2)
    for voice in range(5):
        follow(known, speakers.say(*[voice] * 8))
    assert len(known) == 2


def test_a_guess_teaches_nothing() -> None:
    speakers, known = Speakers(), clusters()
    assert known.follow(windows(4), speakers.say(*[0] * 4), learn=False) is None
    follow(known, speakers.say(*[0] * 6))
    stranger, test = speakers.say(*[1] * 8), speakers.say(*[0] * 6)
    before = known.follow(windows(6), test, learn=False)
    follow(known, stranger, learn=False)
    after = known.follow(windows(6), test, learn=False)
    assert len(known) == 1
    # What the session learns of the room moves the confidence a little.
    np.testing.assert_allclose(before.confidences, after.confidences, atol=0.05)


def test_what_a_stranger_says_teaches_nothing_about_whom_he_is_taken_for() -> None:
    speakers, known = Speakers(), clusters(max_speakers=1)
    follow(known, speakers.say(*[0] * 8))
    test = speakers.say(*[0] * 6)
    before = known.follow(windows(6), test, learn=False)
    for _ in range(10):
        assert set(follow(known, speakers.say(*[1] * 8))) == {0}
    after = known.follow(windows(6), test, learn=False)
    # What the session learns of the room moves the confidence a little.
    np.testing.assert_allclose(before.confidences, after.confidences, atol=0.05)


def test_a_stranger_is_given_to_somebody_with_less_confidence() -> None:
    speakers, known = Speakers(), clusters()
    follow(known, speakers.say(*[0] * 8))
    follow(known, speakers.say(*[1] * 8))
    own = known.follow(windows(6), speakers.say(*[0] * 6), learn=False)
    strange = known.follow(windows(6), speakers.say(*[5] * 6), learn=False)
    assert own.confidences.mean() > 0.7
    assert strange.confidences.mean() < 0.4


def test_the_offset_merges_voices_or_splits_them() -> None:
    def count(offset: float) -> int:
        speakers, known = Speakers(), clusters(threshold_offset=offset)
        for _ in range(3):
            for mixture in ((1.0, 0.5), (0.5, 1.0)):
                first, second = mixture
                voice = first * speakers.say(*[0] * 6) + second * speakers.say(*[1] * 6)
                follow(known, (voice / np.linalg.norm(voice, axis=1, keepdims=True)).astype(np.float32))
        return len(known)

    assert count(-0.3) == 1
    assert count(0.1) > 1


def test_the_offset_merges_voices_of_one_utterance_or_splits_them() -> None:
    speakers = Speakers()
    one, other = (speakers.say(*[voice] * 24).reshape(6, 4, -1).mean(axis=1) for voice in (0, 1))
    alike = np.concatenate([one + 0.65 * other, 0.65 * one + other])
    alike /= np.linalg.norm(alike, axis=1, keepdims=True)
    assert set(follow(clusters(), alike)) == {0}
    assert set(follow(clusters(threshold_offset=0.13), alike)) == {0, 1}


def test_a_voice_may_change_slowly() -> None:
    speakers, known = Speakers(), clusters()
    for share in np.linspace(0, 0.3, 30):
        drifting = (1 - share) * speakers.say(*[0] * 8) + share * speakers.say(*[1] * 8)
        drifting /= np.linalg.norm(drifting, axis=1, keepdims=True)
        assert set(follow(known, drifting.astype(np.float32))) == {0}


def test_after_hours_a_voice_may_still_change() -> None:
    speakers, known = Speakers(), clusters()
    for _ in range(1_000):
        follow(known, speakers.say(*[0] * 20))
    for share in np.linspace(0, 0.5, 200):
        drifting = (1 - share) * speakers.say(*[0] * 20) + share * speakers.say(*[1] * 20)
        drifting /= np.linalg.norm(drifting, axis=1, keepdims=True)
        assert set(follow(known, drifting.astype(np.float32))) == {0}
    assert len(known) == 1
