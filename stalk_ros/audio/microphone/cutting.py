"""Chunks of a stream whose count keeps to the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.clock import samples_to_ns

if TYPE_CHECKING:
    import numpy.typing as npt

_TOLERANCE_SAMPLES = 8
"""Half a millisecond: nobody hears it, and slips stay rare."""


class Cutter:
    """Cuts 16 kHz mono into chunks, and doubles or drops single samples so that the count stays right.

    Args:
        start_ns: when the first sample was captured.
        length: of a chunk, in samples.
        frame_id: name of the microphone.

    Attributes:
        slips: samples doubled or dropped so far.
    """

    def __init__(self, start_ns: int, length: int, frame_id: str) -> None:
        self.slips = 0
        self._start_ns = start_ns
        self._length = length
        self._frame_id = frame_id
        self._first = 0
        self._added = 0
        self._surplus = 0
        self._waiting = np.zeros(0, np.int16)

    def push(self, samples: npt.NDArray[np.int16], off_s: float) -> list[AudioChunk]:
        """Add samples, one more or less of them where need be.

        Args:
            samples: that follow those before.
            off_s: how much later they were captured than the count of what was pushed and skipped says.
        """
        samples = self._without_surplus(samples)
        wrong = off_s * SAMPLE_RATE_HZ - self._added
        if abs(wrong) > _TOLERANCE_SAMPLES and len(samples) > 2:
            samples = _slipped(samples, wrong > 0)
            self._added += 1 if wrong > 0 else -1
            self.slips += 1
        self._waiting = np.concatenate([self._waiting, samples]) if len(self._waiting) else samples
        whole = len(self._waiting) // self._length
        return [self._take(self._length) for _ in range(whole)]

    def skip(self, samples: int) -> list[AudioChunk]:
        """Leave out samples that nobody has; what waited comes as a short chunk."""
        rest = self._rest()
        self._first += samples
        return rest

    def drop(self, samples: int) -> None:
        """Leave out that many of the next that are pushed, which do not count."""
        self._surplus += samples

    def end(self) -> list[AudioChunk]:
        """What waited, and the empty chunk that ends the stream."""
        return [*self._rest(), self._take(0)]

    def _without_surplus(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        dropped = min(self._surplus, len(samples))
        self._surplus -= dropped
        return samples[dropped:]

    def _rest(self) -> list[AudioChunk]:
        return [self._take(len(self._waiting))] if len(self._waiting) else []

    def _take(self, length: int) -> AudioChunk:
        stamp_ns = self._start_ns + samples_to_ns(self._first, SAMPLE_RATE_HZ)
        chunk = AudioChunk(self._waiting[:length], SAMPLE_RATE_HZ, 1, self._first, stamp_ns, self._frame_id)
        self._waiting = self._waiting[length:]
        self._first += length
        return chunk


def _slipped(samples: npt.NDArray[np.int16], double: bool) -> npt.NDArray[np.int16]:
    """The samples with one doubled or left out, where it and those beside it differ the least."""
    steps = np.abs(np.diff(samples.astype(np.int32)))
    at = int(np.argmin(steps[:-1] + steps[1:])) + 1
    return np.insert(samples, at, samples[at]) if double else np.delete(samples, at)
