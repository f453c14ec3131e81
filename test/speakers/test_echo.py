from __future__ import annotations

import dataclasses
import unicodedata

import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Suggestion, SuggestionStatus, Trigger, Utterance, VoiceActivity, Word
from stalk_ros.speakers.echo import Echo

S = 1_000_000_000
OFFERED_NS = 100 * S
SUGGESTION = Suggestion(
    OFFERED_NS,
    "t100000",
    SuggestionStatus.OFFERED,
    "You were talking about the lake, what do you like best about it?",
    "en",
    "the lake",
    "",
    (),
    Trigger.SILENCE,
    0.7,
    1.0,
    "topic_bank",
    OFFERED_NS + 10 * S,
)
PERSON, STRANGER = 0, 7


def said(text: str, after_s: float = 5.0, final: bool = True, confidence: float = 0.9) -> Utterance:
    """An utterance that begins so long after the offer; its words take 0.3 s each."""
    start_ns = OFFERED_NS + seconds_to_ns(after_s)
    words = tuple(
        Word(word, start_ns + at * 3 * S // 10, start_ns + (at + 1) * 3 * S // 10, 0.9)
        for at, word in enumerate(text.split())
    )
    return Utterance(
        f"u{start_ns // 1_000_000}",
        start_ns,
        words[-1].end_ns,
        text,
        words,
        speaker_confidence=confidence,
        final=final,
    )


def told(echo: Echo, utterance: Utterance, voice: int) -> list[tuple[str, bool]]:
    return [(piece.text, is_robot) for piece, is_robot in echo.told_apart(utterance, utterance, voice)]


@pytest.fixture
def echo() -> Echo:
    """That of a robot which has just got an offer, after somebody has talked for a while."""
    echo = Echo()
    told(echo, dataclasses.replace(said("hello", -30.0), end_ns=OFFERED_NS - 15 * S), PERSON)
    echo.offered(SUGGESTION)
    return echo


@pytest.mark.parametrize(
    "text",
    [
        "you were talking about the lake what do you like best about it",
        "you were walking about the late what do you like best about it",
        "talking about the lake what do you like",
        "You were talking about the lake. What do you like best about it?",
    ],
)
@pytest.mark.parametrize("final", [True, False])
def test_who_repeats_what_was_offered_is_the_robot(echo, text, final) -> None:
    assert told(echo, said(text, final=final), STRANGER) == [(text, True)]


@pytest.mark.parametrize(
    "text",
    [
        "the lake",
        "i like swimming in it",
        "what do you mean",
        "about the lake i cannot say that much to be honest",
    ],
)
def test_who_answers_it_is_not(echo, text) -> None:
    assert told(echo, said(text), STRANGER) == [(text, False)]


def test_somebody_who_is_known_may_repeat_half_of_it_but_not_all(echo) -> None:
    half, whole = "what do you like best about it", SUGGESTION.text
    assert told(echo, said(half), PERSON) == [(half, False)]
    assert told(echo, said(whole), PERSON) == [(whole, True)]


def test_an_answer_in_the_same_breath_is_the_persons(echo) -> None:
    answer = "oh the little boats of course and swimming in the morning"
    (robot, is_robot), (person, is_person) = echo.told_apart(
        both := said(f"you were talking about the lake what do you like best about it {answer}"), both, PERSON
    )
    assert (is_robot, is_person) == (True, False)
    assert person.text == answer
    assert (robot.start_ns, robot.end_ns) == (both.start_ns, person.start_ns)
    assert person.end_ns == both.end_ns
    assert (robot.utterance_id, person.utterance_id) == (
        both.utterance_id,
        f"u{person.start_ns // 1_000_000}",
    )


@pytest.mark.parametrize(("after_s", "is_robot"), [(-3.0, False), (29.0, True), (31.0, False)])
def test_it_counts_only_from_the_offer_on_and_for_a_while(echo, after_s, is_robot) -> None:
    assert told(echo, said(SUGGESTION.text, after_s), STRANGER) == [(SUGGESTION.text, is_robot)]


def test_a_withdrawn_offer_may_have_been_withdrawn_because_the_robot_is_heard(echo) -> None:
    echo.offered(dataclasses.replace(SUGGESTION, status=SuggestionStatus.WITHDRAWN))
    assert told(echo, said(SUGGESTION.text), STRANGER) == [(SUGGESTION.text, True)]


def test_korean_counts_by_syllables_however_it_is_spaced() -> None:
    echo = Echo()
    text = "강아지를 키워 본 적이 있으세요?"
    echo.offered(dataclasses.replace(SUGGESTION, text=text, language="ko"))
    heard = "강아지를 키워본적이 있으세요"
    assert told(echo, said(heard), STRANGER) == [(heard, True)]
    assert told(echo, said("저는 고양이를 키우고 있어요"), PERSON)[0][1] is False


def test_an_unknown_voice_that_speaks_at_once_is_the_robots_however_it_is_misheard(echo) -> None:
    assert told(echo, said("oh a mountain", 0.5), STRANGER)[0][1] is True
    assert told(echo, said("we are not", 0.5, confidence=0.3), PERSON)[0][1] is True
    assert told(echo, said("well the boats", 0.5), PERSON)[0][1] is False


def test_a_short_answer_of_somebody_who_is_known_is_not_the_robots_for_being_short(echo) -> None:
    assert told(echo, said("yes", 0.5, confidence=0.1), PERSON)[0][1] is True
    assert told(echo, said("yes", 0.5, confidence=0.2), PERSON)[0][1] is False


@pytest.mark.parametrize("after_s", [3.1, 10.0])
def test_an_unknown_voice_that_takes_its_time_is_a_persons(echo, after_s) -> None:
    assert told(echo, said("oh a mountain", after_s), STRANGER)[0][1] is False


def test_when_somebody_has_spoken_since_the_next_one_is_not_the_robot(echo) -> None:
    told(echo, said("well", 0.2), PERSON)
    assert told(echo, said("oh a mountain", 1.0), STRANGER)[0][1] is False


def test_a_microphone_that_was_muted_did_not_hear_the_robot(echo) -> None:
    echo.follow(VoiceActivity(OFFERED_NS + S, False, 0.0, S, OFFERED_NS, muted=True))
    assert told(echo, said("oh a mountain", 2.0), STRANGER)[0][1] is False


def test_the_robots_voice_is_known_from_then_on_until_it_says_more_of_its_own(echo) -> None:
    told(echo, said(SUGGESTION.text), STRANGER)
    greeting = said("welcome to our museum", 100.0)
    assert told(echo, greeting, STRANGER) == [(greeting.text, True)]
    assert not echo.is_robot(PERSON)


def test_a_voice_that_was_taken_for_the_robot_by_mistake_is_soon_a_person_again(echo) -> None:
    """Whoever comes in, speaks right after an offer and goes on talking."""
    assert told(echo, said("hi", 0.5), PERSON + 1)[0][1] is True
    for turn in range(3):
        text = "i am the new one and nobody has told me anything about your robot"
        heard = told(echo, said(text, 40.0 + 10 * turn), PERSON + 1)
    assert heard[0][1] is False


def test_somebody_enrolled_who_comes_in_right_after_an_offer_is_not_the_robot(echo) -> None:
    hello = said("hello everybody", 0.5)
    assert echo.told_apart(hello, hello, STRANGER, enrolled=True) == [(hello, False)]


@pytest.mark.parametrize("again", [SUGGESTION.text, "Where would you like to go next summer?"])
def test_the_robot_may_say_two_offers_in_one_breath(echo, again) -> None:
    later_ns = OFFERED_NS + S
    echo.offered(dataclasses.replace(SUGGESTION, text=again, time_ns=later_ns, suggestion_id="t101000"))
    both, answer = f"{SUGGESTION.text} {again}", "oh the little boats of course and swimming in the morning"
    assert told(echo, said(both), STRANGER) == [(both, True)]
    assert told(echo, said(f"{both} {answer}"), PERSON) == [(both, True), (answer, False)]


def test_letters_are_the_same_however_they_are_encoded(echo) -> None:
    text = "강아지를 키워 본 적이 있으세요?"
    echo.offered(dataclasses.replace(SUGGESTION, text=text, language="ko"))
    decomposed = unicodedata.normalize("NFD", text)
    assert told(echo, said(decomposed), STRANGER) == [(decomposed, True)]


def test_a_letter_with_an_accent_makes_nobody_the_robot() -> None:
    echo = Echo()
    chance = "José what do you like most about the lake"
    text = "Which bird or insect would you like to know more about?"
    echo.offered(dataclasses.replace(SUGGESTION, text=text))
    assert told(echo, said(chance), STRANGER) == [(chance, False)]


def test_offers_of_a_stream_that_is_over_are_not_said_in_the_next_one(echo) -> None:
    told(echo, said("well", 0.2), PERSON)
    echo.new_stream()
    early = dataclasses.replace(SUGGESTION, time_ns=10 * S, valid_until_ns=20 * S)
    echo.offered(early)
    assert told(echo, said("oh a mountain", -89.5), STRANGER)[0][1] is True
    assert told(echo, said(SUGGESTION.text), PERSON) == [(SUGGESTION.text, False)]


@pytest.mark.parametrize(
    ("text", "after_s", "heard"),
    [(SUGGESTION.text, 5.0, True), ("oh a mountain", 0.5, True), ("what do you mean", 5.0, False)],
)
def test_it_is_known_from_then_on_that_one_voice_is_no_persons(echo, text, after_s, heard) -> None:
    first, later = said(text, after_s), said("something else", 60.0)
    echo.is_heard(first)
    told(echo, first, STRANGER)
    assert echo.is_heard(later) == heard
