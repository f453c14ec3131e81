"""An audio stream with exact time out of pieces whose stamps are not."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio.chunks import AudioChunk
from stalk_ros.audio.succession import STAMP_TOLERANCE_NS, MalformedAudioError, malformed
from stalk_ros.clock import NANOSECONDS, ns_to_samples, ns_to_seconds, samples_to_ns

if TYPE_CHECKING:
    import numpy.typing as npt

_WINDOW_NS = NANOSECONDS
"""A piece within so much audio was stamped without delay."""

_LONGEST_DELAY_NS = NANOSECONDS
"""No piece is delayed for longer: audio is missing before it."""

_LOST_PART = 0.75
_LOST_NS = (8_000_000, 75_000_000)
"""Pieces are lost as a whole: what is missing is most of a piece, within these bounds."""

_DRIFT_NS = 2_000_000
_MAX_STRETCH = 200
"""One frame in so many is added or taken away where the clocks differ: far more than the 0.01 % by which a
sound card's clock is off, and too little to be heard."""


@dataclass(frozen=True)
class _Format:
    sample_rate_hz: int
    channels: int
    frame_id: str


class SteadyStream:
    """Turns pieces of audio into chunks whose stamps are the start of the stream plus samples / rate.

    A piece may be stamped too late, by a busy sender or on its arrival, but not too early. So the least delay
    within the last second tells how the stamps compare with the samples that were counted, as the filter of
    least delay does for the Network Time Protocol (RFC 5905, section 10):

    - Stamps that are later by most of a piece, or one by more than 1 s: audio was lost, and
      ``first_sample`` jumps.
    - A smaller difference: the clocks of the samples and of the stamps differ. Pieces are stretched or
      squeezed by a few frames until it is below 2 ms, so that neither is the stream cut nor do its stamps
      run away.
    - A stamp that is earlier by more than 0.1 s, or another format or ``frame_id``: the stream ends, and a
      new one begins.

    A microphone of this machine has `CaptureClock` instead: its blocks have no stamps, but come many times a
    second, and PortAudio says when some were lost, so that a line through the last minute can be followed.

    Attributes:
        gaps: gaps in ``first_sample`` so far.
        lost_s: seconds of audio missing in those gaps.
        streams: streams begun so far.
    """

    def __init__(self) -> None:
        self.gaps = 0
        self.lost_s = 0.0
        self.streams = 0
        self._format: _Format | None = None
        self._start_ns = 0
        self._heard = 0
        self._added = 0
        self._stamps: deque[tuple[int, int]] = deque()

    def push(
        self,
        samples: npt.NDArray[np.int16],
        sample_rate_hz: int,
        channels: int,
        stamp_ns: int,
        frame_id: str,
    ) -> list[AudioChunk]:
        """Add a piece and get its chunk, after an empty one where the stream before it has ended.

        Args:
            samples: interleaved.
            sample_rate_hz: samples per second and channel.
            channels: how many there are.
            stamp_ns: when the first sample was captured.
            frame_id: the microphone.

        Raises:
            MalformedAudioError: the piece is refused; the stream goes on as if it had not come.
        """
        reason = malformed(len(samples), sample_rate_hz, channels) or ("" if len(samples) else "it is empty")
        if reason:
            raise MalformedAudioError(reason)
        form = _Format(sample_rate_hz, channels, frame_id)
        frames = samples.reshape(-1, channels)
        chunks: list[AudioChunk] = []
        if form != self._format or self._late_ns(stamp_ns) < -STAMP_TOLERANCE_NS:
            chunks += self.end()
            self._begin(form, stamp_ns)
        else:
            frames = self._corrected(frames, stamp_ns)
        chunks.append(self._chunk(frames.ravel(), form))
        self._heard += len(samples) // channels
        self._added += len(frames) - len(samples) // channels
        return chunks

    def end(self) -> list[AudioChunk]:
        """Finish the stream: an empty chunk, or nothing when none has begun."""
        if self._format is None:
            return []
        last = self._chunk(np.zeros(0, np.int16), self._format)
        self._format = None
        return [last]

    def _begin(self, form: _Format, stamp_ns: int) -> None:
        self._format = form
        self._start_ns = stamp_ns
        self._heard = self._added = 0
        self._stamps.clear()
        self._note(stamp_ns)
        self.streams += 1

    def _corrected(self, frames: npt.NDArray[np.int16], stamp_ns: int) -> npt.NDArray[np.int16]:
        """The frames, fewer or more of them where the clocks differ; notes a gap before them."""
        late_ns = self._late_ns(stamp_ns)
        if late_ns > _LONGEST_DELAY_NS:
            self._skip(late_ns, stamp_ns)
            return frames
        self._note(stamp_ns)
        rate = self._rate_hz
        offset_ns = self._offset_ns()
        least_ns, most_ns = _LOST_NS
        if offset_ns > min(max(least_ns, _LOST_PART * samples_to_ns(len(frames), rate)), most_ns):
            self._skip(offset_ns, stamp_ns)
        elif abs(offset_ns) > _DRIFT_NS:
            most = min(max(1, len(frames) // _MAX_STRETCH), len(frames) - 1)
            return _stretched(frames, min(max(ns_to_samples(offset_ns, rate), -most), most))
        return frames

    def _skip(self, lost_ns: int, stamp_ns: int) -> None:
        self._added += ns_to_samples(lost_ns, self._rate_hz)
        self.gaps += 1
        self.lost_s += ns_to_seconds(lost_ns)
        self._stamps.clear()
        self._note(stamp_ns)

    def _note(self, stamp_ns: int) -> None:
        """Remember how much later a stamp is than the samples heard before it tell."""
        heard_ns = samples_to_ns(self._heard, self._rate_hz)
        self._stamps.append((heard_ns, stamp_ns - self._start_ns - heard_ns))
        while len(self._stamps) > 1 and self._stamps[1][0] <= heard_ns - _WINDOW_NS:
            self._stamps.popleft()

    def _offset_ns(self) -> int:
        """The least delay within the window."""
        return min(late for _, late in self._stamps) - samples_to_ns(self._added, self._rate_hz)

    def _late_ns(self, stamp_ns: int) -> int:
        return stamp_ns - self._start_ns - samples_to_ns(self._heard + self._added, self._rate_hz)

    @property
    def _rate_hz(self) -> int:
        assert self._format is not None
        return self._format.sample_rate_hz

    def _chunk(self, samples: npt.NDArray[np.int16], form: _Format) -> AudioChunk:
        first = self._heard + self._added
        stamp_ns = self._start_ns + samples_to_ns(first, form.sample_rate_hz)
        return AudioChunk(samples, form.sample_rate_hz, form.channels, first, stamp_ns, form.frame_id)


def _stretched(frames: npt.NDArray[np.int16], more: int) -> npt.NDArray[np.int16]:
    """The same sound in so many frames more, or fewer where negative."""
    if not more:
        return frames
    count = len(frames)
    places = np.linspace(0, count - 1, count + more)
    channels = [np.interp(places, np.arange(count), channel) for channel in frames.T]
    made: npt.NDArray[np.int16] = np.rint(np.stack(channels, axis=1)).astype(np.int16)
    return made
