"""What was said, as subtitles."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

from stalk_ros.events import Utterance
from stalk_ros.offline.exports.characters import columns, plain
from stalk_ros.offline.exports.cues import MAX_COLUMNS, Cue, cues_of
from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.times import RecordingTime

_SHORTEST_MS = 833
"""A cue is shown for 5/6 s at least, where no other follows before (Netflix, "Timed Text Style Guide: General
Requirements")."""

_WIDEST_NAME = MAX_COLUMNS // 2


@dataclass(frozen=True)
class _Shown:
    """A cue with who says it, "" = nobody knows."""

    cue: Cue
    speaker: str


class _Subtitles(Export):
    """Collects cues and writes them in order when it is closed; what the robot could say is not speech."""

    def __init__(self, file: IO[str], times: RecordingTime) -> None:
        self._file = file
        self._times = times
        self._shown: list[_Shown] = []

    def write(self, event: Event) -> None:
        """Take a final utterance; other events are no subtitles."""
        if isinstance(event, Utterance) and event.final:
            speaker = plain(event.speaker_name or event.speaker_id)
            self._shown += [_Shown(cue, speaker) for cue in cues_of(event, self._times, self._room(speaker))]

    def close(self) -> None:
        """See `Export.close`."""
        with self._file:
            self._file.write(self._head())
            for number, shown in enumerate(_timed(self._shown), 1):
                self._file.write(self._block(number, shown))

    def _room(self, speaker: str) -> int:
        """The columns of the first line that are not for text."""
        return 0

    def _head(self) -> str:
        return ""

    def _block(self, number: int, shown: _Shown) -> str:
        raise NotImplementedError


class Srt(_Subtitles):
    """Writes SubRip subtitles, each with the name of who speaks.

    The format has no escapes: ``<``, ``>`` and ``-->``, which players take for more than text, are written as
    ``‹``, ``›`` and ``→``. A name of more than half a line makes its line longer.

    Args:
        file: where to write.
        times: of the recording.
    """

    def _room(self, speaker: str) -> int:
        return min(columns(_introduced(speaker)), _WIDEST_NAME)

    def _block(self, number: int, shown: _Shown) -> str:
        cue = shown.cue
        text = _introduced(shown.speaker) + "\n".join(cue.lines)
        text = text.replace("-->", "→").replace("<", "‹").replace(">", "›")
        return f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n{text}\n\n"


class WebVtt(_Subtitles):
    """Writes WebVTT subtitles, who speaks as a voice.

    Args:
        file: where to write.
        times: of the recording.
    """

    def _head(self) -> str:
        return "WEBVTT\n\n"

    def _block(self, number: int, shown: _Shown) -> str:
        cue = shown.cue
        voice = f"<v {html.escape(shown.speaker, quote=False)}>" if shown.speaker else ""
        text = html.escape("\n".join(cue.lines), quote=False)
        return f"{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}\n{voice}{text}\n\n"


def _timed(shown: list[_Shown]) -> list[_Shown]:
    """In order, and each long enough to be seen."""
    ordered = sorted(shown, key=lambda one: (one.cue.start_ms, one.cue.end_ms))
    timed = []
    for number, one in enumerate(ordered):
        cue = one.cue
        nexts_ms = [after.cue.start_ms for after in ordered[number + 1 : number + 2]]
        seen_ms = min([cue.start_ms + _SHORTEST_MS, *nexts_ms])
        end_ms = max(cue.start_ms + 1, cue.end_ms, seen_ms)
        timed.append(replace(one, cue=replace(cue, end_ms=end_ms)))
    return timed


def _introduced(speaker: str) -> str:
    return f"{speaker}: " if speaker else ""


def _clock(time_ms: int, point: str) -> str:
    seconds, ms = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{ms:03d}"
