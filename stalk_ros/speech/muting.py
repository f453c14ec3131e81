"""Not hearing the robot's own voice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_samples, seconds_to_ns

if TYPE_CHECKING:
    import numpy.typing as npt

    from stalk_ros.audio import Block


class Muting:
    """Silence in place of what is heard while the robot speaks, and for a while after.

    The robot does not say at which time of the audio it speaks: it counts from the newest audio.

    Attributes:
        speaking: the robot speaks.
    """

    def __init__(self) -> None:
        self.speaking = False
        self._until_ns = self._heard_ns = 0

    def robot_spoke(self, speaking: bool, tail_s: float) -> None:
        """The robot begins to speak, or stops; then its voice is in the room for ``tail_s`` more."""
        if self.speaking and not speaking:
            self._until_ns = self._heard_ns + seconds_to_ns(tail_s)
        self.speaking = speaking

    def is_muted(self, time_ns: int) -> bool:
        """Whether a sample of this time, among the newest, is not heard."""
        return self.speaking or time_ns < self._until_ns

    def heard(self, block: Block) -> npt.NDArray[np.float32]:
        """The samples of the next block, with zeros for those that are not heard."""
        if block.restart and block.time_ns < self._heard_ns:
            self._until_ns = block.time_ns  # of another microphone or time
        self._heard_ns = block.end_ns
        if not self.is_muted(block.time_ns):
            return block.samples
        if self.speaking:
            return np.zeros_like(block.samples)
        # Whatever has begun is muted whole.
        count = ns_to_samples(self._until_ns - block.time_ns, SAMPLE_RATE_HZ)
        return np.concatenate([np.zeros_like(block.samples[:count]), block.samples[count:]])
