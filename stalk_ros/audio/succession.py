"""Whether a chunk continues the stream, and whether it can be part of it at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.clock import NANOSECONDS, samples_to_ns

if TYPE_CHECKING:
    from stalk_ros.audio.chunks import AudioChunk

STAMP_TOLERANCE_NS = 100_000_000
"""Stamps may jitter this much around the time that the sample count tells."""

REPEAT_WINDOW_NS = 2 * NANOSECONDS
"""A chunk that jumps back less than this, with a stamp to match, is one that came twice or late."""

MAX_FILLED_GAP_S = 1
"""A gap up to this long is filled with silence, so that an utterance survives a lost chunk.

After a longer one stamps are compared with the count from there on.
"""

_MAX_CHANNELS = 64
_RATES_HZ = (1_000, 384_000)


class MalformedAudioError(Exception):
    """A chunk that cannot be part of the stream; the message says why."""


@dataclass(frozen=True)
class Step:
    """From the chunk before to this one.

    ``continues`` says that it is the same stream, with ``gap`` samples missing in between, ``unbroken`` that
    these can be filled; ``jumped`` that its stamp contradicts the count, so that it is another stream.
    """

    continues: bool
    gap: int = 0
    jumped: bool = False
    unbroken: bool = False


class Succession:
    """Chunks one after another.

    A new ``frame_id``, a jump back of ``first_sample`` or a stamp that contradicts the count is a new stream.

    Attributes:
        last: the chunk before; None where no stream is open.
    """

    def __init__(self) -> None:
        self.last: AudioChunk | None = None
        self._origin: AudioChunk | None = None

    def follow(self, chunk: AudioChunk) -> Step:
        """Take a chunk; an empty one ends the stream.

        Raises:
            MalformedAudioError: it cannot be part of the stream, which goes on as if it had not come.
        """
        self._check(chunk)
        if not len(chunk.samples):
            self.end()
            return Step(continues=False)
        step = self._step(chunk)
        if not step.unbroken:
            self._origin = chunk
        self.last = chunk
        return step

    def end(self) -> None:
        """The stream is over."""
        self.last = self._origin = None

    def _check(self, chunk: AudioChunk) -> None:
        if reason := malformed(len(chunk.samples), chunk.sample_rate_hz, chunk.channels):
            raise MalformedAudioError(reason)
        last = self.last
        if last is None or chunk.frame_id != last.frame_id or len(chunk.samples) == 0:
            return
        if chunk.first_sample >= _end(last):
            was, is_now = (last.sample_rate_hz, last.channels), (chunk.sample_rate_hz, chunk.channels)
            if is_now != was:
                raise MalformedAudioError(
                    f"the format changed in mid-stream from (rate, channels) {was} to {is_now}"
                )
        elif _repeated(chunk, last):
            raise MalformedAudioError(f"sample {chunk.first_sample} came already")

    def _step(self, chunk: AudioChunk) -> Step:
        last, origin = self.last, self._origin
        if last is None or origin is None:
            return Step(continues=False)
        if chunk.frame_id != last.frame_id or chunk.first_sample < _end(last):
            return Step(continues=False)
        gap = chunk.first_sample - _end(last)
        since_ns = samples_to_ns(chunk.first_sample - origin.first_sample, chunk.sample_rate_hz)
        jumped = abs(chunk.stamp_ns - (origin.stamp_ns + since_ns)) > STAMP_TOLERANCE_NS
        unbroken = not jumped and gap <= MAX_FILLED_GAP_S * chunk.sample_rate_hz
        return Step(not jumped, gap, jumped, unbroken)


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


def _repeated(chunk: AudioChunk, last: AudioChunk) -> bool:
    rate = last.sample_rate_hz
    back_ns = samples_to_ns(_end(last) - chunk.first_sample, rate)
    told_ns = last.stamp_ns + samples_to_ns(_end(last) - last.first_sample, rate) - back_ns
    return (
        chunk.sample_rate_hz == rate
        and back_ns <= REPEAT_WINDOW_NS
        and abs(chunk.stamp_ns - told_ns) <= STAMP_TOLERANCE_NS
    )


def _end(chunk: AudioChunk) -> int:
    return chunk.first_sample + chunk.frames
