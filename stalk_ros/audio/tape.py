"""Audio that may still be needed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_samples, samples_to_ns

if TYPE_CHECKING:
    from stalk_ros.audio.chunks import Block


class Tape:
    """Consecutive pieces of one stretch of audio, readable by time.

    Attributes:
        start_ns: time of the first sample on the tape.
        end_ns: the time just after the last one.
    """

    def __init__(self, start_ns: int) -> None:
        self.start_ns = self.end_ns = start_ns
        self._pieces: deque[npt.NDArray[np.float32]] = deque()

    def append(self, samples: npt.NDArray[np.float32]) -> None:
        """Add the samples that follow."""
        self._pieces.append(samples)
        self.end_ns += samples_to_ns(len(samples), SAMPLE_RATE_HZ)

    def clip(self, start_ns: int, end_ns: int) -> tuple[npt.NDArray[np.float32], int]:
        """The audio from ``start_ns`` to ``end_ns``, as far as it is on the tape, and when it begins."""
        length = sum(map(len, self._pieces))
        first = min(max(0, ns_to_samples(start_ns - self.start_ns, SAMPLE_RATE_HZ)), length)
        last = max(first, ns_to_samples(end_ns - self.start_ns, SAMPLE_RATE_HZ))
        # Only what is asked for is copied: a tape may hold minutes.
        wanted = [np.zeros(0, np.float32)]
        at = 0
        for piece in self._pieces:
            wanted.append(piece[max(0, first - at) : max(0, last - at)])
            at += len(piece)
        return np.concatenate(wanted), self.start_ns + samples_to_ns(first, SAMPLE_RATE_HZ)

    def forget(self, before_ns: int) -> None:
        """Drop the pieces that end before ``before_ns``."""
        while self._pieces:
            end_ns = self.start_ns + samples_to_ns(len(self._pieces[0]), SAMPLE_RATE_HZ)
            if end_ns > before_ns:
                return
            self._pieces.popleft()
            self.start_ns = end_ns


class TapeStore:
    """The latest audio of a stream, over restarts.

    Args:
        capacity_s: how many seconds of a stretch to keep.

    Attributes:
        begun_ns: when the latest stretch began, None before the first.
    """

    _STRETCHES = 4

    def __init__(self, capacity_s: float) -> None:
        self.begun_ns: int | None = None
        self._capacity_ns = round(capacity_s * 1e9)
        self._tapes: deque[Tape] = deque(maxlen=self._STRETCHES)

    def append(self, block: Block) -> None:
        """Add the block that follows; one that restarts the stream begins a new stretch."""
        if block.restart or not self._tapes:
            if self._tapes and self._tapes[-1].start_ns == self._tapes[-1].end_ns:
                self._tapes.pop()  # the end of a stream has opened a stretch that nothing came on
            self._tapes.append(Tape(block.time_ns))
            self.begun_ns = block.time_ns
        self._tapes[-1].append(block.samples)
        self._tapes[-1].forget(block.end_ns - self._capacity_ns)

    def reached(self, time_ns: int) -> bool:
        """Whether the audio up to ``time_ns`` has come, be it still here or not."""
        if not self._tapes:
            return False
        return self._tapes[-1].end_ns >= time_ns or any(
            tape.start_ns < time_ns <= tape.end_ns for tape in self._tapes
        )

    def end_of_stretch_ns(self, time_ns: int) -> int | None:
        """When the stretch with the audio just before ``time_ns`` ended; None if it goes on or never came."""
        over = list(self._tapes)[:-1]
        return next((tape.end_ns for tape in reversed(over) if tape.start_ns < time_ns <= tape.end_ns), None)

    def clip(self, start_ns: int, end_ns: int, earlier: bool = False) -> tuple[npt.NDArray[np.float32], int]:
        """As `Tape.clip`, from the latest stretch that has something of it.

        Args:
            start_ns: from when.
            end_ns: until when.
            earlier: rather from a stretch before the latest.
        """
        tapes = list(reversed(self._tapes))
        for tape in tapes[1:] + tapes[:1] if earlier else tapes:
            if tape.start_ns < end_ns and start_ns < tape.end_ns:
                return tape.clip(start_ns, end_ns)
        return np.zeros(0, np.float32), start_ns
