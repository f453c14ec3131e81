"""Whether a stage keeps up with the audio."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stalk_ros.clock import ns_to_seconds

if TYPE_CHECKING:
    from stalk_ros.ros.worker import Worker

_PATIENCE_S = 3.0
"""Silence on a topic that is no reason to worry."""


class Meter:
    """Compares the audio that arrived with the audio that is processed."""

    def __init__(self) -> None:
        self._arrived_ns = 0
        self._done_ns = 0
        self._audio_ns = 0
        self._arrived_at_s = time.monotonic()

    def arrived(self, time_ns: int, audio_ns: int) -> None:
        """Note that ``audio_ns`` more audio, up to ``time_ns``, has arrived."""
        self._arrived_ns = time_ns
        self._audio_ns += audio_ns
        self._arrived_at_s = time.monotonic()

    def done(self, time_ns: int) -> None:
        """Note that the audio up to ``time_ns`` is processed."""
        self._done_ns = time_ns

    def missing_s(self) -> float:
        """Seconds since something arrived; 0 while that is no reason to worry."""
        waited_s = time.monotonic() - self._arrived_at_s
        return waited_s if waited_s > _PATIENCE_S else 0.0

    def values(self, *workers: Worker) -> dict[str, str]:
        """What diagnostics show: queues, drops, lag behind the audio, computing time per second of audio."""
        busy_s = sum(worker.busy_s for worker in workers)
        audio_s = ns_to_seconds(self._audio_ns)
        return {
            "queue length": str(sum(len(worker) for worker in workers)),
            "dropped": str(sum(worker.dropped for worker in workers)),
            "lag (s)": f"{max(0.0, ns_to_seconds(self._arrived_ns - self._done_ns)):.2f}",
            "real-time factor": f"{busy_s / audio_s if audio_s else 0.0:.3f}",
        }
