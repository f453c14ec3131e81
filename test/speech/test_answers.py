from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.errors import EngineError
from stalk_ros.speech import Removal, TranscribedWord, Transcript
from stalk_ros.speech.answers import checked

WORDS = (TranscribedWord("so", 0.1, 0.3, 0.9), TranscribedWord("it", 0.3, 0.5, 0.8))
GOOD = Transcript("so it", WORDS, "en", 0.85, (Removal("loop", "it it"),))


def test_a_good_answer_stays_as_it_is() -> None:
    assert checked(GOOD, 1.0, "e") == GOOD


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "so it",
        replace(GOOD, text=None),
        replace(GOOD, text=b"so it"),
        replace(GOOD, language=None),
        replace(GOOD, confidence=None),
        replace(GOOD, confidence=math.nan),
        replace(GOOD, words=None),
        replace(GOOD, words=(("so", 0.1, 0.3, 0.9),)),
        replace(GOOD, words=(replace(WORDS[0], start_s=math.inf),)),
        replace(GOOD, words=(replace(WORDS[0], probability="sure"),)),
        replace(GOOD, words=(replace(WORDS[0], text=7),)),
        replace(GOOD, removed=None),
        replace(GOOD, removed=("it it",)),
    ],
)
def test_what_is_no_transcript_is_an_error_that_names_the_engine(answer: Any) -> None:
    with pytest.raises(EngineError, match=r"^engine 'parrot' did not answer with a transcript: "):
        checked(answer, 1.0, "parrot")


def test_numbers_of_other_libraries_become_pythons_own() -> None:
    word = TranscribedWord("so", np.float32(0.5), 1, np.float64(0.5))  # type: ignore[arg-type]
    answer = checked(replace(GOOD, words=(word,), confidence=1), 1.0, "e")
    (word,) = answer.words
    assert {type(value) for value in (word.start_s, word.end_s, word.probability)} == {float}
    assert type(answer.confidence) is float


def test_text_is_such_as_a_terminal_and_a_message_can_take() -> None:
    answer = replace(GOOD, text="so\n\x1b[31mit\x00 \ud800was", words=(replace(WORDS[0], text="so\t"),))
    answer = checked(answer, 1.0, "e")
    assert (answer.text, answer.words[0].text) == ("so [31mit   was", "so")


times = st.floats(-5, 20)


@given(st.lists(st.tuples(times, times, st.floats(-1, 7)), max_size=8), st.floats(0.1, 10))
def test_words_are_in_order_and_within_the_audio(numbers, duration_s) -> None:
    words = tuple(TranscribedWord("w", *each) for each in numbers)
    placed = checked(replace(GOOD, words=words), duration_s, "e").words
    assert len(placed) == len(words)
    starts = [word.start_s for word in placed]
    assert starts == sorted(starts)
    for word in placed:
        assert 0 <= word.start_s <= word.end_s <= duration_s
        assert 0 <= word.probability <= 1
