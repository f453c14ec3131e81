"""What was said before the turns that are remembered word by word."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.topics.content import content_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stalk_ros.events import Utterance
    from stalk_ros.topics.memory.heard import Heard

MAX_CHARACTERS = 1200
"""Length of the summary: some 300 tokens of English, 1000 of Korean, a part of any model's context."""

_MODEL_CHARACTERS = 800
"""Room for what a model wrote; the rest is for what was said since."""

_LINE_CHARACTERS = 120
_LEAST_WORDS = 3
"""Content words without which a sentence is not worth keeping."""

_HALF_LIFE_TURNS = 300
"""Half an hour of lively talk: by then a sentence counts half as much as a new one."""

_MAX_VOCABULARY = 2000
_WAITING_TURNS = 20
"""So many turns are worth a model's time."""

_MAX_WAITING = 60
_CUT = re.compile(r"^.*[.!?。！？](?=\s|$)", re.DOTALL)


@dataclass(frozen=True)
class _Line:
    turn: int
    speaker_id: str
    text: str
    words: frozenset[str]


class Summary:
    """Sentences selected from what was said, or a model's summary and sentences from what was said since.

    A sentence is worth the square of the number of its significant words by the number of all its content
    words (H. P. Luhn 1958, "The automatic creation of literature abstracts"), significant being what was said
    at least twice; it fades with age, so that the summary of a long day is mostly about its last hours.
    """

    def __init__(self) -> None:
        self._text = ""
        self._lines: list[_Line] = []
        self._vocabulary: dict[str, int] = {}
        self._waiting: deque[tuple[int, Utterance]] = deque()
        self._turn = 0
        self._asked = 0

    def add(self, heard: Heard) -> None:
        """Take in a turn that is no longer remembered word by word."""
        self._turn += 1
        if len(self._waiting) == _MAX_WAITING:
            self._give_up()
        self._waiting.append((self._turn, heard.utterance))
        for word in heard.words:
            self._vocabulary[word] = self._vocabulary.pop(word, 0) + 1
        while len(self._vocabulary) > _MAX_VOCABULARY:
            del self._vocabulary[next(iter(self._vocabulary))]
        lines = [self._line(sentence, heard) for sentence in heard.tells]
        lines = [line for line in lines if len(line.words) >= _LEAST_WORDS]
        if lines:
            self._lines.append(max(lines, key=self._worth))
            self._forget()

    def text(self, names: Mapping[str, str]) -> str:
        """The summary: a model's, and each sentence in a line, with who said it."""
        return _cut(self._until(self._turn + 1, names), MAX_CHARACTERS)

    def waiting(self, names: Mapping[str, str]) -> tuple[str, tuple[Utterance, ...]] | None:
        """The summary so far and the turns after it, when there are enough of them for a model.

        They stay the same until `replace`, so that it does not matter whether the model is asked each time.
        """
        if len(self._waiting) < _WAITING_TURNS:
            return None
        self._asked = self._asked or self._turn
        turns = tuple(utterance for turn, utterance in self._waiting if turn <= self._asked)
        return _cut(self._until(self._waiting[0][0], names), MAX_CHARACTERS), turns

    def replace(self, text: str) -> None:
        """A model's summary of what was waiting when it was asked; "" = it has none, the sentences stay."""
        if text.strip():
            self._text = _cut(text.strip(), _MODEL_CHARACTERS)
            self._lines = [line for line in self._lines if line.turn > self._asked]
            self._forget()
        self._give_up()

    def _give_up(self) -> None:
        """Nothing waits any more for a model of what it was asked, or the oldest turn when it was not."""
        last = self._asked or self._waiting[0][0] if self._waiting else 0
        while self._waiting and self._waiting[0][0] <= last:
            self._waiting.popleft()
        self._asked = 0

    def _until(self, turn: int, names: Mapping[str, str]) -> str:
        lines = [_told(line, names) for line in self._lines if line.turn < turn]
        return "\n".join([self._text, *lines] if self._text else lines)

    def _line(self, sentence: str, heard: Heard) -> _Line:
        text = _cut(sentence, _LINE_CHARACTERS)
        found = frozenset(content_words(text, heard.language))
        return _Line(self._turn, heard.utterance.speaker_id, text, found)

    def _worth(self, line: _Line) -> float:
        significant = sum(self._vocabulary.get(word, 0) > 1 for word in line.words)
        return float(significant**2 / len(line.words) * 0.5 ** ((self._turn - line.turn) / _HALF_LIFE_TURNS))

    def _forget(self) -> None:
        while len(self._until(self._turn + 1, {})) > MAX_CHARACTERS:
            self._lines.remove(min(self._lines, key=lambda line: (self._worth(line), line.turn)))


def _told(line: _Line, names: Mapping[str, str]) -> str:
    speaker = names.get(line.speaker_id, line.speaker_id)
    return f"{speaker}: {line.text}" if speaker else line.text


def _cut(text: str, characters: int) -> str:
    """A text of at most so many characters: whole sentences when there are any, else its first words."""
    if len(text) <= characters:
        return text
    sentences = _CUT.match(text[:characters])
    if sentences:
        return sentences[0]
    return (text[: characters - 2].rpartition(" ")[0] or text[: characters - 2]) + " …"
