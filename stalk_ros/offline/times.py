"""Audio time as seconds from the start of a recording."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stalk_ros.clock import NANOSECONDS, samples_to_ns

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk

_LONGEST_BREAK_NS = 3600 * NANOSECONDS
_MS = NANOSECONDS // 1000
_ID = re.compile(r"([ut])(\d+)(.*)")


class RecordingTime:
    """Where an instant lies in a recording, in seconds from the first sample that was heard.

    What is recorded as another stream follows after the break that the stamps tell. A stream whose stamps lie
    before those of the last one, or more than an hour after it, begins where the last one ended.
    """

    def __init__(self) -> None:
        self.origin_ns = 0
        self._end_ns: int | None = None
        self._over = True

    def hear(self, chunk: AudioChunk) -> None:
        """Note the audio that comes next; before its events are told, and after those of the last stream."""
        if self._over and len(chunk.samples):
            self._begin(chunk.stamp_ns)
        self._over = not len(chunk.samples)
        self._end_ns = chunk.stamp_ns + samples_to_ns(
            len(chunk.samples) // chunk.channels, chunk.sample_rate_hz
        )

    def seconds(self, time_ns: int) -> float:
        """The place of an instant of the present stream, in seconds, to the millisecond."""
        return round((time_ns - self.origin_ns) / NANOSECONDS, 3)

    def own_id(self, event_id: str) -> str:
        """An id that tells a time, as utterances and suggestions have, counted from the start as well."""
        match = _ID.fullmatch(event_id)
        if match is None:
            return event_id
        kind, number, rest = match.groups()
        return f"{kind}{int(number) - self.origin_ns // _MS}{rest}"

    def _begin(self, start_ns: int) -> None:
        if self._end_ns is None:
            self.origin_ns = start_ns
            return
        pause_ns = start_ns - self._end_ns
        if not 0 <= pause_ns <= _LONGEST_BREAK_NS:
            self.origin_ns += pause_ns
