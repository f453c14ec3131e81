"""Who says what when, in the text files of Praat: a tier for each speaker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from stalk_ros.offline.evaluation.references.files import broken, span_s, text_of
from stalk_ros.offline.evaluation.references.truth import Reference, Turn, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TOKEN = re.compile(
    r'(?<!\S)(?:"(?P<text>(?:[^"]|"")*)"|<(?P<flag>\w+)>|(?P<number>[-+]?\d[\d.]*(?:[eE][-+]?\d+)?))(?!\S)'
    r"|![^\n]*"  # a comment
)
"""In the long form as in the short one only what stands free is data; the rest, ``xmin =``, is decoration.

So says Praat's manual, "TextGrid file formats".
"""


def read(path: Path) -> Reference:
    """The intervals with a text of all interval tiers, each a turn of the speaker whose name the tier has.

    Raises:
        UserError: it cannot be read.
    """
    turns = sorted(_Tokens(path).turns(), key=lambda turn: turn.start_s)
    return Reference((path.name,), spans=spans_of(tuple(turns)), turns=tuple(turns))


class _Tokens:
    """What a file says, one after another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = text_of(path)
        self._coming = (token for token in _TOKEN.finditer(self._content) if token.lastgroup)
        self._at = 0

    def turns(self) -> Iterator[Turn]:
        if (self._text(), self._text()) != ("ooTextFile", "TextGrid"):
            self._broken("it is no TextGrid in Praat's text format; save it as a text file")
        self._number(), self._number()
        if self._next("flag") != "exists":
            return
        for _ in range(int(self._number())):
            kind, speaker = self._text(), self._text()
            self._number(), self._number()
            for _ in range(int(self._number())):
                if kind == "IntervalTier":
                    start, end, text = self._number(), self._number(), self._text().strip()
                    if text:
                        yield Turn(*self._span_s(start, end), speaker, text)
                else:  # points in time have no speech
                    self._number(), self._text()

    def _span_s(self, start: float, end: float) -> tuple[float, float]:
        try:
            return span_s(start, end)
        except ValueError as error:
            self._broken(str(error))

    def _text(self) -> str:
        return self._next("text").replace('""', '"')

    def _number(self) -> float:
        number = self._next("number")
        try:
            return float(number)
        except ValueError:
            self._broken(f"'{number}' is no number")

    def _next(self, kind: str) -> str:
        token = next(self._coming, None)
        self._at = token.start() if token else len(self._content)
        if token is None:
            self._broken("it ends too early")
        if token.lastgroup != kind:
            self._broken(f"a {kind} should stand in place of {token[0]!r}")
        return str(token[kind])

    def _broken(self, why: str) -> NoReturn:
        broken(self._path, f"line {self._content.count(chr(10), 0, self._at) + 1}", why)
