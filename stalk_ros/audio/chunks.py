"""Audio on its way from a source to the stages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from stalk_ros.clock import samples_to_ns

SAMPLE_RATE_HZ = 16_000
"""The rate every stage works at."""


@dataclass(frozen=True)
class AudioChunk:
    """A piece of recorded audio, as the message of the same name carries it.

    ``samples`` is interleaved int16; empty samples mark the end of the stream. ``stamp_ns`` is the capture
    time of the first sample, ``first_sample`` counts the samples per channel since the stream began.
    """

    samples: npt.NDArray[np.int16]
    sample_rate_hz: int
    channels: int
    first_sample: int
    stamp_ns: int
    frame_id: str = "microphone"

    @property
    def frames(self) -> int:
        """Samples per channel."""
        return len(self.samples) // max(1, self.channels)

    @property
    def duration_ns(self) -> int:
        """How long it lasts; 0 where the rate can be none."""
        return samples_to_ns(self.frames, self.sample_rate_hz) if self.sample_rate_hz > 0 else 0

    def end(self) -> AudioChunk:
        """The empty chunk that ends the stream after this one."""
        return replace(
            self,
            samples=self.samples[:0],
            first_sample=self.first_sample + self.frames,
            stamp_ns=self.stamp_ns + self.duration_ns,
        )


@dataclass(frozen=True)
class Block:
    """A piece of the 16 kHz mono stream the stages work on.

    ``samples`` is float32 in [-1, 1], one dimension, possibly empty; ``time_ns`` the time of its first
    sample. ``restart`` says that it does not continue the block before: what was pending is complete, state
    starts anew.
    """

    samples: npt.NDArray[np.float32] = field(repr=False)
    time_ns: int
    restart: bool = False

    @property
    def end_ns(self) -> int:
        """The time just after the last sample."""
        return self.time_ns + samples_to_ns(len(self.samples), SAMPLE_RATE_HZ)
