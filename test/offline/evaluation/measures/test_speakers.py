"""Diarization error rate, counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Utterance
from stalk_ros.offline.evaluation.measures.speakers import Errors, ratios
from stalk_ros.offline.evaluation.references import Reference, Span
from stalk_ros.offline.evaluation.scores import Ratio

KNOWN = (Span(0.0, 10.0, "ann"), Span(10.0, 20.0, "bob"))
VOICES = st.permutations(["A", "B", "C"])
PIECES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10), st.integers(0, 2)), max_size=8)


def said(*spans: tuple[float, float, str], start_s: float = 0.0) -> list[Utterance]:
    return [
        Utterance("u", seconds_to_ns(start_s + start), seconds_to_ns(start_s + end), "x", speaker_id=voice)
        for start, end, voice in spans
    ]


def measured(*spans: tuple[float, float, str], known: tuple[Span, ...] = KNOWN) -> dict[str, Ratio]:
    return ratios(Reference(spans=known), said(*spans), 0, 30.0)


def approximately(part: float, whole: float) -> Ratio:
    return Ratio(pytest.approx(part), pytest.approx(whole))


def test_a_quarter_second_on_each_side_of_a_boundary_does_not_count() -> None:
    found = measured((0.2, 10.2, "B"), (10.2, 20.2, "A"))
    assert found["DER"] == approximately(0.0, 19.0)  # 20 s less 0.25 + 0.5 + 0.25 s


def test_the_parts_are_what_is_missed_invented_and_confused() -> None:
    found = measured((0.0, 8.0, "A"), (10.0, 17.0, "B"), (17.0, 20.0, "A"), (22.0, 24.0, "B"))
    assert found["DER missed"] == approximately(1.75, 19.0)
    assert found["DER confusion"] == approximately(2.75, 19.0)
    assert found["DER false alarm"] == approximately(2.0, 19.0)
    assert found["DER"] == approximately(6.5, 19.0)


def test_overlap_counts_twice() -> None:
    known = (Span(0.0, 10.0, "ann"), Span(0.0, 10.0, "bob"))
    assert measured((0.0, 10.0, "A"), known=known)["DER missed"] == approximately(9.5, 19.0)


def test_times_are_those_since_the_recording_began() -> None:
    late = said((0.0, 10.0, "A"), (10.0, 20.0, "B"), start_s=1_700_000_000.0)
    found = ratios(Reference(spans=KNOWN), late, seconds_to_ns(1_700_000_000.0), 30.0)
    assert found["DER"] == approximately(0.0, 19.0)


def test_what_is_not_scored_does_not_count() -> None:
    reference = Reference(spans=KNOWN, unscored_s=((8.0, 12.0), (20.0, 25.0)))
    found = ratios(reference, said((0.0, 8.0, "A"), (12.0, 20.0, "B"), (21.0, 24.0, "C")), 0, 30.0)
    assert found["DER"] == approximately(0.0, 15.5)


def test_speech_where_nobody_speaks_counts_against_nothing() -> None:
    assert measured((1.0, 3.0, "A"), known=())["DER"] == approximately(2.0, 0.0)
    assert measured((1.0, 3.0, "A"), known=())["JER"] == Ratio(0.0, 0.0)


def test_voices_are_counted_and_nobody_is_none() -> None:
    found = measured((0.0, 10.0, "A"), (10.0, 15.0, "B"), (15.0, 20.0, ""))
    assert (found["voices"], found["voices found"], found["voices right"]) == (
        *[Ratio(2, 1)] * 2,
        Ratio(1, 1),
    )
    found = measured((0.0, 10.0, "A"), (10.0, 15.0, "B"), (15.0, 20.0, "C"))
    assert (found["voices"], found["voices found"], found["voices right"]) == (
        Ratio(2, 1),
        Ratio(3, 1),
        Ratio(0, 1),
    )


def test_without_a_truth_nothing_is_said_about_speakers() -> None:
    assert ratios(Reference(), said((0.0, 1.0, "A")), 0, 30.0) == {}


def test_a_speaker_s_error_is_a_share_of_the_time_of_both() -> None:
    # ann: 2 of 10 s missed. bob: all right, but 10 s more than he spoke.
    found = measured((0.0, 8.0, "A"), (10.0, 30.0, "B"))
    assert found["JER"] == approximately(0.2 + 0.5, 2.0)


@given(PIECES, PIECES, VOICES)
def test_names_of_voices_do_not_matter(known: list, heard: list, names: list[str]) -> None:
    spans = tuple(Span(start, start + length, str(who)) for start, length, who in known)
    one = measured(*((start, start + length, "ABC"[who]) for start, length, who in heard), known=spans)
    other = measured(*((start, start + length, names[who]) for start, length, who in heard), known=spans)
    for name in ("DER", "DER missed", "DER false alarm", "DER confusion"):  # JER tells equal voices by name
        assert other[name] == approximately(one[name].part, one[name].whole)


def test_errors_of_recordings_add_up() -> None:
    whole = Errors(10.0, 1.0, 2.0, 1.0) + Errors(10.0, 3.0, 0.0, 1.0)
    assert (whole.rate, whole.parts) == (0.4, (0.2, 0.1, 0.1))
    assert (Errors().rate, Errors().parts) == (None, (None, None, None))
