"""What may become of speech on its way: another level, noise, a telephone line.

Each function takes and gives float32 mono 16 kHz in [-1, 1], as 16 bits hold it: what does not fit is
clipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sounds
import soxr

from stalk_ros.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Audio = npt.NDArray[np.float32]

SEED = 20_240_310
_LINE_HZ = (300.0, 3400.0)
_LINE_RATE_HZ = 8_000
_MU = 255.0
"""Of G.711's companding in North America and Japan."""


def louder(audio: Audio, gain_db: float) -> Audio:
    """With a gain, negative for quieter."""
    return _digital(audio * 10 ** (gain_db / 20))


def noisy(audio: Audio, spoken_s: Iterable[tuple[float, float]], snr_db: float, slope: float) -> Audio:
    """With noise, the same every time.

    Args:
        audio: what is said.
        spoken_s: starts and ends of speech in seconds; the signal is its mean power.
        snr_db: how far the noise is below the signal; its power counts up to 8 kHz, and in pauses too.
        slope: of the noise: see `sounds.noise`.
    """
    speaks = np.zeros(len(audio), bool)
    for start_s, end_s in spoken_s:
        speaks[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)] = True
    noise = sounds.noise(np.random.default_rng(SEED), len(audio), slope)
    power = np.square(audio[speaks], dtype=np.float64).mean() / 10 ** (snr_db / 10)
    return _digital(audio + noise * np.sqrt(power / np.square(noise).mean()))


def telephoned(audio: Audio) -> Audio:
    """Through a telephone line: 300 to 3400 Hz, 8000 samples a second of 8 bits in G.711's mu-law."""
    spectrum = np.fft.rfft(audio)
    frequencies_hz = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE_HZ)
    spectrum[(frequencies_hz < _LINE_HZ[0]) | (frequencies_hz > _LINE_HZ[1])] = 0
    band = np.clip(np.fft.irfft(spectrum, len(audio)), -1.0, 1.0)
    line = soxr.resample(band, SAMPLE_RATE_HZ, _LINE_RATE_HZ)
    companded = np.sign(line) * np.log1p(_MU * np.minimum(np.abs(line), 1.0)) / np.log1p(_MU)
    received = np.round(companded * 127) / 127
    expanded = np.sign(received) * np.expm1(np.abs(received) * np.log1p(_MU)) / _MU
    back = soxr.resample(expanded, _LINE_RATE_HZ, SAMPLE_RATE_HZ)
    return _digital(np.pad(back, (0, max(0, len(audio) - len(back))))[: len(audio)])


def clipped(audio: Audio) -> float:
    """The share of samples at full scale."""
    return float((np.abs(audio) >= 32767 / 32768).mean())


def _digital(audio: npt.NDArray[np.floating]) -> Audio:
    samples: Audio = (np.clip(np.round(audio * 32768), -32768, 32767) / 32768).astype(np.float32)
    return samples
