from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.audio import Block
from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import EngineError, UserError
from stalk_ros.events import Utterance, VoiceActivity, Word
from stalk_ros.speakers import SpeakerParameters, SpeakerStage

if TYPE_CHECKING:
    from collections.abc import Callable

START_NS = 1_700_000_000_123_456_789


def ns(seconds: float) -> int:
    return START_NS + seconds_to_ns(seconds)


def utterance(start_s: float, end_s: float, final: bool = True) -> Utterance:
    """Half-second words from one end to the other."""
    edges_s = np.arange(start_s, end_s - 0.4, 0.5)
    words = tuple(Word(f"w{at:g}", ns(at), ns(at + 0.5), 0.9) for at in edges_s)
    text = " ".join(word.text for word in words) or "hm"
    return Utterance(f"u{start_s:g}", ns(start_s), ns(end_s), text, words, "en", 0.9, final=final)


@pytest.fixture
def stage(oracle: Any) -> SpeakerStage:
    return SpeakerStage(SpeakerParameters(), oracle)


@pytest.fixture
def hear(stage: SpeakerStage) -> Callable[..., None]:
    def add(audio: np.ndarray, start_s: float = 0.0, block: int = 1_600, restart: bool = True) -> None:
        for first in range(0, len(audio), block):
            samples = audio[first : first + block]
            stage.hear(Block(samples, ns(start_s + first / 16_000), restart and first == 0))

    return add


def who(parts: list[Utterance]) -> list[str]:
    return [part.speaker_id for part in parts]


def test_speakers_are_numbered_as_they_appear(stage, hear, speech) -> None:
    hear(speech((3, 4), (None, 1), (1, 4), (None, 1), (3, 4)))
    assert who(stage.attribute(utterance(0, 4))) == ["S1"]
    assert who(stage.attribute(utterance(5, 9))) == ["S2"]
    assert who(stage.attribute(utterance(10, 14))) == ["S1"]


def test_an_utterance_of_two_voices_is_split_where_the_voice_changes(stage, hear, speech) -> None:
    hear(speech((0, 4), (1, 5)))
    one, two = stage.attribute(utterance(0, 9))
    assert (one.speaker_id, two.speaker_id) == ("S1", "S2")
    assert one.end_ns == two.start_ns == ns(4)
    assert two.end_ns == ns(9)
    assert len(one.words) == 8


def test_two_voices_at_once_are_marked_and_named(oracle, speech) -> None:
    # What the last voice says stands for two voices at once.
    oracle.calibration = replace(oracle.calibration, overlap=(-0.7, *np.eye(oracle.voices)[-1]))
    stage = SpeakerStage(SpeakerParameters(), oracle)
    stage.hear(Block(speech((0, 4), (oracle.voices - 1, 1), (1, 4), (None, 1), (0, 4)), ns(0), True))
    one, two = stage.attribute(utterance(0, 9))
    assert (one.speaker_id, one.overlapped, one.overlapping_speaker_ids) == ("S1", True, ("S2",))
    assert (two.speaker_id, two.overlapped, two.overlapping_speaker_ids) == ("S2", True, ("S1",))
    (alone,) = stage.attribute(utterance(10, 14))
    assert (alone.speaker_id, alone.overlapped, alone.overlapping_speaker_ids) == ("S1", False, ())


def test_a_sound_that_could_be_anybodys_is_by_who_spoke_before(stage, hear, speech) -> None:
    between = np.concatenate([speech((0, 0.01), (1, 0.01), (2, 0.01))] * 10)
    hear(np.concatenate([speech((0, 4), (1, 4), (2, 4)), between, speech((0, 4)), between]))
    stage.attribute(utterance(0, 12))
    assert who(stage.attribute(utterance(12, 12.3))) == ["S3"]
    stage.attribute(utterance(12.3, 16.3))
    assert who(stage.attribute(utterance(16.3, 16.6))) == ["S1"]


def test_it_has_heard_an_utterance_when_its_last_sample_has_come(stage, hear, speech) -> None:
    assert not stage.heard(utterance(0, 1))
    hear(speech((0, 2)))
    assert stage.heard(utterance(0, 2))
    assert not stage.heard(utterance(0, 2.001))


def test_an_utterance_that_only_takes_back_its_partials_is_nobodys(stage, hear, speech, oracle) -> None:
    hear(speech((0, 2)))
    nothing = replace(utterance(0, 2), text="", words=())
    assert stage.attribute(nothing) == [nothing]
    assert who(stage.attribute(utterance(0, 2))) == ["S1"]


@pytest.mark.parametrize(("start_s", "end_s"), [(10, 12), (1.6, 4.0), (-5, -2)])
def test_what_was_not_heard_has_no_speaker(stage, hear, speech, start_s: float, end_s: float) -> None:
    hear(speech((0, 2)))
    stage.attribute(utterance(0, 2))
    asked = utterance(start_s, end_s)
    assert stage.attribute(asked) == [asked]
    assert asked.speaker_id == ""


def test_an_utterance_whose_beginning_is_lost_is_split_at_the_right_place(stage, hear, speech) -> None:
    hear(speech((0, 2), (1, 4)), start_s=2.0)
    one, two = stage.attribute(utterance(0, 8))
    assert one.end_ns == two.start_ns == ns(4)
    assert (one.speaker_id, two.speaker_id) == ("S1", "S2")


@pytest.mark.parametrize("block", [1, 160, 777, 16_000, 1_000_000])
def test_the_size_of_blocks_changes_nothing(oracle, speech, block: int) -> None:
    audio = speech((0, 3), (1, 2), (None, 1), (2, 2.3), (0, 1.1), (None, 0.4), (1, 0.3))
    if block == 1:
        audio = audio[: 16_000 * 3]
    utterances = [utterance(0, 5), utterance(6, 9.4), utterance(9.8, 10.1)]

    def run(size: int) -> list[Utterance]:
        stage = SpeakerStage(SpeakerParameters(), oracle)
        for first in range(0, len(audio), size):
            stage.hear(Block(audio[first : first + size], ns(first / 16_000), first == 0))
        return [part for each in utterances for part in stage.attribute(each)]

    assert run(block) == run(512)


def test_a_partial_is_a_guess_that_changes_nothing(stage, hear, speech, oracle) -> None:
    hear(speech((0, 4), (None, 1), (1, 4), (None, 1), (0, 4)))
    assert who(stage.attribute(utterance(0, 3, final=False))) == [""]
    assert who(stage.attribute(utterance(0, 4))) == ["S1"]
    partial = utterance(5, 9, final=False)
    (guess,) = stage.attribute(partial)
    assert guess == replace(partial, speaker_id=guess.speaker_id, speaker_confidence=guess.speaker_confidence)
    assert guess.speaker_id == "S1", "the only voice there is"
    assert who(stage.attribute(utterance(5, 9))) == ["S2"]
    assert who(stage.attribute(utterance(10, 14, final=False))) == ["S1"]


def test_partials_do_not_change_finals(oracle, speech) -> None:
    audio = speech((0, 4), (1, 6), (2, 4))

    def run(partials: list[Utterance]) -> list[Utterance]:
        stage = SpeakerStage(SpeakerParameters(), oracle)
        stage.hear(Block(audio, ns(0), True))
        for partial in partials:
            stage.attribute(partial)
        return stage.attribute(utterance(0, 14))

    assert run([utterance(0, end_s, final=False) for end_s in range(1, 14)]) == run([])


def test_a_growing_partial_does_not_cost_more_and_more(stage, hear, speech, oracle) -> None:
    hear(speech((0, 30)))
    stage.attribute(utterance(0, 3))
    costs = []
    for end_s in (4, 10, 30):
        oracle.heard.clear()
        stage.attribute(utterance(0, end_s, final=False))
        costs.append(sum(oracle.heard))
    assert max(costs) <= 4


def test_all_of_an_utterance_is_heard_in_windows_of_the_engines_length(stage, hear, speech, oracle) -> None:
    hear(speech((0, 2.2), (1, 0.2)))
    stage.attribute(utterance(0, 2.4))
    assert oracle.heard == [1.0] * 4
    oracle.heard.clear()
    stage.attribute(utterance(0, 0.4))
    assert oracle.heard == [0.4]


def test_voices_survive_a_restart_of_the_audio(stage, hear, speech) -> None:
    hear(speech((0, 4), (1, 4)))
    assert who(stage.attribute(utterance(0, 8))) == ["S1", "S2"]
    hear(speech((1, 4), (2, 4)), start_s=1_000.0)
    assert who(stage.attribute(utterance(1_000, 1_008))) == ["S2", "S3"]


def test_what_was_said_before_a_jump_back_is_still_there(stage, hear, speech) -> None:
    hear(speech((0, 50), (1, 4)))
    hear(speech((2, 4)))
    asked = utterance(50, 54)
    assert stage.heard(asked)
    stage.attribute(utterance(44, 50))
    assert who(stage.attribute(asked)) == ["S2"]
    assert who(stage.attribute(utterance(0, 4))) == ["S3"]


def test_what_comes_late_of_before_a_jump_back_is_heard_where_it_was_said(stage, hear, speech) -> None:
    hear(speech((0, 4), (1, 4)))
    stage.attribute(utterance(0, 4))
    hear(speech((2, 8)))
    for transcribed_until_ns, speaker in ((ns(0) - 1, "S2"), (ns(8), "S3")):
        stage.follow(VoiceActivity(ns(8), False, 0.0, ns(8) - ns(0), transcribed_until_ns))
        assert who(stage.attribute(utterance(4, 8))) == [speaker]


def test_only_the_latest_audio_is_kept(stage, hear, speech) -> None:
    hear(speech((0, 400)), block=16_000)
    assert who(stage.attribute(utterance(0, 4))) == [""]
    assert who(stage.attribute(utterance(396, 400))) == ["S1"]


@pytest.mark.parametrize("seconds", [1 / 16_000, 100 / 16_000, 0.1, 0.3])
def test_a_short_sound_has_a_likely_speaker_and_little_confidence(
    stage, hear, speech, seconds: float
) -> None:
    hear(speech((0, 4), (None, 1), (1, 4), (None, 1), (1, seconds)))
    stage.attribute(utterance(0, 4))
    (long,) = stage.attribute(utterance(5, 9))
    (short,) = stage.attribute(utterance(10, 10 + seconds))
    assert short.speaker_id == "S2"
    assert short.speaker_confidence < long.speaker_confidence / 2


def test_a_greeting_too_short_to_know_a_voice_by_is_nobodys(stage, hear, speech) -> None:
    hear(speech((0, 0.3), (None, 1), (1, 4), (None, 1), (0, 4)))
    assert who(stage.attribute(utterance(0, 0.3))) == [""]
    assert who(stage.attribute(utterance(1.3, 5.3))) == ["S1"]
    assert who(stage.attribute(utterance(6.3, 10.3))) == ["S2"]


@pytest.mark.parametrize("spoilt", [np.nan, np.inf, -np.inf, 0.0])
def test_what_is_no_sound_is_nobodys_and_spoils_no_voice(
    sample_audio: np.ndarray, sample_truth: dict[str, Any], spoilt: float
) -> None:
    stage = SpeakerStage.load(SpeakerParameters())
    lapse = slice(30 * 16_000, 35 * 16_000)
    audio = sample_audio.copy()
    audio[lapse] = 0.0
    audio[33 * 16_000] = spoilt
    stage.hear(Block(audio, ns(0), True))
    turns = [utterance(turn["start"], turn["end"]) for turn in sample_truth["turns"][:5]]
    turns.insert(2, utterance(30, 35))
    assert [who(stage.attribute(turn)) for turn in turns] == [["S1"], ["S2"], [""], ["S1"], ["S2"], ["S3"]]


def test_parameters_may_change_at_any_time(stage, hear, speech) -> None:
    hear(speech((0, 4), (1, 4), (2, 4)))
    stage.attribute(utterance(0, 4))
    stage.parameters = replace(stage.parameters, max_speakers=1)
    assert who(stage.attribute(utterance(4, 8))) == ["S1"]
    stage.parameters = replace(stage.parameters, max_speakers=0)
    # What was said before shows now that there were two.
    assert who(stage.attribute(utterance(8, 12))) == ["S2"], "the second one was never told of"


def named(parts: list[Utterance]) -> list[tuple[str, str]]:
    return [(part.speaker_id, part.speaker_name) for part in parts]


def test_who_is_enrolled_is_known_in_the_next_session(oracle, speech, tmp_path: Path) -> None:
    parameters = SpeakerParameters(store=str(tmp_path / "voices"))
    stage = SpeakerStage(parameters, oracle)
    stage.hear(Block(speech((3, 4), (1, 4)), ns(0), True))
    assert named(stage.attribute(utterance(0, 4)) + stage.attribute(utterance(4, 8))) == [
        ("S1", ""),
        ("S2", ""),
    ]
    assert stage.enrolments.from_utterance("Ann", "u4") == "S2"
    again = SpeakerStage(parameters, oracle)
    again.hear(Block(speech((1, 4), (2, 4), (1, 2), (3, 4)), ns(0), True))
    assert named(again.attribute(utterance(0, 8))) == [("S2", "Ann"), ("S1", "")]
    assert named(again.attribute(utterance(8, 10, final=False))) == [("S2", "Ann")]
    assert named(again.attribute(utterance(8, 14))) == [("S2", "Ann"), ("S3", "")]


def test_what_two_voices_of_one_person_say_is_one_utterance(stage, hear, speech) -> None:
    hear(speech((0, 4), (1, 4)))
    assert who(stage.attribute(utterance(0, 8))) == ["S1", "S2"]
    stage.people.same = lambda voice: 0
    assert who(stage.attribute(utterance(0, 8))) == ["S1"]


def test_a_part_of_an_utterance_teaches_only_about_who_says_it(oracle, speech, tmp_path: Path) -> None:
    parameters = SpeakerParameters(store=str(tmp_path / "voices"))
    stage = SpeakerStage(parameters, oracle)
    stage.hear(Block(speech((1, 4), (2, 4), (1, 8)), ns(0), True))
    stage.attribute(utterance(0, 4))
    stage.enrolments.from_utterance("Ann", "u0")
    learnt: list[Any] = []
    stage.people.learn = lambda part, voice, heard: learnt.append((part.speaker_id, heard.count))
    stage.attribute(utterance(4, 16))
    assert [speaker_id for speaker_id, _ in learnt] == ["S2", "S1"]
    for (_, windows), seconds in zip(learnt, (4, 8), strict=True):
        assert 2 * seconds - 3 <= windows <= 2 * seconds - 1, "those that hold nobody else"


def test_a_partial_teaches_nothing_about_who_is_enrolled(oracle, speech, tmp_path: Path) -> None:
    parameters = SpeakerParameters(store=str(tmp_path / "voices"))
    stage = SpeakerStage(parameters, oracle)
    stage.hear(Block(speech((1, 12)), ns(0), True))
    stage.attribute(utterance(0, 4))
    stage.enrolments.from_utterance("Ann", "u0")
    before = (tmp_path / "voices").read_bytes()
    stage.attribute(utterance(4, 8, final=False))
    stage.pause()
    assert (tmp_path / "voices").read_bytes() == before
    stage.attribute(utterance(4, 8))
    stage.pause()
    assert (tmp_path / "voices").read_bytes() != before


def test_an_unknown_engine_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="diarization: unknown backend 'x'"):
        SpeakerStage.load(SpeakerParameters(backend="x"))


def test_every_turn_of_the_sample_has_its_speaker(
    sample_audio: np.ndarray, sample_truth: dict[str, Any]
) -> None:
    stage = SpeakerStage.load(SpeakerParameters())
    assert stage.engine.name == "ge2e"
    stage.hear(Block(sample_audio, ns(0), True))
    ids: dict[str, set[str]] = {}
    for turn in sample_truth["turns"]:
        for part in stage.attribute(utterance(turn["start"], turn["end"])):
            ids.setdefault(turn["speaker"], set()).add(part.speaker_id)
    assert sorted(map(sorted, ids.values())) == [["S1"], ["S2"], ["S3"]]
    assert next(iter(ids.values())) == {"S1"}


def test_two_turns_of_the_sample_in_one_utterance_are_told_apart(
    sample_audio: np.ndarray, sample_truth: dict[str, Any]
) -> None:
    """Those with so little silence between them that they may be heard as one."""
    stage = SpeakerStage.load(SpeakerParameters())
    stage.hear(Block(sample_audio, ns(0), True))
    groups: list[list[dict[str, Any]]] = []
    for turn in sample_truth["turns"]:
        if groups and turn["start"] - groups[-1][-1]["end"] < 0.5:
            groups[-1].append(turn)
        else:
            groups.append([turn])
    assert sorted(map(len, groups))[-4:] == [1, 2, 2, 2]
    ids: dict[str, str] = {}
    for group in groups:
        words = tuple(word for turn in group for word in evenly_spoken(turn))
        text = " ".join(turn["text"] for turn in group)
        whole = Utterance("u", ns(group[0]["start"]), ns(group[-1]["end"]), text, words, "en", 0.9)
        parts = stage.attribute(whole)
        assert [part.text for part in parts] == [turn["text"] for turn in group]
        for part, turn in zip(parts, group, strict=True):
            assert part.speaker_id == ids.setdefault(turn["speaker"], part.speaker_id), turn
    assert ids == {"carl": "S1", "bruno": "S2", "alice": "S3"}


def evenly_spoken(turn: dict[str, Any]) -> list[Word]:
    texts = turn["text"].split()
    edges_s = np.linspace(turn["start"], turn["end"], len(texts) + 1)
    return [
        Word(text, ns(edges_s[number]), ns(edges_s[number + 1]), 0.9) for number, text in enumerate(texts)
    ]


def activity(
    time_s: float, speech: bool, since_s: float, until_s: float, last_s: float, probability: float = 0.95
) -> VoiceActivity:
    times = (ns(time_s) - ns(since_s), ns(until_s), ns(last_s) if last_s else 0)
    return VoiceActivity(ns(time_s), speech, probability, *times)


@pytest.fixture
def settling(oracle: Any) -> SpeakerStage:
    return SpeakerStage(SpeakerParameters(settle_s=3.0), oracle)


def test_until_it_settles_an_utterance_is_a_partial_whose_speaker_may_change(settling, speech) -> None:
    settling.hear(Block(speech((0, 4), (None, 1), (1, 1.5), (None, 1), (1, 4), (None, 5)), ns(0), True))
    settling.attribute(utterance(0, 4))
    # Too short to be a new voice as yet.
    *_, guess = settling.attribute(utterance(5, 6.5))
    assert (guess.final, guess.speaker_id) == (False, "S1")
    parts = settling.attribute(utterance(7.5, 9.4))
    assert [(part.utterance_id, part.final, part.speaker_id) for part in parts] == [
        ("u0", True, "S1"),
        ("u7.5", False, "S2"),
    ]
    settling.follow(activity(9.5, False, 9.4, 9.5, 9.4))
    assert [(part.utterance_id, part.final, part.speaker_id) for part in settling.settled()] == [
        ("u5", True, "S2")
    ]
    assert [part.utterance_id for part in settling.finish()] == ["u7.5"]
    assert settling.finish() == []


@pytest.mark.parametrize(
    ("told", "settles"),
    [
        (activity(6.9, False, 4.0, 6.9, 4.0), False),  # too early
        (activity(7.0, False, 4.0, 7.0, 4.0), True),
        (activity(7.0, False, 6.8, 5.0, 4.0), False),  # what was said from 5 s on is still transcribed
        (activity(7.0, False, 6.8, 7.0, 6.8), False),  # it was published, but is not here
        (activity(7.0, True, 5.0, 5.0, 4.0), True),  # somebody speaks since 5 s and goes on
        (activity(7.0, True, 5.0, 5.0, 4.0, probability=0.9), False),  # perhaps it ended some time ago
        (activity(7.0, True, 6.8, 5.0, 4.0), False),  # somebody speaks, and what was said before is not out
    ],
)
def test_it_settles_when_all_that_could_change_it_is_there(settling, speech, told, settles: bool) -> None:
    settling.hear(Block(speech((0, 8)), ns(0), True))
    settling.attribute(utterance(0, 4))
    settling.follow(told)
    assert bool(settling.settled()) == settles


def test_what_is_said_too_late_changes_nothing(settling, speech) -> None:
    settling.hear(Block(speech((0, 4), (None, 1), (1, 1.5), (None, 1), (1, 6)), ns(0), True))
    settling.attribute(utterance(0, 4))
    settling.attribute(utterance(5, 6.5))
    settled = settling.attribute(utterance(7.5, 13.5))
    assert [(part.utterance_id, part.final, part.speaker_id) for part in settled[:2]] == [
        ("u0", True, "S1"),
        ("u5", True, "S1"),
    ]


def test_at_the_end_of_the_audio_nobody_waits_for_more(settling, speech) -> None:
    settling.hear(Block(speech((0, 4)), ns(0), True))
    settling.attribute(utterance(0, 4))
    settling.follow(activity(4.0, False, 4.0, 4.0, 4.0))
    assert settling.settled() == []
    settling.hear(Block(np.zeros(0, np.float32), ns(4), True))
    assert who(settling.settled()) == ["S1"]


@pytest.mark.parametrize("then", ["more comes", "it is over"])
def test_audio_that_begins_anew_settles_what_was_before(settling, speech, then: str) -> None:
    settling.hear(Block(speech((0, 8)), ns(100), True))
    settling.attribute(replace(utterance(100, 104)))
    settling.follow(activity(104.7, False, 104.0, 104.0, 104.0))
    settling.hear(Block(speech((0, 1)), ns(0), True))
    settling.follow(activity(0.1, False, 0.0, 0.1, 0))
    assert who(settling.settled() if then == "more comes" else settling.finish()) == ["S1"]
    assert settling.finish() == []


def test_what_has_settled_survives_an_engine_that_fails(settling, speech, oracle, monkeypatch) -> None:
    settling.hear(Block(speech((0, 4), (None, 6), (1, 4)), ns(0), True))
    settling.attribute(utterance(0, 4))
    with monkeypatch.context() as broken:
        broken.setattr(oracle, "embed", lambda windows: None)
        with pytest.raises(EngineError):
            settling.attribute(utterance(10, 14))
    assert [part.utterance_id for part in settling.finish()] == ["u0"]


def test_what_is_transcribed_after_the_audio_began_anew_holds_up_nothing(settling, speech) -> None:
    settling.hear(Block(speech((0, 8)), ns(100), True))
    settling.follow(activity(107.9, True, 100, 100, 0))
    settling.hear(Block(speech((0, 9)), ns(0), True))
    settling.follow(activity(0.1, False, 0.0, 0.1, 0))
    settling.attribute(utterance(100, 108))
    assert [part.utterance_id for part in settling.settled()] == ["u100"]
    settling.attribute(utterance(2, 4))
    settling.follow(activity(7.0, False, 6.8, 7.0, 6.8))
    assert settling.settled() == [], "what ended at 6.8 s is not here yet"
    settling.follow(activity(7.1, False, 4.0, 7.1, 4.0))
    assert [part.utterance_id for part in settling.settled()] == ["u2"]


@pytest.mark.parametrize("next_s", [10.0, 12.0], ids=["the end", "a gap"])
def test_a_transcript_that_comes_when_the_audio_is_over_still_settles_as_one_in_time(
    settling, speech, next_s: float
) -> None:
    settling.hear(Block(speech((0, 4), (None, 1), (1, 1.5), (None, 1), (1, 2.5)), ns(0), True))
    settling.hear(Block(np.zeros(0, np.float32), ns(next_s), True))
    settling.attribute(utterance(0, 4))
    settling.follow(activity(4.7, False, 4.0, 4.7, 4.0))
    assert settling.settled() == []
    settling.attribute(utterance(5, 6.5))
    settling.follow(activity(7.4, False, 6.5, 7.4, 6.5))
    assert [part.utterance_id for part in settling.settled()] == ["u0"]
    settling.attribute(utterance(7.5, 9.4))
    settling.follow(activity(10.0, False, 9.4, 10.0, 9.4))
    assert [(part.utterance_id, part.speaker_id) for part in settling.settled()] == [
        ("u5", "S2"),
        ("u7.5", "S2"),
    ]


def test_a_partial_is_not_kept(settling, speech) -> None:
    settling.hear(Block(speech((0, 4)), ns(0), True))
    settling.attribute(utterance(0, 4))
    assert who(settling.attribute(utterance(0, 2, final=False))) == ["S1"]
    assert len(settling.finish()) == 1
