from __future__ import annotations

import contextlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.audio import AudioStream, MalformedAudioError, SteadyStream
from stalk_ros.clock import samples_to_ns, seconds_to_ns

RATE = 16_000
PIECE = 512
START_NS = 1_700_000_000_000_000_000


class Sender:
    """Sends a long tone in pieces, with the stamps it is told, and keeps what comes of them."""

    def __init__(self, rate: int = RATE, piece: int = PIECE, channels: int = 1) -> None:
        self.stream = SteadyStream()
        self.chunks = []
        self.sent = 0
        self._rate, self._piece, self._channels = rate, piece, channels

    def true_ns(self) -> int:
        """When the next sample is captured, by the clock of the samples."""
        return START_NS + samples_to_ns(self.sent, self._rate)

    def samples(self) -> np.ndarray:
        places = (self.sent + np.arange(self._piece)) / self._rate
        tone = np.rint(8000 * np.sin(2 * np.pi * 220 * places)).astype(np.int16)
        return np.repeat(tone, self._channels)

    def send(self, stamp_ns: int | None = None, frame_id: str = "theirs") -> None:
        stamp_ns = self.true_ns() if stamp_ns is None else stamp_ns
        self.chunks += self.stream.push(self.samples(), self._rate, self._channels, stamp_ns, frame_id)
        self.sent += self._piece

    def lose(self) -> None:
        self.sent += self._piece

    def error_ns(self) -> int:
        """How much later than captured the latest chunk is said to begin."""
        return self.chunks[-1].stamp_ns - (self.true_ns() - samples_to_ns(self._piece, self._rate))


def consistent(chunks: list) -> None:
    """Stamps tell the same as the counts, and the stage that listens finds nothing wrong."""
    listener = AudioStream()
    for chunk in chunks:
        listener.push(chunk)
    assert (listener.jumps, listener.refused) == (0, 0)
    for before, after in pairwise(chunks):
        if after.first_sample == 0 or not len(before.samples):
            continue
        assert after.first_sample >= before.first_sample + len(before.samples) // before.channels
        told_ns = samples_to_ns(after.first_sample - before.first_sample, after.sample_rate_hz)
        assert abs(after.stamp_ns - before.stamp_ns - told_ns) <= 1


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_exact_stamps_let_the_samples_through_untouched(channels) -> None:
    sender = Sender(channels=channels)
    expected = []
    for _ in range(200):
        expected.append(sender.samples())
        sender.send()
    np.testing.assert_array_equal(
        np.concatenate([chunk.samples for chunk in sender.chunks]), np.concatenate(expected)
    )
    assert [chunk.first_sample for chunk in sender.chunks] == list(range(0, 200 * PIECE, PIECE))
    assert sender.chunks[-1].stamp_ns == sender.true_ns() - samples_to_ns(PIECE, RATE)
    consistent(sender.chunks)


def test_stamps_that_are_late_at_times_change_nothing() -> None:
    sender = Sender()
    delays_s = np.random.default_rng(1).exponential(0.02, 2000) * (np.arange(2000) % 5 > 0)
    for delay_s in delays_s:
        sender.send(sender.true_ns() + seconds_to_ns(min(delay_s, 0.3)))
    assert sender.stream.gaps == 0
    assert sender.stream.streams == 1
    assert abs(sender.error_ns()) < 2_000_000
    assert sum(len(chunk.samples) for chunk in sender.chunks) == sender.sent
    consistent(sender.chunks)


@pytest.mark.parametrize(("rate", "piece"), [(16_000, 512), (16_000, 4096), (48_000, 480), (44_100, 1024)])
def test_lost_pieces_are_a_gap_of_their_length(rate, piece) -> None:
    sender = Sender(rate, piece)
    for number in range(600):
        if number in (300, 301):
            sender.lose()
        else:
            sender.send()
    assert sender.stream.gaps == 1
    assert sender.stream.lost_s == pytest.approx(2 * piece / rate, abs=1e-6)
    assert sender.chunks[-1].first_sample + len(sender.chunks[-1].samples) == sender.sent
    assert abs(sender.error_ns()) < 1000
    consistent(sender.chunks)


def test_a_long_pause_is_a_gap_at_once() -> None:
    sender = Sender()
    sender.send()
    sender.sent += 5 * RATE
    sender.send()
    assert sender.chunks[-1].first_sample == PIECE + 5 * RATE
    assert sender.error_ns() == 0
    for _ in range(100):
        sender.send()
    assert sender.stream.gaps == 1
    consistent(sender.chunks)


@pytest.mark.parametrize("parts_per_million", [300, -300, 5000, -5000])
def test_clocks_that_drift_apart_are_followed_without_a_cut(parts_per_million) -> None:
    """For an hour: with 300 parts in a million, 1.1 s."""
    sender = Sender(piece=1600)
    jitter = np.random.default_rng(2).exponential(0.005, 36_000)
    errors_ns = []
    for number in range(36_000 if abs(parts_per_million) < 1000 else 3000):
        elapsed_ns = sender.true_ns() - START_NS
        drift_ns = elapsed_ns * parts_per_million // 1_000_000
        sender.send(sender.true_ns() + drift_ns + seconds_to_ns(jitter[number]))
        errors_ns.append(sender.error_ns() - drift_ns)
    assert (sender.stream.streams, sender.stream.gaps) == (1, 0)
    assert max(map(abs, errors_ns)) < 40_000_000
    assert all(abs(len(chunk.samples) - 1600) <= 8 for chunk in sender.chunks)
    consistent(sender.chunks)


def test_a_stretched_piece_sounds_the_same() -> None:
    sender = Sender(piece=1600)
    for _ in range(3000):
        elapsed_ns = sender.true_ns() - START_NS
        sender.send(sender.true_ns() + elapsed_ns // 3000)
    heard = np.concatenate([chunk.samples for chunk in sender.chunks]).astype(float)
    assert len(heard) - sender.sent > 1000
    # No click: a tone of 220 Hz has no larger step than this.
    assert np.abs(np.diff(heard)).max() < 8000 * 2 * np.pi * 220 / RATE * 1.05


def test_a_first_stamp_that_was_late_is_mended_without_a_cut() -> None:
    sender = Sender()
    sender.send(sender.true_ns() + 60_000_000)
    for _ in range(1000):
        sender.send()
    assert (sender.stream.streams, sender.stream.gaps) == (1, 0)
    assert abs(sender.error_ns()) <= 2_000_000
    consistent(sender.chunks)


@pytest.mark.parametrize("back_ns", [200_000_000, 3600 * 10**9])
def test_stamps_that_jump_back_begin_a_new_stream(back_ns) -> None:
    sender = Sender()
    for _ in range(10):
        sender.send()
    sender.send(sender.true_ns() - back_ns)
    ended, begun = sender.chunks[-2:]
    assert len(ended.samples) == 0
    assert begun.first_sample == 0
    assert begun.stamp_ns == sender.true_ns() - samples_to_ns(PIECE, RATE) - back_ns
    consistent(sender.chunks)


def test_another_format_or_microphone_begins_a_new_stream() -> None:
    sender = Sender()
    sender.send()
    two = np.zeros(2 * PIECE, np.int16)
    changes = [(RATE, 2, "theirs"), (48_000, 2, "theirs"), (48_000, 2, "others")]
    for rate, channels, frame_id in changes:
        chunks = sender.stream.push(two, rate, channels, START_NS, frame_id)
        assert [len(chunk.samples) for chunk in chunks] == [0, 2 * PIECE]
        begun = chunks[1]
        assert (begun.first_sample, begun.sample_rate_hz, begun.channels) == (0, rate, channels)
        sender.chunks += chunks
    consistent(sender.chunks)
    assert sender.stream.streams == 4


@pytest.mark.parametrize(
    ("samples", "rate", "channels"),
    [(0, RATE, 1), (3, RATE, 2), (4, 0, 1), (4, 10**9, 1), (4, RATE, 0), (4, RATE, -1)],
)
def test_what_cannot_be_audio_is_refused_and_the_stream_goes_on(samples, rate, channels) -> None:
    sender = Sender()
    sender.send()
    with pytest.raises(MalformedAudioError):
        sender.stream.push(np.zeros(samples, np.int16), rate, channels, START_NS, "theirs")
    sender.send()
    assert sender.chunks[-1].first_sample == PIECE


def test_the_end_is_told_once() -> None:
    sender = Sender()
    assert sender.stream.end() == []
    sender.send()
    (last,) = sender.stream.end()
    assert (len(last.samples), last.first_sample) == (0, PIECE)
    assert sender.stream.end() == []


stamps_ns = st.one_of(
    st.integers(0, 3 * 10**9).map(lambda ns: START_NS + ns), st.integers(-(2**31) * 10**9, 2**32 * 10**9)
)
formats = st.sampled_from([(RATE, 1), (RATE, 2), (384_000, 64), (1_000, 1), (0, 1), (RATE, 0), (2**31, 3)])


@given(st.lists(st.tuples(stamps_ns, formats, st.integers(0, 300), st.sampled_from("ab")), max_size=60))
def test_whatever_comes_what_goes_out_is_sound_and_counts_on(pieces) -> None:
    """Every frame that is not refused is in one chunk, but for those that stretching adds or takes away."""
    stream, chunks, taken = SteadyStream(), [], 0
    for stamp_ns, (rate, channels), frames, frame_id in pieces:
        samples = np.zeros(frames * max(1, channels), np.int16)
        with contextlib.suppress(MalformedAudioError):
            made = stream.push(samples, rate, channels, stamp_ns, frame_id)
            assert abs(len(made[-1].samples) // channels - frames) <= max(1, frames // 200)
            assert len(made[-1].samples) > 0
            chunks += made
            taken += 1
    chunks += stream.end()
    assert sum(len(chunk.samples) > 0 for chunk in chunks) == taken
    assert sum(len(chunk.samples) == 0 for chunk in chunks) == stream.streams
    assert all(0 <= chunk.first_sample < 2**63 for chunk in chunks)
    consistent(chunks)
