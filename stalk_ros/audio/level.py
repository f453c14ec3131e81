"""How loud a microphone is, and whether it works at all."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import numpy.typing as npt

FLOOR_DBFS = -100.0
"""The level of silence: less than the smallest signal of 16 bits, -90 dBFS."""

_FULL_SCALE = 32_768
_TOP = round(0.98 * _FULL_SCALE)
"""What was clipped and then resampled, as sound servers do, ripples just below full scale: at 48 kHz clipped
speech that comes at 16 kHz has as many samples above this in a row as it had at full scale."""

_LEVEL_S = 1.0
_CLIPPING_S = 10.0
"""Long enough to be seen in diagnostics, which come every second, when somebody shouted once."""

_SILENT_S = 10.0
"""A converter is never without noise, but one that gates it gives zeros between what people say."""

_CLIPPED = 0.001
"""Of what was heard lately, 10 ms in all: more than one clap or a door, less than a voice too loud."""


class LevelMeter:
    """Measures one channel as it comes from the device: mixing hides clipping.

    Levels are in decibels relative to the largest sample, so that the RMS level of the loudest sine is
    -3 dBFS. They are those of the last second.

    Args:
        sample_rate_hz: rate of the samples.
    """

    def __init__(self, sample_rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self._rate = sample_rate_hz
        self._levels = _Recent(round(_LEVEL_S * sample_rate_hz))
        self._clipping = _Recent(round(_CLIPPING_S * sample_rate_hz))
        self._constant = 0
        self._last = np.zeros(0, np.int16)

    def push(self, samples: npt.NDArray[np.int16]) -> None:
        """Take in the samples [n] that follow those before."""
        if not len(samples):
            return
        peak = max(int(samples.max()), -int(samples.min()))
        wide = samples.astype(np.float32)
        self._levels.push(len(samples), float(peak), float(wide @ wide))
        joined = np.concatenate([self._last, samples])
        flat = _flat(joined) if peak >= _TOP else 0
        self._clipping.push(len(samples), 0.0, flat)
        self._constant = self._constant_end(samples)
        self._last = joined[-2:]

    @property
    def peak_dbfs(self) -> float:
        """The largest sample."""
        return _dbfs(self._levels.peak)

    @property
    def rms_dbfs(self) -> float:
        """The root of the mean power."""
        return _dbfs(math.sqrt(self._levels.total / self._levels.samples) if self._levels.samples else 0.0)

    @property
    def silent_s(self) -> float:
        """How long every sample has been the same, zero as a rule."""
        return self._constant / self._rate

    @property
    def clipped(self) -> float:
        """Share of the samples of the last ten seconds that are the third or later at full scale in a row.

        A recording may touch full scale with single samples without being distorted.
        """
        return self._clipping.total / self._clipping.samples if self._clipping.samples else 0.0

    @property
    def problem(self) -> str:
        """What is wrong with the microphone, in a sentence; "" = nothing."""
        if self.silent_s >= _SILENT_S:
            return f"the microphone gives only silence for {self.silent_s:.0f} s: is it muted or unplugged?"
        if self.clipped >= _CLIPPED:
            return "the microphone clips: turn its gain down"
        return ""

    def _constant_end(self, samples: npt.NDArray[np.int16]) -> int:
        """Samples at the end of everything so far that are all the same."""
        if len(samples) > 1 and samples[-1] != samples[-2]:
            return 1  # nearly always, and quick to see
        others = np.flatnonzero(samples != samples[-1])
        if len(others):
            return len(samples) - 1 - int(others[-1])
        continued = len(self._last) and self._last[-1] == samples[-1]
        return len(samples) + (self._constant if continued else 0)


class _Recent:
    """Peak and sum of what was pushed lately: at least the last push, at most ``length`` samples.

    They may be asked for in another thread than that which pushes.
    """

    def __init__(self, length: int) -> None:
        self.samples = 0
        self._length = length
        self._pushes: deque[tuple[int, float, float]] = deque()

    def push(self, samples: int, peak: float, total: float) -> None:
        self._pushes.append((samples, peak, total))
        self.samples += samples
        while len(self._pushes) > 1 and self.samples > self._length:
            self.samples -= self._pushes.popleft()[0]

    @property
    def peak(self) -> float:
        return max((peak for _, peak, _ in self._pushes.copy()), default=0.0)

    @property
    def total(self) -> float:
        return sum(total for _, _, total in self._pushes.copy())


def _flat(samples: npt.NDArray[np.int16]) -> int:
    """How many samples are at the same end of the scale as the two before them."""
    end = (samples >= _TOP).astype(np.int8) - (samples <= -_TOP)
    same = (end[2:] != 0) & (end[2:] == end[1:-1]) & (end[1:-1] == end[:-2])
    return int(np.count_nonzero(same))


def _dbfs(amplitude: float) -> float:
    return max(FLOOR_DBFS, 20 * math.log10(amplitude / _FULL_SCALE)) if amplitude else FLOOR_DBFS
