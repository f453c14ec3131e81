"""The audio that an utterance may still need."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_samples, samples_to_ns


class Tape:
    """Consecutive pieces of one stretch of audio, readable by time."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self._pieces: deque[npt.NDArray[np.float32]] = deque()

    def append(self, samples: npt.NDArray[np.float32]) -> None:
        """Add the samples that follow."""
        self._pieces.append(samples)

    def clip(self, start_ns: int, end_ns: int) -> tuple[npt.NDArray[np.float32], int]:
        """The audio from ``start_ns`` to ``end_ns``, as far as it is on the tape, and when it begins."""
        audio = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.float32)
        first = min(max(0, ns_to_samples(start_ns - self._start_ns, SAMPLE_RATE_HZ)), len(audio))
        last = max(first, ns_to_samples(end_ns - self._start_ns, SAMPLE_RATE_HZ))
        return audio[first:last], self._start_ns + samples_to_ns(first, SAMPLE_RATE_HZ)

    def forget(self, before_ns: int) -> None:
        """Drop the pieces that end before ``before_ns``."""
        while self._pieces:
            end_ns = self._start_ns + samples_to_ns(len(self._pieces[0]), SAMPLE_RATE_HZ)
            if end_ns > before_ns:
                return
            self._pieces.popleft()
            self._start_ns = end_ns
