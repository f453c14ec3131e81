"""Who said what when, as a TextGrid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from stalk_ros.events import Suggestion, SuggestionStatus, Utterance
from stalk_ros.offline.exports.characters import plain
from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.times import RecordingTime, Stretch

_Label = tuple[int, int, str]
"""Start and end in milliseconds, and what is there."""

_NOBODY = "?"
_SUGGESTIONS = "suggestions"


@dataclass
class _Voice:
    """What one speaker said."""

    name: str
    utterances: list[_Label] = field(default_factory=list)
    words: list[_Label] = field(default_factory=list)


class TextGrid(Export):
    """Writes a TextGrid in Praat's long text format, which ELAN reads too, when it is closed.

    Each speaker has a tier with the utterances, in the order of appearance, and one with the words where
    their times are known; what nobody is known to have said is in the tier ``?``. The points of the last tier
    are the suggestions, where they are offered and where they are withdrawn. What overlaps within a tier,
    which the format cannot have, is cut where the next begins, or joined with it where both begin at once.

    Args:
        file: where to write.
        times: of the recording.
    """

    def __init__(self, file: IO[str], times: RecordingTime) -> None:
        self._file = file
        self._times = times
        self._voices: dict[str, _Voice] = {}
        self._suggestions: list[_Label] = []

    def write(self, event: Event) -> None:
        """Take a final utterance or a suggestion; other events have no tier."""
        if isinstance(event, Utterance) and event.final and event.text:
            voice = self._voices.setdefault(event.speaker_id, _Voice(""))
            voice.name = event.speaker_name or voice.name
            stretch = self._times.around(event.start_ns)
            voice.utterances.append(_label(stretch, event.start_ns, event.end_ns, event.text))
            voice.words += [_label(stretch, word.start_ns, word.end_ns, word.text) for word in event.words]
        elif isinstance(event, Suggestion):
            withdrawn = event.status is SuggestionStatus.WITHDRAWN
            text = f"withdrawn: {event.text}" if withdrawn else event.text
            stretch = self._times.around(event.time_ns)
            self._suggestions.append(_label(stretch, event.time_ns, event.time_ns, text))

    def close(self) -> None:
        """See `Export.close`."""
        with self._file:
            self._file.writelines(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        tiers = dict(self._tiers())
        points = _apart(self._suggestions)
        ends_ms = [labels[-1][1] for labels in (*tiers.values(), points) if labels]
        end_ms = max([1, round(self._times.end_s * 1000), *ends_ms])
        yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "")
        yield from _span(end_ms)
        yield from ("tiers? <exists>", f"size = {len(tiers) + 1}", "item []:")
        for number, (name, labels) in enumerate(tiers.items(), 1):
            yield f"    item [{number}]:"
            yield from _intervals(name, labels, end_ms)
        yield f"    item [{len(tiers) + 1}]:"
        yield from _points(_SUGGESTIONS, points, end_ms)

    def _tiers(self) -> Iterator[tuple[str, list[_Label]]]:
        """Names, each once, with what is in the tier."""
        taken = {_SUGGESTIONS}
        voices = sorted(self._voices.items(), key=lambda item: min(item[1].utterances))
        for speaker_id, voice in voices:
            name = plain(voice.name or speaker_id) or _NOBODY
            while {name, f"{name} words"} & taken:
                name += "'"
            taken |= {name, f"{name} words"}
            yield name, _apart(voice.utterances)
            if voice.words:
                yield f"{name} words", _apart(voice.words)


def _label(stretch: Stretch, start_ns: int, end_ns: int, text: str) -> _Label:
    start_ms = max(0, round(stretch.seconds(start_ns) * 1000))
    return start_ms, max(start_ms + 1, round(stretch.seconds(end_ns) * 1000)), plain(text)


def _apart(labels: list[_Label]) -> list[_Label]:
    """In order and without overlaps; nothing is left out but what has no text."""
    apart: list[_Label] = []
    for start_ms, end_ms, text in sorted(label for label in labels if label[2]):
        if not apart or start_ms >= apart[-1][1]:
            apart.append((start_ms, end_ms, text))
            continue
        before = apart[-1]
        if start_ms > before[0]:
            apart[-1] = (before[0], start_ms, before[2])
            apart.append((start_ms, end_ms, text))
        else:
            apart[-1] = (before[0], max(before[1], end_ms), f"{before[2]} {text}")
    return apart


def _intervals(name: str, labels: list[_Label], end_ms: int) -> Iterator[str]:
    whole: list[_Label] = []
    at_ms = 0
    for label in labels:
        if label[0] > at_ms:
            whole.append((at_ms, label[0], ""))
        whole.append(label)
        at_ms = label[1]
    if at_ms < end_ms:
        whole.append((at_ms, end_ms, ""))
    yield from _head("IntervalTier", name, end_ms)
    yield f"        intervals: size = {len(whole)}"
    for number, (start_ms, until_ms, text) in enumerate(whole, 1):
        yield f"        intervals [{number}]:"
        yield f"            xmin = {start_ms / 1000:.3f}"
        yield f"            xmax = {until_ms / 1000:.3f}"
        yield f"            text = {_quoted(text)}"


def _points(name: str, labels: list[_Label], end_ms: int) -> Iterator[str]:
    yield from _head("TextTier", name, end_ms)
    yield f"        points: size = {len(labels)}"
    for number, (time_ms, _, text) in enumerate(labels, 1):
        yield f"        points [{number}]:"
        yield f"            number = {time_ms / 1000:.3f}"
        yield f"            mark = {_quoted(text)}"


def _head(kind: str, name: str, end_ms: int) -> Iterator[str]:
    yield f'        class = "{kind}"'
    yield f"        name = {_quoted(name)}"
    yield from (f"        {line}" for line in _span(end_ms))


def _span(end_ms: int) -> tuple[str, str]:
    return "xmin = 0", f"xmax = {end_ms / 1000:.3f}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
