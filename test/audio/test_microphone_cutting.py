"""From blocks of a device to chunks: mixing, cutting and slipping."""

from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.audio.microphone.cutting import Cutter
from stalk_ros.audio.microphone.mixing import Mixer, layout, picked
from stalk_ros.audio.microphone.recording import Captured
from stalk_ros.audio.microphone.stretch import Losses, Stretch
from stalk_ros.errors import UserError

START_NS = 1_700_000_000_000_000_000


def tone(hz: float, seconds: float, rate_hz: int, level: float = 0.5):
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def loudness(samples, hz: float) -> float:
    """Amplitude of a tone in samples, relative to full scale."""
    samples = np.asarray(samples, np.float64) / 32768
    turns = np.exp(-2j * np.pi * hz * np.arange(len(samples)) / SAMPLE_RATE_HZ)
    return float(2 * abs(np.mean(samples * turns)))


@pytest.mark.parametrize("wrong", ["a", "0,", "1,1", "-1", "0;1"])
def test_channels_that_are_no_numbers_are_a_mistake(wrong) -> None:
    with pytest.raises(UserError, match=r"^parameter 'channels' must be different numbers"):
        picked(wrong)


def test_as_many_channels_are_opened_as_are_needed() -> None:
    assert layout(picked(""), 6, "array") == (6, (0, 1, 2, 3, 4, 5))
    assert layout(picked("1, 2,3,4"), 6, "array") == (6, (1, 2, 3, 4))
    assert layout(picked(""), 32, "pulse") == (1, (0,)), "a sound server mixes by itself"
    assert layout(picked("1"), 32, "pulse") == (2, (1,))
    with pytest.raises(UserError, match="'array' has no channel 6: its channels are 0 to 5"):
        layout(picked("0,6"), 6, "array")


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_the_wanted_channels_are_mixed_at_16_khz_in_step(rate_hz, pieces) -> None:
    hz = (500, 700, 900, 1_100)
    frames = np.stack([tone(f, 1.0, rate_hz) for f in hz], axis=1)
    samples = np.rint(frames * 32767).astype(np.int16)
    mixer = Mixer(rate_hz, 4, (1, 3))
    mixed = np.concatenate(
        [*(mixer.push(piece.tobytes()) for piece in pieces(samples, (512, 441, 7))), mixer.flush()]
    )
    assert len(mixed) == pytest.approx(SAMPLE_RATE_HZ, abs=1)
    assert [round(loudness(mixed, f), 2) for f in hz] == [0.0, 0.25, 0.0, 0.25]
    expected = (tone(700, 1.0, SAMPLE_RATE_HZ) + tone(1_100, 1.0, SAMPLE_RATE_HZ)) / 2 * 32767
    inner = slice(800, 15_200)
    assert np.max(np.abs(mixed[inner] - expected[inner])) < 40


def test_the_level_is_that_of_the_loudest_channel_before_mixing() -> None:
    frames = np.stack([tone(500, 1.0, 48_000, 0.1), np.full(48_000, 1.0)], axis=1)
    frames[:, 1] = np.sign(tone(100, 1.0, 48_000))
    mixer = Mixer(48_000, 2, (0, 1))
    mixer.push(np.clip(frames * 32768, -32768, 32767).astype(np.int16).tobytes())
    assert mixer.level.peak_dbfs == pytest.approx(0.0, abs=0.01)
    assert "clips" in mixer.level.problem


def test_a_sample_is_slipped_where_it_is_least_heard() -> None:
    samples = np.rint(tone(50, 0.1, SAMPLE_RATE_HZ) * 32767).astype(np.int16)
    for off_s, length in ((0.001, 1_601), (-0.001, 1_599), (0.0004, 1_600)):
        cutter = Cutter(0, length, "")
        (chunk,) = cutter.push(samples, off_s)
        assert len(chunk.samples) == length
        assert cutter.slips == abs(length - 1_600)
        # A tone is flat at its tops: the steps are no larger for a slip.
        assert np.max(np.abs(np.diff(chunk.samples, 2))) <= np.max(np.abs(np.diff(samples, 2))) + 8


def test_slips_come_one_by_one_until_the_count_is_right() -> None:
    cutter, samples = Cutter(0, 512, ""), np.zeros(512, np.int16)
    slips = []
    for _ in range(40):
        cutter.push(samples, 0.0017)
        slips.append(cutter.slips)
    assert slips[:3] == [1, 2, 3]
    assert slips[-1] == 20, "to within half a millisecond"


def blocks(numbers, gaps=()):
    """Ramps of 512 samples; ``gaps`` are dropped by the queue before those blocks."""
    first = 0
    for number in numbers:
        dropped = dict(gaps).get(number, 0)
        first += dropped
        samples = np.arange(first, first + 512).astype(np.int16)
        first += 512
        yield Captured(samples.tobytes(), 512, 50.0 + first / SAMPLE_RATE_HZ, False, dropped)


def stretch() -> Stretch:
    return Stretch(SAMPLE_RATE_HZ, Mixer(SAMPLE_RATE_HZ, 1, (0,)), 800, "head", Losses())


def test_every_stamp_is_the_start_plus_the_count_also_over_a_gap() -> None:
    heard = stretch()
    chunks = [
        chunk for block in blocks(range(60), {30: 4_000}.items()) for chunk in heard.push(block, START_NS)
    ]
    chunks += heard.end()
    first_ns = START_NS + 50_000_000_000
    for chunk in chunks:
        assert chunk.stamp_ns == pytest.approx(first_ns + chunk.first_sample * 62_500, abs=1_000)
        np.testing.assert_array_equal(
            chunk.samples,
            np.arange(chunk.first_sample, chunk.first_sample + len(chunk.samples)).astype(np.int16),
        )
    lengths = [len(chunk.samples) for chunk in chunks]
    assert lengths == [800] * 19 + [160] + [800] * 19 + [160, 0]
    assert heard._losses == Losses(0, 1, 0.25, 0)
    assert chunks[0].frame_id == "head"


def test_a_clock_that_is_set_ends_the_stream_after_a_second() -> None:
    heard = stretch()
    for number, block in enumerate(blocks(range(200))):
        jump = number >= 100
        single = number == 50
        heard.push(block, START_NS + (3_600_000_000_000 if jump or single else 20_000_000))
        assert bool(heard.broken) == (number > 100 + 1.0 / 0.032), number
    assert heard.broken == "the system clock was set by +3600.0 s"


def test_what_was_not_yet_given_a_time_when_it_ends_is_no_stream() -> None:
    heard = stretch()
    for block in blocks(range(3)):
        assert heard.push(block, START_NS) == []
    assert heard.end() == []
