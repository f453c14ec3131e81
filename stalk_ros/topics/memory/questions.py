"""What was asked, and whether anybody answered."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stalk_ros.topics.content import content_words
from stalk_ros.topics.languages import LANGUAGES, primary
from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.memory.heard import has_word
from stalk_ros.topics.turns import is_minimal_response

if TYPE_CHECKING:
    from stalk_ros.events import Utterance
    from stalk_ros.topics.memory.heard import Heard

MAX_QUESTIONS = 20
_ANSWER_TURNS = 3
"""So many of the next turns may answer a question whatever they say; later ones, when they share a word."""

_STALE_TURNS = 60
"""After so many turns nobody waits for an answer any more."""

_PUNCTUATION = re.compile(r"[^\w'\s]+")


@dataclass(frozen=True)
class _Question:
    said: Utterance
    words: frozenset[str]
    polar: bool
    age: int = 0


class Questions:
    """The questions that nobody has answered.

    An answer is what another speaker says next, unless it is a question back or a minimal response; to a
    question that wants a yes or a no, these two are answers as well (E. A. Schegloff 2007, "Sequence
    organization in interaction", on adjacency pairs and on what may be inserted into them).
    """

    def __init__(self) -> None:
        self._open: deque[_Question] = deque(maxlen=MAX_QUESTIONS)

    def unanswered(self) -> tuple[Utterance, ...]:
        """The utterances that ask, the latest first."""
        return tuple(question.said for question in reversed(self._open))

    def add(self, heard: Heard) -> None:
        """Take in a turn."""
        still = [question for question in self._open if not _answers(heard, question)]
        self._open.clear()
        for question in still:
            aged = replace(question, age=question.age + (not heard.minimal))
            if aged.age <= _STALE_TURNS:
                self._open.append(aged)
        asked = _question(heard)
        if asked is not None:
            again = [question for question in self._open if asked.words and question.words == asked.words]
            for question in again:
                self._open.remove(question)
            self._open.append(asked)


def _question(heard: Heard) -> _Question | None:
    """What a turn asks; nothing when a content word of it is improbable, or nobody in particular is asked."""
    tag = heard.language
    asks = [sentence for sentence in heard.asks if not _is_tag(sentence, tag)]
    if not asks or heard.words != content_words(heard.utterance.text, tag):
        return None
    found = frozenset(content_words(" ".join(asks), tag))
    return _Question(heard.utterance, found, not has_word(asks[-1], tag, "open_questions"))


def _answers(heard: Heard, question: _Question) -> bool:
    asker = question.said.speaker_id
    if asker and heard.utterance.speaker_id == asker:
        return False
    tells = " ".join(heard.tells)
    if question.age >= _ANSWER_TURNS:
        return bool(question.words & frozenset(content_words(tells, heard.language)))
    if question.polar and tells and has_word(tells, heard.language, "yes_no"):
        return True
    return bool(tells) and not is_minimal_response(tells, heard.language)


def _is_tag(sentence: str, tag: str) -> bool:
    """Whether a question only ends a statement, as "isn't it?" does, or asks nobody for anything."""
    if primary(tag) not in LANGUAGES:
        return False
    plain = " ".join(_PUNCTUATION.sub(" ", sentence.lower().replace("’", "'")).split())
    endings = (ending.replace("_", " ") for ending in words(primary(tag), "replies")["tags"])
    if primary(tag) == "ja":
        return plain.endswith(tuple(endings))
    return f" {plain}".endswith(tuple(f" {ending}" for ending in endings))
