"""A piece of audio as it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.clock import samples_to_ns

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class Piece:
    """Interleaved samples that one message has brought; rate and channels are not checked.

    ``delay`` is by how many samples per channel they were captured before the stamp of their message tells.
    """

    samples: npt.NDArray[np.int16]
    sample_rate_hz: int
    channels: int
    delay: int = 0

    @property
    def frames(self) -> int:
        """Samples per channel."""
        return len(self.samples) // max(1, self.channels)

    def start_ns(self, stamp_ns: int, arrival_ns: int) -> int:
        """When the first sample was captured.

        Args:
            stamp_ns: of the message; 0 = it has none, and the last sample was captured when it arrived.
            arrival_ns: of the message.
        """
        if self.sample_rate_hz <= 0:
            return stamp_ns or arrival_ns
        before = self.delay + (0 if stamp_ns else self.frames)
        return (stamp_ns or arrival_ns) - samples_to_ns(before, self.sample_rate_hz)
