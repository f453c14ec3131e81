from __future__ import annotations

import pytest

from stalk_ros.events import Suggestion, SuggestionStatus, Trigger, Utterance, Word
from stalk_ros.topics.memory import Memory

S = 1_000_000_000


@pytest.fixture(scope="session")
def said():
    """``said("S1:text", start_s, …)`` -> utterance of 2 s; words marked with a ~ are improbable."""

    def make(line, start_s=0.0, length_s=2.0, language="en", **fields):
        speaker, _, text = line.partition(":")
        start, end = int(start_s * S), int((start_s + length_s) * S)
        words = ()
        if "~" in text:
            words = tuple(
                Word(word.removeprefix("~"), start, end, 0.3 if word.startswith("~") else 0.9)
                for word in text.split()
            )
        text = text.replace("~", "")
        return Utterance(
            f"u{start}", start, end, text, words, language=language, speaker_id=speaker, **fields
        )

    return make


@pytest.fixture(scope="session")
def remembering(said):
    """``remembering("S1:text", …)`` -> a memory that heard these turns, one each 6 s."""

    def make(*lines, language="en", memory=None, start_s=0.0):
        memory = memory or Memory()
        for number, line in enumerate(lines):
            memory.add(said(line, start_s + 6.0 * number, language=language))
        return memory

    return make


@pytest.fixture(scope="session")
def offer():
    """``offer(topic, text, time_s)`` -> an offered suggestion."""

    def make(topic, text="", time_s=0.0, language="en"):
        time_ns = int(time_s * S)
        return Suggestion(
            time_ns,
            f"t{time_ns}",
            SuggestionStatus.OFFERED,
            text or f"Would you tell us about {topic}?",
            language,
            topic,
            "",
            (),
            Trigger.SILENCE,
            0.7,
            0.5,
            "test",
            time_ns + 10 * S,
        )

    return make


_SUBJECTS = ("piano", "garden", "castle", "train", "lake", "dog", "kitchen", "song", "film", "market")
_SENTENCES = (
    "yesterday we saw the {0} near the {1}",
    "do you remember the {0} from the {1}",
    "do you like the {0}?",
    "my {0} is older than your {1}, I think",
    "yes",
    "it was lovely and so quiet there",
    "Well. My name is {2}. I look after the {0}.",
)


@pytest.fixture(scope="session")
def talk(said):
    """``talk(turns)`` -> a talk of so many turns, 10 a minute, with ever new things and people."""

    def make(turns):
        for number in range(turns):
            one, other = (
                f"{_SUBJECTS[index % 10]}{_letters(index // 10)}" for index in (number, number // 2)
            )
            text = _SENTENCES[number * 5 % 7].format(one, other, f"Anna{_letters(number)}")
            yield said(f"S{number // 20 % 130}:{text}", 6.0 * number)

    return make


def _letters(number):
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
