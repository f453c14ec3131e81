from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stalk_ros.speakers.backends.fbank import THREE_D_SPEAKER, WESPEAKER, Features

KINDS = {"WeSpeaker": WESPEAKER, "3D-Speaker": THREE_D_SPEAKER}


def kaldi(audio: np.ndarray, window: np.ndarray, bins: int = 80) -> np.ndarray:
    """Kaldi's log mel filter banks written out, as its documentation and torchaudio's define them."""
    frames = np.lib.stride_tricks.sliding_window_view(audio.astype(np.float64), 400)[::160]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    power = np.abs(np.fft.rfft((frames - 0.97 * before) * window, 512)) ** 2
    mel = 1127 * np.log(1 + np.arange(257) * 16_000 / 512 / 700)
    edges = np.linspace(1127 * np.log(1 + 20 / 700), 1127 * np.log(1 + 8000 / 700), bins + 2)[:, None]
    rise, fall = (
        (mel - edges[:-2]) / np.diff(edges[:-1], axis=0),
        (edges[2:] - mel) / np.diff(edges[1:], axis=0),
    )
    triangles = np.maximum(0.0, np.minimum(rise, fall))
    triangles[:, -1] = 0.0
    return np.log(np.maximum(power @ triangles.T, np.finfo(np.float32).eps))


@pytest.mark.parametrize(
    ("kind", "expected", "total"),
    [
        (
            "WeSpeaker",
            {(0, 0): -0.8262, (10, 3): 0.9449, (74, 20): -0.1745, (100, 40): 4.9489, (120, 60): -0.3030},
            29_877.96,
        ),
        (
            "3D-Speaker",
            {(0, 0): -1.0878, (10, 3): 0.9211, (74, 20): -0.1166, (100, 40): 5.8257, (120, 60): -0.0379},
            29_437.20,
        ),
    ],
)
def test_they_are_what_wespeaker_computes(sound, kind: str, expected, total: float) -> None:
    """``compute_features`` of WeSpeaker's ``cli/speaker.py`` at dfa7419 with torchaudio 2.11, of this sound.

    With its defaults and the sound at int16 scale, and with set_window_type("povey") and the sound as it is.
    """
    features = KINDS[kind].of(sound(1.5))
    assert features.shape == (148, 80)
    assert features.dtype == np.float32
    assert {place: features[place] for place in expected} == pytest.approx(expected, abs=1e-3)
    assert np.abs(features).sum() == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("level", [1.0, 1e-2, 1e-4])
@pytest.mark.parametrize("kind", KINDS)
def test_they_are_kaldis_at_every_level(sound, kind: str, level: float) -> None:
    features = KINDS[kind]
    raised = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 399)
    povey = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)) ** 0.85
    audio = sound(0.8) * np.float32(level)
    expected = kaldi(audio * features.full_scale, {"hamming": raised, "povey": povey}[features.window_type])
    np.testing.assert_allclose(features.of(audio), expected - expected.mean(axis=0), atol=0.01)


def test_the_two_kinds_differ_and_quiet_speech_is_heard_at_int16_scale_only(sound) -> None:
    near, far = (THREE_D_SPEAKER.of(sound(0.5) * np.float32(gain)) for gain in (1.0, 1e-4))
    assert np.abs(near - far).max() > 1.0, "the floor of the logarithm"
    near, far = (WESPEAKER.of(sound(0.5) * np.float32(gain)) for gain in (1.0, 1e-4))
    np.testing.assert_allclose(near, far, atol=0.5)
    assert np.abs(WESPEAKER.of(sound(0.5)) - THREE_D_SPEAKER.of(sound(0.5))).max() > 1.0


@pytest.mark.parametrize("samples", [1, 399, 400, 1_000, 3_439, 3_440, 16_000])
def test_any_length_gives_as_many_frames_as_a_network_needs(sound, samples: int) -> None:
    features = WESPEAKER.of(sound(1.0)[:samples])
    assert len(features) == max(20, 1 + (samples - 400) // 160)
    assert np.isfinite(features).all()
    np.testing.assert_allclose(features.mean(axis=0), 0.0, atol=1e-4)


def test_what_is_short_is_repeated(sound) -> None:
    features = WESPEAKER.of(sound(0.1))
    np.testing.assert_array_equal(features[:8], features[8:16])


def test_sizes_are_those_of_the_model(sound) -> None:
    small = replace(WESPEAKER, bins=40, frame_ms=32.0, shift_ms=16.0)
    assert small.of(sound(1.0)).shape == (1 + (16_000 - 512) // 256, 40)


def test_the_mean_stays_where_the_model_wants_it(sound) -> None:
    features = replace(WESPEAKER, centred=False).of(sound(1.0))
    np.testing.assert_allclose(features - features.mean(axis=0), WESPEAKER.of(sound(1.0)), atol=1e-5)
    assert features.mean() > 5


def test_silence_gives_numbers() -> None:
    for features in (*KINDS.values(), Features("hamming", 1.0)):
        np.testing.assert_allclose(features.of(np.zeros(8_000, np.float32)), 0.0, atol=1e-4)
