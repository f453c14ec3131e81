from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stalk_ros.audio import AudioChunk, AudioStream, Block, MalformedAudioError
from stalk_ros.clock import NANOSECONDS, samples_to_ns, seconds_to_ns

START_NS = 1_700_000_000_123_456_789


def noise(samples: int, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(samples).integers(-20_000, 20_000, samples * channels).astype(np.int16)


def chunk(
    samples: np.ndarray, first: int = 0, rate: int = 16_000, channels: int = 1, **changes: Any
) -> AudioChunk:
    made = AudioChunk(samples, rate, channels, first, START_NS + samples_to_ns(first, rate), "front")
    return replace(made, **changes)


def cut(samples: np.ndarray, sizes: list[int], rate: int = 16_000, channels: int = 1) -> list[AudioChunk]:
    """The samples as chunks whose sizes take turns."""
    chunks, first = [], 0
    while first * channels < len(samples):
        size = sizes[len(chunks) % len(sizes)]
        piece = samples[first * channels : (first + size) * channels]
        chunks.append(chunk(piece, first, rate, channels))
        first += size
    return chunks


def heard(stream: AudioStream, chunks: list[AudioChunk], end: bool = True) -> list[Block]:
    blocks = [block for item in chunks for block in stream.push(item)]
    return blocks + (stream.end() if end else [])


def joined(blocks: list[Block]) -> np.ndarray:
    return np.concatenate([block.samples for block in blocks])


def assert_continuous(blocks: list[Block]) -> None:
    """Every block begins where the one before ended, to the nanosecond that its sample count tells."""
    assert blocks[0].restart
    samples = 0
    for block in blocks[:-1]:
        assert block.time_ns == blocks[0].time_ns + samples_to_ns(samples, 16_000)
        samples += len(block.samples)


def test_channels_are_averaged() -> None:
    samples = np.array([[-32768, -32768], [32767, 32767], [100, -100], [1, 0]], np.int16).ravel()
    (block,) = heard(AudioStream(), [chunk(samples, channels=2)], end=False)
    np.testing.assert_array_equal(block.samples, np.array([-32768, 32767, 0, 0.5], np.float32) / 32768)
    assert block.samples.dtype == np.float32


@settings(deadline=None, max_examples=40)
@given(
    rate=st.sampled_from([8_000, 11_025, 16_000, 44_100, 48_000, 96_000]),
    channels=st.sampled_from([1, 2, 8]),
    sizes=st.lists(st.integers(1, 5_000), min_size=1, max_size=5),
    samples=st.integers(1, 30_000),
)
def test_audio_and_its_time_do_not_depend_on_how_it_was_cut(rate, channels, sizes, samples) -> None:
    audio = noise(samples, channels)
    small_ones_too = [max(size, samples // 300) for size in sizes]
    blocks = heard(AudioStream(), cut(audio, small_ones_too, rate, channels))
    assert_continuous(blocks)
    assert blocks[0].time_ns == START_NS
    whole = joined(heard(AudioStream(), cut(audio, [samples], rate, channels)))
    np.testing.assert_array_equal(joined(blocks), whole)
    assert abs(len(whole) - samples * 16_000 / rate) <= 1
    assert [block.restart for block in blocks] == [True] + [False] * (len(blocks) - 2) + [True]


def test_resampling_keeps_every_sound_in_its_place() -> None:
    click = np.zeros(48_000, np.int16)
    click[24_000:24_003] = 30_000
    audio = joined(heard(AudioStream(), cut(click, [4_800], 48_000)))
    assert abs(int(np.argmax(audio)) - 8_000) <= 1


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("gap_s", [0.02, 0.5, 1.0])
def test_a_short_gap_is_filled_with_silence(rate: int, gap_s: float) -> None:
    stream, gap = AudioStream(), round(gap_s * rate)
    before, after = cut(noise(rate), [rate // 10], rate), chunk(noise(rate), rate + gap, rate)
    blocks = heard(stream, [*before, after])
    assert_continuous(blocks)
    audio = joined(blocks)
    assert len(audio) == round((2 + gap_s) * 16_000)
    silence = audio[16_000 + 100 : 16_000 + int(gap_s * 16_000) - 100]
    assert np.abs(silence).max(initial=0) < 0.01
    assert (stream.gaps, stream.refused) == (1, 0)
    assert stream.lost_s == pytest.approx(gap_s)


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_a_long_gap_restarts_the_stream_at_its_new_time(rate: int) -> None:
    stream = AudioStream()
    heard(stream, [chunk(noise(rate), 0, rate)], end=False)
    blocks = stream.push(chunk(noise(rate), 2 * rate + 1, rate))
    assert [block.restart for block in blocks] == [False, True, True][3 - len(blocks) :]
    assert blocks[-1].time_ns == START_NS + samples_to_ns(2 * rate + 1, rate)
    assert blocks[-2].end_ns == pytest.approx(START_NS + NANOSECONDS, abs=100_000)
    assert (stream.gaps, stream.lost_s) == (1, pytest.approx(1.0, abs=0.001))


@pytest.mark.parametrize(
    "changes",
    [
        {"first_sample": 0, "stamp_ns": START_NS},
        {"first_sample": 0, "stamp_ns": START_NS + 60 * NANOSECONDS},
        {"frame_id": "rear"},
        {"frame_id": "rear", "sample_rate_hz": 8_000},
        {"first_sample": 0, "sample_rate_hz": 48_000, "channels": 2},
        {"stamp_ns": START_NS + 5 * NANOSECONDS + seconds_to_ns(0.11)},
        {"stamp_ns": START_NS + 5 * NANOSECONDS - seconds_to_ns(0.11)},
    ],
    ids=[
        "jump back",
        "started again",
        "other microphone",
        "other microphone and rate",
        "started again at another rate",
        "stamp jumps ahead",
        "stamp jumps back",
    ],
)
def test_what_does_not_continue_the_stream_begins_a_new_one(changes: dict[str, Any]) -> None:
    stream = AudioStream()
    heard(stream, cut(noise(80_000), [1_600]), end=False)
    other = replace(chunk(noise(4_800), 80_000), **changes)
    blocks = stream.push(other)
    assert [block.restart for block in blocks] == [True, True]
    assert len(blocks[0].samples) == 0
    assert blocks[0].time_ns == START_NS + 5 * NANOSECONDS, "the old stretch ends where its audio ended"
    assert blocks[1].time_ns == other.stamp_ns
    frames = len(other.samples) // other.channels
    following = replace(
        other,
        first_sample=other.first_sample + frames,
        stamp_ns=other.stamp_ns + samples_to_ns(frames, other.sample_rate_hz),
    )
    assert not any(block.restart for block in stream.push(following))
    contradicts = set(changes) == {"stamp_ns"}
    assert (stream.refused, stream.gaps, stream.jumps) == (0, 0, int(contradicts))


def test_stamps_may_jitter_and_the_count_of_samples_tells_the_time() -> None:
    stream = AudioStream()
    blocks = []
    for number, item in enumerate(cut(noise(48_000), [1_600])):
        jitter_ns = 0 if number == 0 else (-1) ** number * 99_000_000
        blocks += stream.push(replace(item, stamp_ns=item.stamp_ns + jitter_ns))
    assert_continuous([*blocks, *stream.end()])


@pytest.mark.parametrize("back", [0, 1, 5])
def test_a_chunk_that_came_already_is_refused(back: int) -> None:
    stream = AudioStream()
    chunks = cut(noise(32_000), [1_600])
    heard(stream, chunks[:10], end=False)
    with pytest.raises(MalformedAudioError, match="came already"):
        stream.push(chunks[9 - back])
    assert stream.refused == 1
    (block,) = stream.push(chunks[10])
    assert (block.time_ns, block.restart) == (chunks[10].stamp_ns, False)
    assert stream.gaps == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sample_rate_hz": 0}, "sample rate 0 Hz"),
        ({"sample_rate_hz": 999}, "sample rate 999 Hz"),
        ({"sample_rate_hz": 4_000_000_000}, "sample rate 4000000000 Hz"),
        ({"sample_rate_hz": 8_000}, "the format changed in mid-stream"),
        ({"channels": 0}, "0 channels"),
        ({"channels": 255}, "255 channels"),
        ({"channels": 2}, "the format changed in mid-stream"),
        ({"channels": 3}, "1600 samples are no multiple of 3 channels"),
        ({"samples": np.zeros(0, np.int16), "sample_rate_hz": 0}, "sample rate 0 Hz"),
    ],
)
def test_a_malformed_chunk_is_refused_and_counted_and_the_stream_goes_on(changes, reason: str) -> None:
    chunks = cut(noise(16_000), [1_600])
    stream = AudioStream()
    blocks = heard(stream, chunks[:3], end=False)
    for _ in range(2):
        with pytest.raises(MalformedAudioError, match=f"^{reason}"):
            stream.push(replace(chunks[3], **changes))
    blocks += heard(stream, chunks[3:])
    np.testing.assert_array_equal(joined(blocks), joined(heard(AudioStream(), chunks)))
    assert_continuous(blocks)
    assert (stream.refused, stream.gaps) == (2, 0)


def test_a_stream_may_begin_with_a_malformed_chunk() -> None:
    stream = AudioStream()
    with pytest.raises(MalformedAudioError):
        stream.push(chunk(noise(3), channels=2))
    assert len(joined(heard(stream, [chunk(noise(3))]))) == 3


def test_the_end_is_told_once_and_another_stream_may_follow() -> None:
    stream = AudioStream()
    heard(stream, [chunk(noise(4_410), 0, 44_100)], end=False)
    empty = chunk(noise(0), 4_410, 44_100)
    tail, last = stream.push(empty)
    assert not tail.restart
    assert len(tail.samples) > 0, "what the resampler held back"
    assert (last.restart, len(last.samples)) == (True, 0)
    assert last.time_ns == START_NS + samples_to_ns(1_600, 16_000)
    assert stream.push(empty) == stream.end() == []
    assert [block.restart for block in heard(stream, [chunk(noise(1_600))], end=False)] == [True]


def test_nothing_comes_from_a_stream_that_never_began() -> None:
    assert AudioStream().push(chunk(noise(0))) == []
    assert AudioStream().end() == []


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 7, 160, 1_600, 20_000]),
            st.sampled_from([0, 0, 0, 1, 1_000, 16_001, -1, -1_600, -(10**6)]),
            st.sampled_from([0, 0, 0, 50_000_000, -120_000_000, 10**10]),
            st.sampled_from([16_000, 16_000, 16_000, 44_100, 0]),
            st.sampled_from([1, 1, 1, 2, 0]),
            st.sampled_from(["front", "front", "front", "rear"]),
        ),
        max_size=20,
    )
)
def test_whatever_comes_a_block_continues_the_last_one_or_says_that_it_does_not(arrivals) -> None:
    stream, blocks, refused, now_ns, count = AudioStream(), [], 0, START_NS, 0
    for frames, jump, jitter_ns, rate, channels, frame_id in arrivals:
        count = max(0, count + jump)
        samples = np.ones(frames * max(channels, 1), np.int16)
        try:
            blocks += stream.push(AudioChunk(samples, rate, channels, count, now_ns + jitter_ns, frame_id))
        except MalformedAudioError:
            refused += 1
        now_ns += samples_to_ns(frames, rate or 16_000)
        count += frames
    blocks += stream.end()
    assert stream.refused == refused
    assert not blocks or blocks[0].restart
    for one, other in pairwise(blocks):
        assert other.restart or other.time_ns == one.end_ns
    assert not blocks or (blocks[-1].restart and len(blocks[-1].samples) == 0)
