"""That no sample is lost track of, whatever a device does."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.audio.microphone.mixing import Mixer
from stalk_ros.audio.microphone.recording import Captured
from stalk_ros.audio.microphone.stretch import Losses, Stretch
from stalk_ros.clock import samples_to_ns

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk


class Given(NamedTuple):
    """A block: its frames, how late it came, the frames dropped and lost before it, PortAudio's word."""

    frames: int
    late_s: float
    dropped: int
    lost: int
    overflowed: bool


seldom = st.one_of(st.just(0), st.just(0), st.just(0), st.integers(1, 9_000))
late = st.one_of(st.just(0.001), st.floats(0.0, 0.02), st.floats(0.0, 2.0))
size = st.one_of(st.just(512), st.integers(0, 2_000))
flag = st.one_of(st.just(False), st.just(False), st.booleans())
device = st.lists(st.builds(Given, size, late, seldom, seldom, flag), min_size=20, max_size=100)


def blocks(device: list[Given], rate_hz: int, ppm: float) -> list[Captured]:
    """A ramp, of which the samples tell where they were; what is lost is missing there too."""
    frames, ramp, came_s, given = 0, 0, 0.0, []
    for block in device:
        frames += block.lost + block.dropped + block.frames
        came_s = max(came_s, 50.0 + frames / rate_hz * (1 + ppm / 1e6) + block.late_s)
        samples = np.arange(ramp, ramp + block.frames).astype(np.int16)
        ramp += block.frames
        given.append(Captured(samples.tobytes(), block.frames, came_s, block.overflowed, block.dropped))
    return given


def heard(given: list[Captured], rate_hz: int, length: int) -> tuple[Stretch, list[AudioChunk], Losses]:
    losses = Losses()
    stretch = Stretch(rate_hz, Mixer(rate_hz, 1, (0,)), length, "head", losses)
    chunks = [chunk for block in given for chunk in stretch.push(block, 0)]
    return stretch, chunks + stretch.end(), losses


@given(device, st.floats(-500, 500), st.sampled_from([160, 512, 1_600, 16_000]))
def test_every_sample_is_in_one_chunk_or_counted_as_slipped_or_surplus(device, ppm, length) -> None:
    given = blocks(device, SAMPLE_RATE_HZ, ppm)
    stretch, chunks, losses = heard(given, SAMPLE_RATE_HZ, length)
    if not chunks:
        return  # shorter than it takes to tell the time
    samples = np.concatenate([chunk.samples for chunk in chunks])
    steps = np.diff(samples, prepend=np.int16(-1)).view(np.uint16)
    doubled = int(np.count_nonzero(steps == 0))
    left_out = int(np.sum(steps[steps > 1].astype(np.int64) - 1))
    surplus = round(losses.surplus_s * SAMPLE_RATE_HZ) - stretch._cutter._surplus
    # Of what is left out at the end the ramp tells nothing.
    at_end = sum(block.frames for block in given) - (len(samples) - doubled + left_out)
    assert 0 <= at_end <= surplus
    assert left_out + at_end == losses.slips - doubled + surplus


@given(device, st.floats(-500, 500), st.sampled_from([160, 1_600]))
def test_what_is_missing_between_chunks_is_what_is_told(device, ppm, length) -> None:
    _, chunks, losses = heard(blocks(device, SAMPLE_RATE_HZ, ppm), SAMPLE_RATE_HZ, length)
    if not chunks:
        return
    ends = [0, *(chunk.first_sample + len(chunk.samples) for chunk in chunks)]
    gaps = [chunk.first_sample - end for chunk, end in zip(chunks, ends, strict=False)]
    assert min(gaps) >= 0
    assert sum(gaps) == round(losses.lost_s * SAMPLE_RATE_HZ)
    start_ns = chunks[0].stamp_ns - samples_to_ns(chunks[0].first_sample, SAMPLE_RATE_HZ)
    for chunk in chunks:
        assert abs(chunk.stamp_ns - start_ns - samples_to_ns(chunk.first_sample, SAMPLE_RATE_HZ)) <= 1
    assert [len(chunk.samples) == 0 for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


@settings(max_examples=25)
@given(device, st.sampled_from([8_000, 22_050, 44_100, 48_000, 96_000]))
def test_the_count_is_that_of_the_frames_at_every_rate(device, rate_hz) -> None:
    """Also after many gaps: the rounding of each would add up."""
    stretch, chunks, losses = heard(blocks(device, rate_hz, 0.0), rate_hz, 512)
    if not chunks:
        return
    frames = sum(block.frames for block in device) + (losses.lost_s - losses.surplus_s) * rate_hz
    # Each surplus, of which there are few, is rounded by itself.
    expected = frames * SAMPLE_RATE_HZ / rate_hz + stretch._cutter._surplus
    assert chunks[-1].first_sample == pytest.approx(expected, abs=1 + losses.slips + len(device) / 2)


def test_gaps_of_odd_lengths_do_not_add_up() -> None:
    rate_hz, frames = 44_100, 1_412
    device = [Given(frames, 0.001, 1_324 if number % 10 == 9 else 0, 0, False) for number in range(3_000)]
    _, chunks, losses = heard(blocks(device, rate_hz, 0.0), rate_hz, 512)
    assert (losses.gaps, losses.slips, losses.surplus_s) == (300, 0, 0.0)
    total = 3_000 * frames + 300 * 1_324
    assert chunks[-1].first_sample == pytest.approx(total * SAMPLE_RATE_HZ / rate_hz, abs=1)
    assert all(after.first_sample >= chunk.first_sample for chunk, after in pairwise(chunks))
