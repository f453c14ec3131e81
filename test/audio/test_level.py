from __future__ import annotations

import numpy as np
import pytest
import soxr

from stalk_ros.audio import LevelMeter
from stalk_ros.audio.level import _Recent

RATE = 16_000


def tone(amplitude: float, seconds: float, offset: float = 0.0) -> np.ndarray:
    wave = amplitude * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE) + offset
    return np.clip(wave, -32_768, 32_767).astype(np.int16)


def measured(*pieces: np.ndarray) -> LevelMeter:
    meter = LevelMeter(RATE)
    for piece in pieces:
        for start in range(0, len(piece), 512):
            meter.push(piece[start : start + 512])
    return meter


def test_a_tone_has_the_level_of_its_amplitude() -> None:
    meter = measured(tone(3_276.8, 2.0))
    assert meter.peak_dbfs == pytest.approx(-20.0, abs=0.05)
    assert meter.rms_dbfs == pytest.approx(-23.0, abs=0.05)
    assert (meter.problem, meter.clipped) == ("", 0.0)


def test_levels_are_those_of_the_last_second() -> None:
    meter = measured(tone(20_000, 2.0), tone(200, 1.1))
    assert meter.peak_dbfs == pytest.approx(20 * np.log10(200 / 32_768), abs=0.1)


def test_before_anything_is_heard_it_is_silent() -> None:
    meter = LevelMeter(RATE)
    meter.push(np.zeros(0, np.int16))
    assert (meter.peak_dbfs, meter.rms_dbfs, meter.silent_s, meter.clipped) == (-100.0, -100.0, 0.0, 0.0)


def test_zeros_for_long_are_a_problem_until_something_is_heard() -> None:
    meter = measured(tone(1_000, 1.0), np.zeros(12 * RATE, np.int16))
    assert meter.silent_s == pytest.approx(12.0, abs=0.01)
    assert meter.problem == "the microphone gives only silence for 12 s: is it muted or unplugged?"
    meter.push(tone(1_000, 0.1))
    assert (meter.silent_s < 0.01, meter.problem) == (True, "")


def test_a_pause_is_no_problem() -> None:
    assert measured(np.zeros(9 * RATE, np.int16)).problem == ""


def test_one_constant_is_silence_and_another_begins_anew() -> None:
    meter = measured(np.full(5 * RATE, 17, np.int16), np.full(3 * RATE, -4, np.int16))
    assert meter.silent_s == pytest.approx(3.0)


def test_quiet_noise_is_no_silence() -> None:
    noise = np.random.default_rng(1).integers(-1, 2, 12 * RATE).astype(np.int16)
    meter = measured(noise)
    assert meter.silent_s < 0.01
    assert meter.problem == ""


def test_a_voice_too_loud_clips_for_ten_seconds() -> None:
    meter = measured(tone(60_000, 0.5))
    assert meter.clipped > 0.3
    assert meter.problem == "the microphone clips: turn its gain down"
    meter = measured(tone(60_000, 0.5), tone(3_000, 9.0))
    assert meter.problem
    meter = measured(tone(60_000, 0.5), tone(3_000, 11.0))
    assert (meter.clipped, meter.problem) == (0.0, "")


def test_clipping_shows_after_a_sound_server_has_resampled_it() -> None:
    wave = 1.5 * np.sin(2 * np.pi * 200 * np.arange(48_000) / 48_000)
    resampled = soxr.resample(np.clip(wave, -1.0, 1.0), 48_000, RATE)
    assert measured(np.clip(32_768 * resampled, -32_768, 32_767).astype(np.int16)).problem


def test_single_samples_at_full_scale_do_not_clip() -> None:
    samples = tone(3_000, 2.0)
    samples[::50] = 32_767
    samples[1::50] = 32_767
    samples[10::50] = -32_768
    assert measured(samples).clipped == 0.0


@pytest.mark.parametrize("size", [1, 2, 7, 16_000])
def test_how_it_is_cut_changes_nothing(size: int) -> None:
    samples = tone(50_000, 1.0)
    meter, whole = LevelMeter(RATE), LevelMeter(RATE)
    whole.push(samples)
    for start in range(0, len(samples), size):
        meter.push(samples[start : start + size])
    assert meter.clipped == pytest.approx(whole.clipped)
    assert meter.rms_dbfs == pytest.approx(whole.rms_dbfs, abs=0.001)
    assert meter.silent_s == whole.silent_s


def test_diagnostics_ask_while_another_thread_pushes() -> None:
    """What happens once in a million is made to happen: a push while the largest is looked for."""
    recent = _Recent(RATE)

    class Meddling(float):
        def __gt__(self, other: float) -> bool:
            recent.push(1, 0.0, 0.0)
            return super().__gt__(other)

        def __radd__(self, other: float) -> float:
            recent.push(1, 0.0, 0.0)
            return float(other) + float(self)

    for _ in range(3):
        recent.push(1, Meddling(0.5), Meddling(2.0))
    assert recent.peak == 0.5
    assert recent.total == 6.0
