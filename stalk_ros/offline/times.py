"""Audio time as seconds from the start of a recording."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.audio import MalformedAudioError, Succession
from stalk_ros.clock import NANOSECONDS, samples_to_ns

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk

_LONGEST_BREAK_NS = 3600 * NANOSECONDS
_MS = NANOSECONDS // 1000
_ID = re.compile(r"([ut])(-?\d+)((?:-\d+)?)")


@dataclass
class Stretch:
    """Audio without a break.

    Attributes:
        start_ns: stamp of its first sample.
        end_ns: time just after its last sample so far.
        origin_ns: the time that is the start of the recording, counted back from this stretch.
    """

    start_ns: int = 0
    end_ns: int = 0
    origin_ns: int = 0

    def seconds(self, time_ns: int) -> float:
        """The place of an instant in the recording, in seconds, to the millisecond."""
        return round((time_ns - self.origin_ns) / NANOSECONDS, 3) + 0.0  # no negative zero

    def distance_ns(self, time_ns: int) -> int:
        """How far outside an instant is; 0 = within."""
        return max(self.start_ns - time_ns, time_ns - self.end_ns, 0)


class RecordingTime:
    """Where an instant lies in a recording, in seconds from the first sample that was heard.

    What is recorded as another stream follows after the break that the stamps tell. A stream whose stamps lie
    before the end of the last one, or more than an hour after it, begins where the last one ended. What is a
    stream of its own, and what is refused, is as for `stalk_ros.audio.AudioStream`.

    An instant belongs to the newest stretch of audio that has it, so events of a stream may be told after the
    next one began.
    """

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._succession = Succession()
        self._first_sample = 0

    def hear(self, chunk: AudioChunk) -> None:
        """Note the audio that comes next; before its events are told."""
        try:
            step = self._succession.follow(chunk)
        except MalformedAudioError:
            return
        if not len(chunk.samples):
            return
        if not step.unbroken:
            self._begin(chunk)
        last = self._stretches[-1]
        frames = chunk.first_sample - self._first_sample + chunk.frames
        last.end_ns = last.start_ns + samples_to_ns(frames, chunk.sample_rate_hz)

    @property
    def origin_ns(self) -> int:
        """The time that is the start of the recording, counted back from the newest audio."""
        return self._stretches[-1].origin_ns if self._stretches else 0

    @property
    def end_s(self) -> float:
        """Where the audio ends that was heard so far, in seconds."""
        last = self._stretches[-1] if self._stretches else Stretch()
        return last.seconds(last.end_ns)

    @property
    def streams(self) -> list[tuple[float, float]]:
        """Start and end of each stretch of audio without a break, in seconds."""
        return [(it.seconds(it.start_ns), it.seconds(it.end_ns)) for it in self._stretches]

    def around(self, time_ns: int) -> Stretch:
        """The stretch that an event of this time belongs to, with all the times that it names."""
        nearest = Stretch()
        for number, stretch in enumerate(reversed(self._stretches)):
            if number == 0 or stretch.distance_ns(time_ns) < nearest.distance_ns(time_ns):
                nearest = stretch
            if nearest.distance_ns(time_ns) == 0:
                break
        return nearest

    def seconds(self, time_ns: int) -> float:
        """The place of an instant, in seconds, to the millisecond."""
        return self.around(time_ns).seconds(time_ns)

    def own_id(self, event_id: str, time_ns: int) -> str:
        """An id that tells a time, as those of utterances and suggestions do, counted from the start too.

        Args:
            event_id: tells whole milliseconds.
            time_ns: of the event, which is more exact where it is what the id tells.
        """
        match = _ID.fullmatch(event_id)
        if match is None:
            return event_id
        kind, number, rest = match.groups()
        told_ms = int(number)
        exact = told_ms == time_ns // _MS
        stretch = self.around(time_ns if exact else told_ms * _MS)
        if told_ms < stretch.start_ns // _MS:
            return event_id  # a number that is no time
        own_ms = (time_ns - stretch.origin_ns) // _MS if exact else told_ms - stretch.origin_ns // _MS
        return f"{kind}{own_ms}{rest}"

    def _begin(self, chunk: AudioChunk) -> None:
        self._first_sample = chunk.first_sample
        origin_ns = start_ns = chunk.stamp_ns
        if self._stretches:
            last = self._stretches[-1]
            pause_ns = start_ns - last.end_ns
            origin_ns = last.origin_ns + (0 if 0 <= pause_ns <= _LONGEST_BREAK_NS else pause_ns)
        self._stretches.append(Stretch(start_ns, start_ns, origin_ns))
