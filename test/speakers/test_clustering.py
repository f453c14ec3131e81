from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends.ge2e import GE2E
from stalk_ros.speakers.clustering import STEP_S, VoiceClusters, VoicePath
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


def taught(known: VoiceClusters, places: list[Window], embeddings: np.ndarray) -> VoicePath | None:
    known.learn(places, embeddings)
    return known.follow(places, embeddings)


def follow(known: VoiceClusters, embeddings: np.ndarray, learn: bool = True) -> list[int]:
    if learn:
        known.learn(windows(len(embeddings)), embeddings)
    path = known.follow(windows(len(embeddings)), embeddings)
    assert path is not None
    assert len(path.voices) == len(path.confidences) == round((len(embeddings) + 1) / 2 / STEP_S)
    assert (path.confidences >= 0).all()
    assert (path.confidences <= 1).all()
    return path.voices.tolist()


def test_voices_are_numbered_in_the_order_in_which_they_appear_and_keep_their_numbers() -> None:
    speakers, known = Speakers(), clusters()
    for voice, number in [(4, 0), (2, 1), (4, 0), (0, 2), (2, 1), (4, 0), (0, 2)]:
        assert set(follow(known, speakers.say(*[voice] * 6))) == {number}
    assert len(known.voices) == 3


@pytest.mark.parametrize("seed", range(10))
def test_one_voice_stays_one(seed: int) -> None:
    speakers, known = Speakers(seed), clusters()
    for length in (3, 8, 1, 5, 12, 2, 20, 4):
        assert set(follow(known, speakers.say(*[1] * length))) == {0}
    assert len(known.voices) == 1


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
    assert len(known.voices) == 1
    assert set(follow(known, speakers.say(*[1] * 5))) == {1}


def test_the_first_voice_needs_only_half_a_window() -> None:
    speakers, known = Speakers(), clusters(new_speaker_s=10.0)
    assert taught(known, [Window(0, 0.49)], speakers.say(1)) is None
    assert len(known.voices) == 0
    path = taught(known, [Window(0, 0.5)], speakers.say(0))
    assert path is not None
    assert path.voices.tolist() == [0, 0]


def test_there_are_no_more_voices_than_allowed() -> None:
    speakers, known = Speakers(), clusters(max_speakers=2)
    for voice in range(5):
        follow(known, speakers.say(*[voice] * 8))
    assert len(known.voices) == 2


def test_a_guess_teaches_nothing() -> None:
    speakers, known = Speakers(), clusters()
    assert known.follow(windows(4), speakers.say(*[0] * 4)) is None
    follow(known, speakers.say(*[0] * 6))
    stranger, test = speakers.say(*[1] * 8), speakers.say(*[0] * 6)
    before = known.follow(windows(6), test)
    known.follow(windows(8), stranger)
    after = known.follow(windows(6), test)
    assert len(known.voices) == 1
    # What the session learns of the room moves the confidence a little.
    np.testing.assert_allclose(before.confidences, after.confidences, atol=0.05)


def test_a_stranger_is_given_to_somebody_with_less_confidence() -> None:
    speakers, known = Speakers(), clusters()
    follow(known, speakers.say(*[0] * 8))
    follow(known, speakers.say(*[1] * 8))
    own = known.follow(windows(6), speakers.say(*[0] * 6))
    strange = known.follow(windows(6), speakers.say(*[5] * 6))
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
        return len(known.voices)

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
    for share in np.linspace(0, 0.3, 200):
        drifting = (1 - share) * speakers.say(*[0] * 20) + share * speakers.say(*[1] * 20)
        drifting /= np.linalg.norm(drifting, axis=1, keepdims=True)
        assert set(follow(known, drifting.astype(np.float32))) == {0}
    assert len(known.voices) == 1


def between(speakers: Speakers, share: float, count: int) -> np.ndarray:
    """A voice between voices 0 and 1."""
    rows = (1 - share) * speakers.say(*[0] * count) + share * speakers.say(*[1] * count)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_voices_that_turn_out_to_be_one_become_one() -> None:
    speakers, known = Speakers(), clusters(threshold_offset=0.1)
    assert set(follow(known, between(speakers, 0.3, 8))) == {0}
    assert set(follow(known, between(speakers, 0.7, 8))) == {1}
    known.parameters = SpeakerParameters(threshold_offset=-0.3)
    assert set(follow(known, between(speakers, 0.7, 8))) == {0}
    assert [*known.voices] == [0]
    # The next new voice gets a number of its own, and when they are told apart again, each gets its own back.
    assert set(follow(known, speakers.say(*[4] * 8))) == {2}
    known.parameters = SpeakerParameters(threshold_offset=0.1)
    assert set(follow(known, between(speakers, 0.7, 8))) == {1}


def test_a_voice_that_turns_out_to_be_two_becomes_two() -> None:
    speakers, known = Speakers(), clusters(threshold_offset=-0.3)
    follow(known, between(speakers, 0.3, 8))
    assert set(follow(known, between(speakers, 0.7, 8))) == {0}
    known.parameters = SpeakerParameters()
    assert set(follow(known, between(speakers, 0.7, 8))) == {1}
    assert set(follow(known, between(speakers, 0.3, 8), learn=False)) == {0}


def test_a_voice_that_only_ever_sounds_with_another_is_none() -> None:
    speakers, known = Speakers(), clusters()
    follow(known, speakers.say(*[0] * 8))
    follow(known, speakers.say(*[1] * 8))
    for _ in range(6):
        both = between(speakers, 0.5, 2)
        follow(known, np.concatenate([speakers.say(*[0] * 4), both, speakers.say(*[1] * 4)]))
    assert [*known.voices] == [0, 1]


def test_as_many_voices_are_told_apart_as_there_are() -> None:
    speakers, known = Speakers(), clusters(speakers=2, threshold_offset=-0.3)
    alike = [between(speakers, share, 12) for share in (0.35, 0.65, 0.35, 0.65)]
    assert [set(follow(known, embeddings)) for embeddings in alike] == [{0}, {1}, {0}, {1}]
    # A stranger shows that these two were one after all.
    assert len(set(follow(known, speakers.say(*[4] * 12)))) == 1
    assert len(known.voices) == 2


def test_the_work_does_not_grow_with_the_conversation() -> None:
    speakers, known = Speakers(), clusters()
    for number in range(300):
        assert set(follow(known, speakers.say(*[number % 3] * 4))) == {number % 3}
    assert len(known._stretches) <= 32
    assert len(known.voices) == 3


def test_a_forgotten_voice_is_met_anew_and_others_stay() -> None:
    speakers, known = Speakers(), clusters()
    for _ in range(30):
        for voice in (0, 1, 2):
            follow(known, speakers.say(*[voice] * 6))
    assert len(known._stretches) == 32, "old ones are condensed"
    known.forget(1)
    assert [*known.voices] == [0, 2]
    assert all(stretch.voice != 1 for stretch in known._stretches)
    assert set(follow(known, speakers.say(*[2] * 6))) == {2}
    assert set(follow(known, speakers.say(*[1] * 6))) == {3}
    assert known.voices[3].count == pytest.approx(6)


def test_when_the_only_voice_is_forgotten_nobody_is_known() -> None:
    speakers, known = Speakers(), clusters()
    follow(known, speakers.say(*[0] * 6))
    known.forget(0)
    assert known.follow(windows(6), speakers.say(*[0] * 6)) is None
    assert set(follow(known, speakers.say(*[0] * 6))) == {1}


def test_sounds_that_resemble_nothing_do_not_pile_up() -> None:
    rng = np.random.default_rng(0)
    speakers, known = Speakers(), clusters()
    follow(known, speakers.say(*[0] * 6))
    for _ in range(90):
        sound = rng.normal(size=(1, DIMENSION)).astype(np.float32)
        known.learn([Window(0.0, 0.5)], sound / np.linalg.norm(sound))
    assert len(known._stretches) <= 34
    assert set(follow(known, speakers.say(*[0] * 6))) == {0}
