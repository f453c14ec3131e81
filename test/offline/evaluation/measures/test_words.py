"""Word and character error rate, counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.events import Utterance, Word
from stalk_ros.offline.evaluation.measures.words import by_turn, normal, ratios, word_errors, words_of
from stalk_ros.offline.evaluation.references import Reference, TimedWord, Turn
from stalk_ros.offline.evaluation.scores import Ratio

TEXTS = st.lists(st.sampled_from("abc"), max_size=8).map(" ".join)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=4)


def spoken(text: str, start_s: float = 0.0) -> list[TimedWord]:
    """A word each second."""
    return [TimedWord(word, start_s + at, start_s + at + 0.5) for at, word in enumerate(text.split())]


def test_each_kind_of_error_is_counted() -> None:
    found = ratios(Reference(text="The cat sat down."), spoken("a cat sat down now really"), "en")
    assert found["WER"] == Ratio(3, 4)
    assert found["WER substituted"] == Ratio(1, 4)
    assert found["WER inserted"] == Ratio(2, 4)
    assert found["WER deleted"] == Ratio(0, 4)
    assert ratios(Reference(text="the cat sat"), spoken("the sat"), "en")["WER deleted"] == Ratio(1, 3)


def test_characters_are_counted_without_spaces() -> None:
    found = ratios(Reference(text="ice cream"), spoken("i scream"), "en")
    assert found["CER"] == Ratio(2, 8)  # one "s" for a "c", and an "e" that is missing


def test_a_language_without_spaces_has_no_words() -> None:
    found = ratios(Reference(text="これはペンです。"), spoken("これ は ベン です"), "ja-JP")
    assert found == {"CER": Ratio(1, 7)}


def test_a_korean_text_has_words_and_syllables() -> None:
    found = ratios(Reference(text="길 한 옆으로"), spoken("길 한옆으로"), "ko")
    assert found["WER"] == Ratio(2, 3)
    assert found["CER"] == Ratio(0, 5)


def test_only_turns_whose_text_is_known_count() -> None:
    turns = (Turn(0.0, 3.0, "ann", None), Turn(10.0, 13.0, "bob", "good morning all"))
    heard = [*spoken("what is this"), *spoken("good evening", 10.0)]
    assert ratios(Reference(turns=turns), heard, "en")["WER"] == Ratio(2, 3)


def test_where_all_is_known_words_between_the_turns_count_too() -> None:
    turns = (Turn(0.0, 3.0, "ann", "good morning"),)
    assert ratios(Reference(turns=turns), spoken("good morning all", 8.0), "en")["WER"] == Ratio(1, 2)


def test_the_text_of_all_counts_where_turns_lack_theirs() -> None:
    reference = Reference(turns=(Turn(0.0, 3.0, "ann", None),), text="good morning")
    assert ratios(reference, spoken("good evening"), "en")["WER"] == Ratio(1, 2)


def test_where_two_speak_at_once_the_times_of_words_tell_the_order() -> None:
    turns = (Turn(0.0, 3.0, "ann", "one three"), Turn(1.0, 2.0, "bob", "two"))
    words = tuple(spoken("one two three"))
    assert ratios(Reference(turns=turns, words=words), list(words), "en")["WER"] == Ratio(0, 3)
    assert ratios(Reference(turns=turns), list(words), "en")["WER"] == Ratio(2, 3)


def test_what_is_heard_where_nothing_is_said_counts_against_nothing() -> None:
    assert ratios(Reference(text=""), spoken("thank you"), "en")["WER"] == Ratio(2, 0)
    assert ratios(Reference(turns=()), spoken("thank you"), "en")["WER"] == Ratio(2, 0)
    assert ratios(Reference(text="hello"), [], "en")["WER"] == Ratio(1, 1)


def test_without_any_text_nothing_is_said_about_words() -> None:
    assert ratios(Reference(), spoken("hello"), "en") == {}
    assert ratios(Reference(turns=(Turn(0.0, 1.0, "ann", None),)), spoken("hello"), "en") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t — STOP!", "don't stop"),
        ("cafe\u0301 (re-opened)", "café re opened"),
        ("नमस्ते, दुनिया।", "नमस्ते दुनिया"),
        ("5 €", "5"),
    ],
)
def test_texts_are_compared_without_case_and_punctuation(text: str, expected: str) -> None:
    assert normal(text) == expected


def test_an_utterance_without_times_of_words_is_one_piece() -> None:
    whole = Utterance("u1", 3_000_000_000, 4_000_000_000, "hello there", speaker_id="S1")
    timed = Utterance(
        "u2", 1_000_000_000, 2_000_000_000, "hi", (Word("hi", 1_500_000_000, 1_700_000_000, 1.0),)
    )
    assert words_of([whole, timed], 1_000_000_000) == [
        TimedWord("hi", 0.5, 0.7),
        TimedWord("hello there", 2.0, 3.0, "S1"),
    ]


def test_a_turn_has_the_words_whose_middle_lies_in_it() -> None:
    heard = [TimedWord("a", 0.0, 1.0), TimedWord("b", 0.9, 1.3), TimedWord("c", 1.9, 2.3)]
    assert list(by_turn([Turn(1.0, 2.0, "ann", "x"), Turn(0.0, 9.0, "bob", None)], heard)) == [("x", "b")]


@given(PAIRS, PAIRS)
def test_errors_of_recordings_add_up(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    assert word_errors([*one, *other]) == word_errors(one) + word_errors(other)


@given(st.lists(TEXTS))
def test_the_same_words_have_no_errors(texts: list[str]) -> None:
    errors = word_errors([(text, text) for text in texts])
    assert (errors.substituted, errors.deleted, errors.inserted) == (0, 0, 0)
    assert errors.words == sum(len(text.split()) for text in texts)
