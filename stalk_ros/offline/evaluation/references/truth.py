"""What is known of a recording."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Span(NamedTuple):
    """From when to when one person speaks, in seconds from the start of the recording."""

    start_s: float
    end_s: float
    speaker: str


@dataclass(frozen=True)
class Turn:
    """What one person said, in seconds; ``text`` is None where nobody wrote it down.

    ``speaker`` is "" where nobody noted who it was.
    """

    start_s: float
    end_s: float
    speaker: str
    text: str | None


@dataclass(frozen=True)
class TimedWord:
    """A word, in seconds from the start of the recording; ``speaker`` is "" where that is not known."""

    text: str
    start_s: float
    end_s: float
    speaker: str = ""

    @property
    def middle_s(self) -> float:
        """By this it is decided to what a word belongs."""
        return (self.start_s + self.end_s) / 2


class WordsInTime:
    """Finds words by their time, quickly also in hours of talk."""

    def __init__(self, words: Iterable[TimedWord]) -> None:
        self._words = sorted(words, key=_middle_s)
        self._middles_s = [word.middle_s for word in self._words]

    def between(self, start_s: float, end_s: float) -> list[TimedWord]:
        """The words whose middle lies there, in order."""
        first, last = bisect_left(self._middles_s, start_s), bisect_right(self._middles_s, end_s)
        return self._words[first:last]


def _middle_s(word: TimedWord) -> float:
    return word.middle_s


@dataclass(frozen=True)
class Reference:
    """The truth about a recording, as far as it is known; None = nothing is known about it.

    Attributes:
        files: the names of the files that it comes from.
        spans: who speaks when, by start; overlapping ones too. Empty = nobody speaks.
        turns: who said what when, by start.
        text: all that is said, in order.
        words: when each word is said, by start.
        silences_s: start and end of silences; all that last 3 s or more are there.
        unscored_s: start and end of what does not count, whatever is heard there.
        language: BCP 47; "" = not known.
    """

    files: tuple[str, ...] = ()
    spans: tuple[Span, ...] | None = None
    turns: tuple[Turn, ...] | None = None
    text: str | None = None
    words: tuple[TimedWord, ...] | None = None
    silences_s: tuple[tuple[float, float], ...] | None = None
    unscored_s: tuple[tuple[float, float], ...] = ()
    language: str = ""


def spans_of(turns: tuple[Turn, ...]) -> tuple[Span, ...] | None:
    """Who speaks when by the turns whose speaker is known; None = nobody noted that of any."""
    spans = tuple(Span(turn.start_s, turn.end_s, turn.speaker) for turn in turns if turn.speaker)
    return spans if spans or not turns else None
