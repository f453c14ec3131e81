"""The channels that are wanted, mixed to 16 kHz mono."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ
from stalk_ros.audio.level import LevelMeter
from stalk_ros.errors import UserError

_ARRAY = 8
"""What claims more channels is a sound server, which mixes by itself."""


def picked(channels: str) -> tuple[int, ...]:
    """The channels that the parameter names, none for all.

    Raises:
        UserError: it is no list of different numbers.
    """
    names = [name.strip() for name in channels.split(",")] if channels.strip() else []
    if not all(name.isdecimal() for name in names) or len(set(map(int, names))) < len(names):
        raise UserError(
            f"parameter 'channels' must be different numbers from 0 on such as '0' or '1,2', not '{channels}'"
        )
    return tuple(map(int, names))


def layout(wanted: tuple[int, ...], channels: int, name: str) -> tuple[int, tuple[int, ...]]:
    """How many channels of a device to open, and which of them to mix.

    Args:
        wanted: from `picked`.
        channels: how many the device has.
        name: of the device.

    Raises:
        UserError: it does not have them.
    """
    if wanted and max(wanted) >= channels:
        raise UserError(
            f"the microphone '{name}' has no channel {max(wanted)}: its channels are 0 to {channels - 1}"
        )
    if channels > _ARRAY:
        return (max(wanted) + 1, wanted) if wanted else (1, (0,))
    return channels, wanted or tuple(range(channels))


class Mixer:
    """Mixes and resamples; sample n of what comes out is heard n / 16000 s after the first that went in.

    Args:
        rate_hz: of what goes in.
        channels: of what goes in.
        mixed: those that are heard.

    Attributes:
        level: of the loudest of them, before it is mixed.
    """

    def __init__(self, rate_hz: int, channels: int, mixed: tuple[int, ...]) -> None:
        self.level = LevelMeter(rate_hz)
        self._rate = rate_hz
        self._channels = channels
        self._mixed = mixed
        self._resampler = self._new()

    def push(self, data: bytes) -> npt.NDArray[np.int16]:
        """What can be told after this block."""
        frames = np.frombuffer(data, np.int16).reshape(-1, self._channels)[:, self._mixed]
        if len(self._mixed) == 1:
            mono = frames[:, 0]
            self.level.push(mono)
            return mono if self._resampler is None else self._resampled(mono.astype(np.float32))
        wide = frames.astype(np.float32)
        loudest = int(np.argmax(wide.max(axis=0) - wide.min(axis=0)))
        self.level.push(frames[:, loudest])
        return self._resampled(wide.mean(axis=1))

    def flush(self) -> npt.NDArray[np.int16]:
        """The end of what went in; what comes next does not follow it."""
        if self._resampler is None:
            return np.zeros(0, np.int16)
        rest = self._resampled(np.zeros(0, np.float32), last=True)
        self._resampler = self._new()
        return rest

    def _new(self) -> soxr.ResampleStream | None:
        if self._rate == SAMPLE_RATE_HZ:
            return None
        return soxr.ResampleStream(self._rate, SAMPLE_RATE_HZ, 1, dtype="float32")

    def _resampled(self, mono: npt.NDArray[np.float32], last: bool = False) -> npt.NDArray[np.int16]:
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(mono, last=last)
        samples: npt.NDArray[np.int16] = np.clip(np.rint(mono), -32768, 32767).astype(np.int16)
        return samples
