from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stalk_ros.clock import seconds_to_ns
from stalk_ros.speech import SpeechParameters
from stalk_ros.speech.endpointing import WINDOW_NS, Change, Endpointer

START_NS = 1_000_000_007
SPEECH, SILENCE = 0.9, 0.01


def endpointer(**parameters: Any) -> Endpointer:
    return Endpointer(SpeechParameters(**parameters), START_NS)


def steps(listener: Endpointer, probabilities: list[float], begin: int = 0) -> list[Change]:
    changes = []
    for number, probability in enumerate(probabilities, begin + 1):
        changes += listener.step(probability, START_NS + number * WINDOW_NS)
    return changes


def at(windows: float) -> int:
    return START_NS + round(windows * WINDOW_NS)


def test_speech_begins_with_its_first_sound_and_ends_with_its_last() -> None:
    changes = steps(endpointer(), [SILENCE] * 10 + [SPEECH] * 20 + [SILENCE] * 30)
    assert changes == [Change(True, at(10)), Change(False, at(30))]


def test_a_short_sound_is_no_speech() -> None:
    clicks = ([SPEECH] * 3 + [SILENCE]) * 10
    assert steps(endpointer(min_speech_s=0.1), clicks) == []
    assert steps(endpointer(min_speech_s=0.096), clicks)[:1] == [Change(True, at(0))]


@pytest.mark.parametrize(("min_speech_s", "windows"), [(1.0, 32), (1.05, 33), (2.0, 63)])
def test_speech_begins_even_where_it_must_last_longer_than_it_may_be_in_doubt(
    min_speech_s: float, windows: int
) -> None:
    listener = endpointer(min_speech_s=min_speech_s)
    assert steps(listener, [SPEECH] * (windows - 1)) == []
    (change,) = steps(listener, [SPEECH], windows - 1)
    assert change == Change(True, listener.since_ns)
    assert at(0) <= change.at_ns < at(1)


def test_the_onset_of_a_sound_is_known_before_it_is_speech() -> None:
    listener = endpointer()
    steps(listener, [SILENCE, SPEECH, SPEECH])
    assert (listener.speech, listener.onset_ns) == (False, at(1))
    steps(listener, [SILENCE], 3)
    assert listener.onset_ns is None
    steps(listener, [SPEECH] * 4, 4)
    assert (listener.speech, listener.since_ns, listener.onset_ns) == (True, at(4), None)


def test_speech_begins_only_where_the_detector_is_sure_once() -> None:
    """The sound before belongs to it; a threshold of 0.5 asks for 0.9, one of 0.3 for 0.86."""
    assert steps(endpointer(), [0.8] * 20) == []
    assert steps(endpointer(), [0.6] * 10 + [0.91]) == [Change(True, at(0))]
    assert steps(endpointer(), [0.91] + [0.4] * 3) == [Change(True, at(0))]
    assert steps(endpointer(), [0.91, SILENCE, 0.6, 0.6, 0.6, 0.6, 0.6]) == [], "that was another sound"
    assert steps(endpointer(speech_threshold=0.3), [0.85] * 20) == []
    assert steps(endpointer(speech_threshold=0.3), [0.87] * 4) == [Change(True, at(0))]


def test_a_sound_that_stays_in_doubt_does_not_hold_back_more_than_a_second() -> None:
    listener = endpointer()
    steps(listener, [0.8] * 100)
    assert listener.onset_ns == at(100) - seconds_to_ns(1)
    assert steps(listener, [0.95], 100) == [Change(True, at(101) - seconds_to_ns(1))]


def test_speech_goes_on_at_a_probability_too_low_to_begin_it() -> None:
    assert steps(endpointer(speech_threshold=0.5), [0.4] * 50) == []
    changes = steps(endpointer(speech_threshold=0.5), [SPEECH] * 5 + [0.4] * 50 + [0.3] * 30)
    assert changes == [Change(True, at(0)), Change(False, at(55))]
    changes = steps(endpointer(speech_threshold=0.1), [SPEECH] * 5 + [0.06] * 50 + [0.04] * 30)
    assert changes == [Change(True, at(0)), Change(False, at(55))], "a low threshold still has a floor"


@pytest.mark.parametrize("end_of_turn_s", [0.1, 0.6, 2.0])
def test_only_a_long_enough_silence_ends_a_turn(end_of_turn_s: float) -> None:
    enough = -(-seconds_to_ns(end_of_turn_s) // WINDOW_NS)
    almost = [SPEECH] * 10 + [SILENCE] * (enough - 1)
    listener = endpointer(end_of_turn_s=end_of_turn_s)
    assert steps(listener, almost + almost) == [Change(True, at(0))]
    assert steps(listener, [SILENCE], 2 * len(almost)) == [Change(False, at(len(almost) + 10))]
    assert (listener.speech, listener.since_ns) == (False, at(len(almost) + 10))


def test_a_long_utterance_is_cut_at_the_deepest_pause_of_its_later_half() -> None:
    probabilities = [SPEECH] * 157
    probabilities[30:40], probabilities[98:103], probabilities[120:125] = [0.01] * 10, [0.05] * 5, [0.1] * 5
    probabilities[100] = 0.04
    listener = endpointer(max_utterance_s=5.0)
    cut = at(100.5)
    assert steps(listener, probabilities) == [
        Change(True, at(0)),
        Change(False, cut, cut=True),
        Change(True, cut, cut=True),
    ]
    assert (listener.speech, listener.since_ns) == (True, cut)
    assert listener.finish() == [Change(False, at(157))]


def test_where_there_is_no_pause_to_cut_in_the_parts_overlap() -> None:
    probabilities = [SPEECH] * 157
    probabilities[100] = 0.05
    _, end, begin = steps(endpointer(max_utterance_s=5.0), probabilities)
    assert (end.at_ns, end.cut, end.overlap_ns) == (at(100.5), True, seconds_to_ns(0.5))
    assert (begin.at_ns, begin.cut, begin.overlap_ns) == (at(100.5), True, seconds_to_ns(0.5))


@pytest.mark.parametrize(("level", "overlap_s"), [(0.34, 0.0), (0.36, 0.5), (0.6, 0.5)])
def test_the_parts_overlap_unless_all_of_the_pause_is_below_the_level_at_which_speech_goes_on(
    level: float, overlap_s: float
) -> None:
    probabilities = [SPEECH] * 157
    probabilities[100:105] = [SILENCE, 0.005, level, SILENCE, SILENCE]
    _, end, begin = steps(endpointer(max_utterance_s=5.0), probabilities)
    assert end.at_ns == begin.at_ns == at(101.5)
    assert end.overlap_ns == begin.overlap_ns == seconds_to_ns(overlap_s)


@pytest.mark.parametrize("dip", [100, 139, 140, 141, 142, 150, 156])
def test_an_utterance_is_not_cut_in_its_last_half_second_so_that_the_overlap_is_whole(dip: int) -> None:
    probabilities = [SPEECH] * 157
    probabilities[dip] = 0.5
    _, end, _ = steps(endpointer(max_utterance_s=5.0), probabilities)
    assert end.at_ns + seconds_to_ns(0.5) <= at(157)
    assert (end.at_ns == at(dip + 0.5)) == (dip <= 140), "the deepest pause there is"


def test_a_pause_at_the_maximum_length_ends_the_utterance() -> None:
    changes = steps(endpointer(max_utterance_s=5.0), [SPEECH] * 152 + [SILENCE] * 5)
    assert changes == [Change(True, at(0)), Change(False, at(152))]


@pytest.mark.parametrize("closed", [1, 4])
def test_the_closure_of_a_consonant_at_the_maximum_length_does_not_end_the_utterance(closed: int) -> None:
    probabilities = [SPEECH] * (157 - closed) + [SILENCE] * closed
    listener = endpointer(max_utterance_s=5.0)
    changes = steps(listener, probabilities)
    assert [(change.speech, change.cut) for change in changes] == [(True, False), (False, True), (True, True)]
    assert listener.speech


def test_what_lies_before_a_cut_or_an_utterance_is_not_kept() -> None:
    listener = endpointer(max_utterance_s=5.0)
    for number, probability in enumerate(([SPEECH] * 400 + [SILENCE] * 30) * 2):
        steps(listener, [probability], number)
        assert not listener.speech or all(listener.since_ns < end_ns for _, end_ns in listener._windows)


def test_speech_that_is_far_too_long_for_a_lowered_limit_is_cut_again_and_again() -> None:
    listener = endpointer(max_utterance_s=60.0)
    steps(listener, [SPEECH] * 1_000)
    listener.parameters = SpeechParameters(max_utterance_s=5.0)
    cuts = [change.at_ns for change in steps(listener, [SPEECH] * 10, 1_000) if change.speech]
    assert len(cuts) == 3
    assert cuts == sorted(cuts)
    assert at(1_010) - listener.since_ns < seconds_to_ns(5.0)


def test_an_utterance_that_gets_too_long_in_silence_ends_there() -> None:
    """Otherwise nobody would speak in the part after the cut."""
    probabilities = [SPEECH] * 145 + [SILENCE] * 30
    assert steps(endpointer(max_utterance_s=5.0), probabilities) == [
        Change(True, at(0)),
        Change(False, at(145)),
    ]


def test_the_end_of_the_audio_ends_the_speech() -> None:
    listener = endpointer()
    steps(listener, [SPEECH] * 10 + [SILENCE] * 5)
    assert listener.finish() == [Change(False, at(10))]
    assert listener.finish() == []
    steps(listener, [SPEECH] * 2, 15)
    assert listener.finish() == [], "too short to be speech"
    assert listener.onset_ns is None


def test_changed_parameters_count_at_once() -> None:
    listener = endpointer()
    steps(listener, [SPEECH] * 10 + [SILENCE] * 5)
    listener.parameters = SpeechParameters(end_of_turn_s=0.1)
    assert steps(listener, [SILENCE], 15) == [Change(False, at(10))]


@settings(deadline=None, max_examples=60)
@given(
    runs=st.lists(
        st.tuples(st.sampled_from([0.0, 0.05, 0.3, 0.4, 0.6, 1.0]), st.integers(1, 120)), max_size=30
    ),
    end_of_turn_s=st.sampled_from([0.1, 0.3, 0.6]),
    finish=st.booleans(),
)
def test_utterances_follow_each_other_and_none_is_empty_or_too_long(runs, end_of_turn_s, finish) -> None:
    listener = endpointer(max_utterance_s=5.0, end_of_turn_s=end_of_turn_s)
    changes = steps(listener, [probability for probability, length in runs for _ in range(length)])
    changes += listener.finish() if finish else []
    assert [change.speech for change in changes] == [number % 2 == 0 for number in range(len(changes))]
    times = [START_NS, *(change.at_ns for change in changes)]
    assert times == sorted(times)
    for begin, end in zip(changes[::2], changes[1::2], strict=False):
        assert 0 < end.at_ns - begin.at_ns <= seconds_to_ns(5.0) + WINDOW_NS
