from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.speakers.backends.mel import MelSpectrogram


def tone(hz: float, samples: int = 16_000) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(samples) / 16_000).astype(np.float32)


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (159, 1), (160, 2), (16_000, 101), (24_000, 151)])
def test_a_frame_is_centred_on_every_tenth_millisecond(samples: int, frames: int) -> None:
    assert MelSpectrogram(40).of(np.ones(samples, np.float32)).shape == (frames, 40)


@pytest.mark.parametrize(
    ("hz", "band", "power"),
    # librosa 0.11: feature.melspectrogram(y=tone, sr=16000, n_fft=400, hop_length=160, n_mels=40)[:, 50]
    [(100, 0, 128.043), (440, 5, 164.311), (1_000, 13, 104.52), (3_000, 27, 59.2747), (7_000, 38, 22.0353)],
)
def test_a_tone_has_the_power_that_librosa_finds(hz: float, band: int, power: float) -> None:
    frame = MelSpectrogram(40).of(tone(hz))[50]
    assert int(frame.argmax()) == band
    assert frame[band] == pytest.approx(power, rel=1e-4)


def test_it_is_power_not_amplitude() -> None:
    mel = MelSpectrogram(40)
    np.testing.assert_allclose(mel.of(10 * tone(500)), 100 * mel.of(tone(500)), rtol=1e-3, atol=1e-6)


def test_a_click_is_heard_in_the_frames_around_it_alone() -> None:
    audio = np.zeros(16_000, np.float32)
    audio[8_000] = 1
    power = MelSpectrogram(40).of(audio).sum(axis=1)
    assert np.flatnonzero(power > 1e-9).tolist() == [49, 50, 51]
    assert int(power.argmax()) == 50
