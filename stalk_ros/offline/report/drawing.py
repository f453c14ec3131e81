"""The timeline as it is printed: rows of ten minutes, like a score."""

from __future__ import annotations

import unicodedata
from html import escape
from typing import TYPE_CHECKING, Any

from stalk_ros.offline.report.markup import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.offline.report.voices import Voice

_ROW_S = 600.0
_LEFT = 92
_WIDTH = 900
_LANE = 15
_CURVE = 46
_HEAD = 16
_LABEL = 14
_UNBROKEN_S = 2.0
_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120)


def drawing(content: dict[str, Any], voices: list[Voice]) -> str:
    """The whole timeline as SVG, one image for each row."""
    duration_s = max(content["recording"]["duration"], 0.001)
    length_s = min(duration_s, _ROW_S)
    starts = [length_s * row for row in range(-(-int(duration_s * 1000) // max(int(length_s * 1000), 1)))]
    return "\n".join(_Row(content, voices, start_s, length_s).svg() for start_s in starts)


class _Row:
    """A part of the timeline. Lengths are in units of the image, which is as wide as the page."""

    def __init__(self, content: dict[str, Any], voices: list[Voice], start_s: float, length_s: float) -> None:
        self._content = content
        self._voices = voices
        self._start_s = start_s
        self._end_s = min(start_s + length_s, content["recording"]["duration"])
        self._scale = _WIDTH / length_s
        self._floor = _HEAD + _LANE * len(voices)

    def svg(self) -> str:
        """The image."""
        height = self._floor + _CURVE + 6
        title = f"Timeline from {clock(self._start_s)} to {clock(self._end_s)}"
        return (
            f'<svg class="row" role="img" aria-label="{title}" viewBox="0 0 {_LEFT + _WIDTH + 8} {height}">'
            f"{''.join(self._parts())}</svg>"
        )

    def _parts(self) -> Iterator[str]:
        yield self._path("silence", self._boxes(self._content["silences"], _HEAD, self._floor - _HEAD))
        yield from self._axis()
        for number, voice in enumerate(self._voices):
            yield from self._lane(voice, _HEAD + _LANE * number)
        yield from self._curve()
        yield from self._offers()

    def _axis(self) -> Iterator[str]:
        step_s = next((step for step in _TICKS_S if step * self._scale >= 60), _TICKS_S[-1])
        time_s = -(-self._start_s // step_s) * step_s
        while time_s < self._end_s:
            x = self._x(time_s)
            yield f'<path class="rule" d="M{x:.1f} {_HEAD}V{self._floor + _CURVE}"/>'
            yield f'<text x="{x:.1f}" y="{_HEAD - 5}">{clock(time_s)}</text>'
            time_s += step_s

    def _lane(self, voice: Voice, top: int) -> Iterator[str]:
        yield f'<text class="label" x="0" y="{top + 11}">{escape(_short(voice.label))}</text>'
        turns = (
            (turn["start"], turn["end"])
            for turn in self._content["utterances"]
            if turn["speaker"] == voice.speaker_id
        )
        boxes = self._boxes(turns, top + 2, _LANE - 4)
        yield self._path(f"fill {voice.style}", boxes)
        if voice.hatch:
            yield self._path("", boxes, f' fill="url(#hatch-{voice.hatch})"')

    def _curve(self) -> Iterator[str]:
        threshold = self._content["awkwardness"]["threshold"]
        yield f'<text class="label" x="0" y="{self._floor + 20}">awkwardness</text>'
        line, last_s = "", -1.0
        for time_s, value, _ in self._content["awkwardness"]["curve"]:
            if self._start_s <= time_s <= self._end_s:
                joined = line and time_s - last_s <= _UNBROKEN_S
                line += f"{'L' if joined else 'M'}{self._x(time_s):.1f} {self._y(value):.1f}"
                last_s = time_s
        yield self._path("curve", line)
        y, left, right = self._y(threshold), self._x(self._start_s), self._x(self._end_s)
        yield self._path("threshold", f"M{left:.1f} {y:.1f}H{right:.1f}")
        yield f'<text x="{_LEFT + 2}" y="{y - 3:.1f}">{threshold:.2f}</text>'

    def _offers(self) -> Iterator[str]:
        middle = self._floor - _LANE / 2
        offered = withdrawn = ""
        for offer in self._content["suggestions"]:
            if self._start_s <= offer["time"] <= self._end_s:
                offered += f"M{self._x(offer['time']):.1f} {middle - 5}l8 5l-8 5z"
            if offer["withdrawn"] is not None and self._start_s <= offer["withdrawn"] <= self._end_s:
                withdrawn += f"M{self._x(offer['withdrawn']):.1f} {middle - 3}h6v6h-6z"
        yield self._path("offered", offered)
        yield self._path("withdrawn", withdrawn)

    def _boxes(self, spans: Any, top: float, height: float) -> str:
        boxes = ""
        for start_s, end_s in spans:
            if end_s > self._start_s and start_s < self._end_s:
                left = self._x(max(start_s, self._start_s))
                width = max(self._x(min(end_s, self._end_s)) - left, 0.5)
                boxes += f"M{left:.1f} {top}h{width:.1f}v{height}h-{width:.1f}z"
        return boxes

    def _path(self, style: str, line: str, more: str = "") -> str:
        return f'<path class="{style}"{more} d="{line}"/>' if line else ""

    def _x(self, time_s: float) -> float:
        return _LEFT + (time_s - self._start_s) * self._scale

    def _y(self, awkwardness: float) -> float:
        return self._floor + 4 + (_CURVE - 4) * (1 - awkwardness)


def _short(label: str) -> str:
    """As much of a name as there is place for."""
    width, shown = 0, ""
    for character in label:
        width += 2 if unicodedata.east_asian_width(character) in "FW" else 1
        if width > _LABEL:
            return shown + "…"
        shown += character
    return shown
