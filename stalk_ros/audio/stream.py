"""One continuous 16 kHz mono stream out of whatever chunks arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ, AudioChunk, Block
from stalk_ros.clock import NANOSECONDS, samples_to_ns

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_FILLED_GAP_S = 1
"""A gap up to this long is filled with silence, so that an utterance survives a lost chunk."""

STAMP_TOLERANCE_NS = 100_000_000
"""Stamps may jitter this much around the time that the sample count tells."""

REPEAT_WINDOW_NS = 2 * NANOSECONDS
"""A chunk that jumps back less than this, with a stamp to match, is one that came twice or late."""

_MAX_CHANNELS = 64
_RATES_HZ = (1_000, 384_000)


class MalformedAudioError(Exception):
    """A chunk that cannot be part of the stream; the message says why."""


class AudioStream:
    """Checks chunks, mixes them to mono and resamples them, and keeps exact time.

    The time of a sample is the stamp of the first chunk plus samples / rate, so it neither jitters nor
    depends on how the audio is cut into chunks. A new ``frame_id``, a jump of ``first_sample`` or a stamp
    that contradicts the count starts a new stretch, announced by `Block.restart`.

    Attributes:
        refused: chunks refused so far.
        gaps: gaps in ``first_sample`` so far.
        lost_s: seconds of audio missing in those gaps.
        jumps: stamps so far that contradicted the count.
    """

    def __init__(self) -> None:
        self.refused = 0
        self.gaps = 0
        self.lost_s = 0.0
        self.jumps = 0
        self._last: AudioChunk | None = None
        self._origin_ns = 0
        self._origin_sample = 0
        self._emitted = 0
        self._resampler: soxr.ResampleStream | None = None

    def push(self, chunk: AudioChunk) -> list[Block]:
        """Add one chunk and get the audio that is ready.

        Raises:
            MalformedAudioError: the chunk is refused (and counted); the stream goes on as if it had not come.
        """
        reason = self._malformed(chunk)
        if reason:
            self.refused += 1
            raise MalformedAudioError(reason)
        if len(chunk.samples) == 0:
            return self.end()
        blocks = []
        gap = self._gap(chunk)
        if gap is None:
            blocks += self.end()
            self._start(chunk)
        elif gap:
            blocks.append(self._block(np.zeros(gap, np.float32)))
        restart = self._emitted == 0 and gap is None
        blocks.append(self._block(_mono(chunk), restart=restart))
        self._last = chunk
        return [block for block in blocks if block.restart or len(block.samples)]

    def end(self) -> list[Block]:
        """Finish the stretch: its last audio, then an empty restart block. Nothing when none is open."""
        if self._last is None:
            return []
        self._last = None
        tail = self._block(np.zeros(0, np.float32), last=True)
        return [tail, Block(np.zeros(0, np.float32), tail.end_ns, restart=True)]

    def _malformed(self, chunk: AudioChunk) -> str:
        if reason := malformed(len(chunk.samples), chunk.sample_rate_hz, chunk.channels):
            return reason
        last = self._last
        if last is None or chunk.frame_id != last.frame_id or len(chunk.samples) == 0:
            return ""
        if chunk.first_sample >= _end(last):
            was, is_now = (last.sample_rate_hz, last.channels), (chunk.sample_rate_hz, chunk.channels)
            if is_now != was:
                return f"the format changed in mid-stream from (rate, channels) {was} to {is_now}"
        elif self._repeated(chunk, last):
            return f"sample {chunk.first_sample} came already"
        return ""

    def _repeated(self, chunk: AudioChunk, last: AudioChunk) -> bool:
        rate = last.sample_rate_hz
        back_ns = samples_to_ns(_end(last) - chunk.first_sample, rate)
        told_ns = last.stamp_ns + samples_to_ns(_end(last) - last.first_sample, rate) - back_ns
        return (
            chunk.sample_rate_hz == rate
            and back_ns <= REPEAT_WINDOW_NS
            and abs(chunk.stamp_ns - told_ns) <= STAMP_TOLERANCE_NS
        )

    def _gap(self, chunk: AudioChunk) -> int | None:
        """Samples to fill in before the chunk; None when it does not continue the stretch."""
        last = self._last
        if last is None or chunk.frame_id != last.frame_id or chunk.first_sample < _end(last):
            return None
        rate = chunk.sample_rate_hz
        gap = chunk.first_sample - _end(last)
        if gap:
            self.gaps += 1
            self.lost_s += gap / rate
        told_ns = self._origin_ns + samples_to_ns(chunk.first_sample - self._origin_sample, rate)
        if abs(chunk.stamp_ns - told_ns) > STAMP_TOLERANCE_NS:
            self.jumps += 1
            return None
        return gap if gap <= MAX_FILLED_GAP_S * rate else None

    def _start(self, chunk: AudioChunk) -> None:
        self._origin_ns = chunk.stamp_ns
        self._origin_sample = chunk.first_sample
        self._emitted = 0
        rate = chunk.sample_rate_hz
        resample = rate != SAMPLE_RATE_HZ
        self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE_HZ, 1, dtype="float32") if resample else None

    def _block(self, mono: npt.NDArray[np.float32], restart: bool = False, last: bool = False) -> Block:
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(mono, last=last)
        time_ns = self._origin_ns + samples_to_ns(self._emitted, SAMPLE_RATE_HZ)
        self._emitted += len(mono)
        return Block(mono, time_ns, restart)


def malformed(samples: int, sample_rate_hz: int, channels: int) -> str:
    """Why so many interleaved samples cannot be audio; "" when they can."""
    low, high = _RATES_HZ
    if not low <= sample_rate_hz <= high:
        return f"sample rate {sample_rate_hz} Hz is not between {low} and {high}"
    if not 1 <= channels <= _MAX_CHANNELS:
        return f"{channels} channels are not between 1 and {_MAX_CHANNELS}"
    if samples % channels:
        return f"{samples} samples are no multiple of {channels} channels"
    return ""


def _end(chunk: AudioChunk) -> int:
    return chunk.first_sample + len(chunk.samples) // chunk.channels


def _mono(chunk: AudioChunk) -> npt.NDArray[np.float32]:
    frames = chunk.samples.reshape(-1, chunk.channels).astype(np.float32)
    mono: npt.NDArray[np.float32] = frames.mean(axis=1, dtype=np.float32) / np.float32(32768)
    return mono
