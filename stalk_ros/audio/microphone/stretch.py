"""One stream of a microphone, from its first sample to where it breaks off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ
from stalk_ros.audio.microphone.clock import CaptureClock
from stalk_ros.audio.microphone.cutting import Cutter
from stalk_ros.clock import NANOSECONDS, seconds_to_ns

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from stalk_ros.audio.chunks import AudioChunk
    from stalk_ros.audio.microphone.mixing import Mixer
    from stalk_ros.audio.microphone.recording import Captured

_STEP_NS = NANOSECONDS // 10
"""A clock that was set has jumped by more than this; AudioStream bears stamps that are off by as much."""

_STEP_S = 1.0


@dataclass
class Losses:
    """What was lost since the microphone was first opened, and what was left out as it was there already."""

    overflows: int = 0
    gaps: int = 0
    lost_s: float = 0.0
    slips: int = 0
    surplus_s: float = 0.0


class Stretch:
    """Makes chunks of blocks; every stamp is that of the first sample plus the count.

    Args:
        rate_hz: of the blocks.
        mixer: of the blocks.
        length: of a chunk, in samples.
        frame_id: name of the microphone.
        losses: where to note what is lost.

    Attributes:
        clock: of the device.
        broken: why another stream has to begin, "" while it need not.
    """

    def __init__(self, rate_hz: int, mixer: Mixer, length: int, frame_id: str, losses: Losses) -> None:
        self.clock = CaptureClock(rate_hz)
        self.broken = ""
        self._rate = rate_hz
        self._mixer = mixer
        self._length = length
        self._frame_id = frame_id
        self._losses = losses
        self._frames = 0
        self._samples = 0
        self._held: list[Captured] = []
        self._cutter: Cutter | None = None
        self._offset_ns = 0
        self._stepped_s: float | None = None

    def push(self, block: Captured, offset_ns: int) -> list[AudioChunk]:
        """Add a block.

        Args:
            block: from a `Recording`.
            offset_ns: what the clock of the stamps shows when the monotonic clock shows 0.
        """
        self._losses.overflows += block.overflowed
        self._held.append(block)
        if block.dropped:
            self.clock.skip(block.dropped)
        missing = self.clock.arrived(block.frames, block.at_s, block.overflowed)
        if missing is None:
            return []
        if self._cutter is None:
            self._offset_ns = offset_ns
            start_ns = seconds_to_ns(self.clock.start_s) + offset_ns
            self._cutter = Cutter(start_ns, self._length, self._frame_id)
        self._watch(offset_ns, block.at_s)
        return self._released(self._cutter, missing)

    def end(self) -> list[AudioChunk]:
        """The rest, with the empty chunk; nothing where nothing began."""
        if self._cutter is None:
            return []
        last = self._released(self._cutter, 0)
        return [*last, *self._cut(self._cutter, self._mixer.flush()), *self._cutter.end()]

    def _released(self, cutter: Cutter, missing: int) -> list[AudioChunk]:
        chunks = self._missed(cutter, missing)
        for block in self._held:
            chunks += self._missed(cutter, block.dropped)
            self._frames += block.frames
            chunks += self._cut(cutter, self._mixer.push(block.data))
        self._held.clear()
        return chunks

    def _cut(self, cutter: Cutter, samples: npt.NDArray[np.int16]) -> list[AudioChunk]:
        slips = cutter.slips
        chunks = cutter.push(samples, self.clock.off_s)
        self._samples += len(samples)
        self._losses.slips += cutter.slips - slips
        return chunks

    def _missed(self, cutter: Cutter, frames: int) -> list[AudioChunk]:
        """Leave out frames that nobody has, or where negative that many of the next."""
        if not frames:
            return []
        self._frames += frames
        if frames < 0:
            self._losses.surplus_s -= frames / self._rate
            surplus = round(-frames * SAMPLE_RATE_HZ / self._rate)
            self._samples -= surplus
            cutter.drop(surplus)
            return []
        self._losses.gaps += 1
        self._losses.lost_s += frames / self._rate
        rest = self._cut(cutter, self._mixer.flush())
        # To where the frames are, so that what is rounded, here and by the resampler, does not add up.
        samples = round(self._frames * SAMPLE_RATE_HZ / self._rate) - self._samples
        self._samples += samples
        return [*rest, *cutter.skip(samples)]

    def _watch(self, offset_ns: int, at_s: float) -> None:
        step_ns = offset_ns - self._offset_ns
        if abs(step_ns) < _STEP_NS:
            self._stepped_s = None
        elif self._stepped_s is None:
            self._stepped_s = at_s
        elif at_s - self._stepped_s > _STEP_S:
            self.broken = f"the system clock was set by {step_ns / NANOSECONDS:+.1f} s"
