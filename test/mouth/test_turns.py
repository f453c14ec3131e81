from __future__ import annotations

from dataclasses import replace

import pytest

from stalk_ros.events import Suggestion, SuggestionStatus, Trigger
from stalk_ros.mouth import Turns

SECOND_NS = 1_000_000_000


def offer(number: int = 1, time_s: float = 100.0, valid_s: float = 10.0, text: str = "Hello.") -> Suggestion:
    time_ns = round(time_s * SECOND_NS)
    return Suggestion(
        time_ns,
        f"t{number}",
        SuggestionStatus.OFFERED,
        text,
        "en",
        "",
        "",
        (),
        Trigger.SILENCE,
        0.8,
        0.9,
        "topic_bank",
        time_ns + round(valid_s * SECOND_NS),
    )


def withdrawal(of: Suggestion) -> Suggestion:
    return replace(of, status=SuggestionStatus.WITHDRAWN)


@pytest.fixture
def turns() -> Turns:
    turns = Turns()
    turns.begin()
    return turns


def said(turns: Turns) -> str | None:
    turn = turns.take()
    return turn.offer.suggestion_id if turn else None


def test_an_offer_is_said_once_however_often_it_comes(turns) -> None:
    assert turns.suggested(offer())
    assert not turns.suggested(offer())
    assert said(turns) == "t1"
    assert not turns.suggested(offer())
    assert said(turns) is None


def test_an_offer_that_comes_again_while_it_waits_keeps_its_turn(turns) -> None:
    turns.suggested(offer(1))
    turns.suggested(offer(1))
    assert said(turns) == "t1"


def test_a_withdrawn_offer_is_never_said(turns) -> None:
    turns.suggested(offer())
    turns.suggested(withdrawal(offer()))
    assert said(turns) is None
    assert not turns.suggested(offer())
    assert said(turns) is None


def test_a_withdrawal_may_overtake_its_offer(turns) -> None:
    turns.suggested(withdrawal(offer()))
    assert not turns.suggested(offer())
    assert said(turns) is None


def test_the_withdrawal_of_another_offer_changes_nothing(turns) -> None:
    turns.suggested(offer(1))
    turns.suggested(offer(2))
    turns.suggested(withdrawal(offer(1)))
    turn = turns.take()
    turns.suggested(withdrawal(offer(1)))
    assert turn.offer.suggestion_id == "t2"
    assert not turn.over.is_set()


def test_a_withdrawal_ends_the_turn(turns) -> None:
    turns.suggested(offer())
    turn = turns.take()
    assert not turn.over.is_set()
    turns.suggested(withdrawal(offer()))
    assert turn.over.is_set()


def test_a_withdrawal_need_not_end_the_turn_and_never_comes_too_late_for_what_waits(turns) -> None:
    turns.suggested(offer(1))
    turn = turns.take()
    turns.suggested(offer(2))
    turns.suggested(withdrawal(offer(1)), interrupt=False)
    turns.suggested(withdrawal(offer(2)), interrupt=False)
    assert not turn.over.is_set()
    assert said(turns) is None


def test_a_newer_offer_replaces_the_one_that_waits(turns) -> None:
    turns.suggested(offer(1))
    turns.suggested(offer(2))
    assert said(turns) == "t2"
    assert said(turns) is None


@pytest.mark.parametrize(("now_s", "is_said"), [(109.9, True), (110.0, True), (110.1, False), (1e6, False)])
def test_validity_is_judged_by_the_time_of_the_audio(turns, now_s, is_said) -> None:
    turns.suggested(offer())
    turns.heard(round(now_s * SECOND_NS))
    assert (said(turns) == "t1") == is_said
    assert turns.expired == (not is_said)


def test_without_voice_activity_it_is_the_time_of_the_offer(turns) -> None:
    turns.suggested(offer())
    assert said(turns) == "t1"
    turns.suggested(offer(2, valid_s=-1.0))
    assert said(turns) is None


def test_another_stream_of_audio_has_another_time(turns) -> None:
    turns.heard(1000 * SECOND_NS)
    turns.heard(5 * SECOND_NS)
    turns.suggested(offer(time_s=5.0))
    assert said(turns) == "t1"


def test_a_suggestion_without_a_word_is_no_offer(turns) -> None:
    assert not turns.suggested(offer(text=" \x00\n"))
    assert said(turns) is None


def test_at_the_end_the_turn_is_over_and_nothing_waits(turns) -> None:
    turns.suggested(offer(1))
    turn = turns.take()
    turns.suggested(offer(2))
    turns.end()
    assert turn.over.is_set()
    assert not turns.suggested(offer(3))
    turns.begin()
    assert said(turns) is None
    assert not turns.suggested(offer(1))


def test_many_suggestions_later_old_ids_are_forgotten(turns) -> None:
    for number in range(3000):
        turns.suggested(offer(number))
    assert len(turns._known) == 1000
    assert not turns.suggested(offer(2999))
