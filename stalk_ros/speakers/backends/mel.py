"""Power mel spectrograms as librosa makes them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stalk_ros.audio import SAMPLE_RATE_HZ

HOP = 160
"""Samples from frame to frame: 10 ms."""

_FRAME = 400


class MelSpectrogram:
    """Frames of 25 ms every 10 ms, each centred on its time, the audio padded with zeros.

    Args:
        bands: number of mel bands between 0 and 8 kHz.
    """

    def __init__(self, bands: int) -> None:
        # Periodic, unlike np.hanning.
        self._window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)
        self._filters = _filters(bands).T.astype(np.float32)

    def of(self, audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The power in each band, [1 + samples // 160, bands]."""
        padded = np.pad(audio, _FRAME // 2)
        frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::HOP]
        spectrum = np.fft.rfft(frames * self._window, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        bands: npt.NDArray[np.float32] = power @ self._filters
        return bands


def _filters(bands: int) -> npt.NDArray[np.float64]:
    """Triangles of equal area, [bands, 201].

    Their corners are equally far apart on the scale of Slaney's Auditory Toolbox: linear up to 1 kHz (15
    mel), then logarithmic with a factor of 6.4 in 27 mel.
    """
    frequencies = np.linspace(0, SAMPLE_RATE_HZ / 2, _FRAME // 2 + 1)
    top_mel = 15 + np.log(SAMPLE_RATE_HZ / 2 / 1000) * 27 / np.log(6.4)
    mel = np.linspace(0, top_mel, bands + 2)
    corners = np.where(mel < 15, mel * 1000 / 15, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))
    rise = (frequencies - corners[:-2, None]) / np.diff(corners)[:-1, None]
    fall = (corners[2:, None] - frequencies) / np.diff(corners)[1:, None]
    area = 2 / (corners[2:] - corners[:-2])
    filters: npt.NDArray[np.float64] = np.maximum(0, np.minimum(rise, fall)) * area[:, None]
    return filters
