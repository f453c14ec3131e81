"""One continuous 16 kHz mono stream out of whatever chunks arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ, Block
from stalk_ros.audio.succession import MalformedAudioError, Step, Succession
from stalk_ros.clock import samples_to_ns

if TYPE_CHECKING:
    import numpy.typing as npt

    from stalk_ros.audio.chunks import AudioChunk


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
        self._succession = Succession()
        self._open = False
        self._origin_ns = 0
        self._emitted = 0
        self._resampler: soxr.ResampleStream | None = None

    def push(self, chunk: AudioChunk) -> list[Block]:
        """Add one chunk and get the audio that is ready.

        Raises:
            MalformedAudioError: the chunk is refused (and counted); the stream goes on as if it had not come.
        """
        try:
            step = self._succession.follow(chunk)
        except MalformedAudioError:
            self.refused += 1
            raise
        if len(chunk.samples) == 0:
            return self._end_stretch()
        blocks = []
        gap = self._gap(step, chunk.sample_rate_hz)
        if gap is None:
            blocks += self._end_stretch()
            self._start(chunk)
        elif gap:
            blocks.append(self._block(np.zeros(gap, np.float32)))
        restart = self._emitted == 0 and gap is None
        blocks.append(self._block(_mono(chunk), restart=restart))
        return [block for block in blocks if block.restart or len(block.samples)]

    def end(self) -> list[Block]:
        """Finish the stretch: its last audio, then an empty restart block. Nothing when none is open."""
        self._succession.end()
        return self._end_stretch()

    def _end_stretch(self) -> list[Block]:
        if not self._open:
            return []
        self._open = False
        tail = self._block(np.zeros(0, np.float32), last=True)
        return [tail, Block(np.zeros(0, np.float32), tail.end_ns, restart=True)]

    def _gap(self, step: Step, rate_hz: int) -> int | None:
        """Samples to fill in before the chunk; None when it does not continue the stretch."""
        if step.gap:
            self.gaps += 1
            self.lost_s += step.gap / rate_hz
        self.jumps += step.jumped
        return step.gap if step.unbroken else None

    def _start(self, chunk: AudioChunk) -> None:
        self._open = True
        self._origin_ns = chunk.stamp_ns
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


def _mono(chunk: AudioChunk) -> npt.NDArray[np.float32]:
    frames = chunk.samples.reshape(-1, chunk.channels).astype(np.float32)
    mono: npt.NDArray[np.float32] = frames.mean(axis=1, dtype=np.float32) / np.float32(32768)
    return mono
