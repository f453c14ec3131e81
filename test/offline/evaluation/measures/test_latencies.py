"""Delays are counted from what was said, in audio time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Suggestion, SuggestionStatus, Trigger, Utterance, Word
from stalk_ros.offline.evaluation.heard import Heard, Told
from stalk_ros.offline.evaluation.measures.latencies import offers_s, times_s
from stalk_ros.offline.evaluation.references import Reference, Span, TimedWord

START_S = 1_700_000_000.0
WORDS = (TimedWord("hello", 1.0, 1.5), TimedWord("there", 1.6, 2.0))


def at_ns(time_s: float) -> int:
    return seconds_to_ns(START_S) + seconds_to_ns(time_s)


def heard(*told: tuple[Utterance | Suggestion, float], duration_s: float = 60.0) -> Heard:
    items = tuple(Told(event, at_ns(time_s)) for event, time_s in told)
    written = tuple(item for item in items if isinstance(item.event, Utterance) and item.event.final)
    return Heard(at_ns(0.0), duration_s, items, written, ())


UTTERANCE = Utterance(
    "u1",
    at_ns(0.9),
    at_ns(2.2),
    "hello there",
    (Word("hello", at_ns(1.1), at_ns(1.5), 1.0), Word("there", at_ns(1.6), at_ns(1.9), 1.0)),
)
PARTIAL = replace(UTTERANCE, final=False)


def offer(time_s: float, status: SuggestionStatus, suggestion_id: str = "t1") -> Suggestion:
    sentence = "Shall we talk?"
    return Suggestion(
        at_ns(time_s), suggestion_id, status, sentence, "en", "", "", (), Trigger.SILENCE, 1.0, 1.0, "bank", 0
    )


def test_a_final_is_late_by_the_true_end_of_its_last_word() -> None:
    found = times_s(Reference(words=(*WORDS, TimedWord("next", 2.5, 2.9))), heard((UTTERANCE, 2.7)))
    assert found["final after last word"] == pytest.approx((0.7,))


def test_a_speaker_who_is_known_at_the_end_of_the_breath_is_late_and_the_text_is_not() -> None:
    """Diarization tells the breath of two people as two utterances."""
    other = replace(
        UTTERANCE, start_ns=at_ns(3.0), end_ns=at_ns(8.0), words=(Word("yes", at_ns(7.5), at_ns(8.0), 1.0),)
    )
    breath = replace(UTTERANCE, end_ns=at_ns(8.0), words=UTTERANCE.words + other.words)
    found = times_s(
        Reference(),
        Heard(
            at_ns(0.0),
            60.0,
            tuple(Told(part, at_ns(8.7)) for part in (UTTERANCE, other)),
            (Told(breath, at_ns(8.6)),),
            (),
        ),
    )
    assert found["final after last word"] == pytest.approx((0.6,))
    assert found["speaker after last word"] == pytest.approx((6.8, 0.7))


def test_without_true_words_those_heard_tell_the_time() -> None:
    found = times_s(Reference(), heard((PARTIAL, 1.8), (UTTERANCE, 2.7)))
    assert found["final after last word"] == pytest.approx((0.8,))
    assert found["partial after first word"] == pytest.approx((0.7,))


def test_only_the_first_partial_with_a_text_counts() -> None:
    events = ((replace(PARTIAL, text="", words=()), 1.2), (PARTIAL, 1.8), (PARTIAL, 2.3), (UTTERANCE, 2.7))
    assert times_s(Reference(words=WORDS), heard(*events))["partial after first word"] == pytest.approx(
        (0.8,)
    )


def test_a_final_that_takes_its_partials_back_does_not_count() -> None:
    assert times_s(Reference(), heard((replace(UTTERANCE, text=""), 2.7)))["final after last word"] == ()


def test_a_final_that_the_end_of_the_recording_brought_does_not_count() -> None:
    found = times_s(Reference(words=WORDS), heard((UTTERANCE, 2.3), duration_s=2.3))
    assert found["final after last word"] == ()


def test_a_withdrawal_is_late_by_the_true_start_of_speech() -> None:
    spans = (Span(1.0, 5.0, "ann"), Span(12.0, 15.0, "bob"), Span(12.05, 13.0, "ann"))
    told = heard((offer(9, SuggestionStatus.OFFERED), 9.1), (offer(12.1, SuggestionStatus.WITHDRAWN), 12.1))
    assert times_s(Reference(spans=spans), told)["withdrawal after speech"] == pytest.approx((0.1,))
    assert offers_s(told) == pytest.approx([9.1])


def test_a_withdrawal_while_nobody_speaks_does_not_count() -> None:
    told = heard((offer(9, SuggestionStatus.OFFERED), 9.0), (offer(11, SuggestionStatus.WITHDRAWN), 11.0))
    reference = Reference(spans=(Span(1.0, 5.0, "ann"), Span(12.0, 15.0, "bob")))
    assert times_s(reference, told)["withdrawal after speech"] == ()
