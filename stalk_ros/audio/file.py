"""Audio files as a source."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.clock import samples_to_ns
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

_UNKNOWN_LENGTH = 2**62
"""A FLAC file that was written to a pipe has more frames than this, and libsndfile cannot read its end."""


class AudioFile:
    """Any file libsndfile reads (WAV, FLAC, OGG, MP3, ...), of any rate and channel count, at full speed.

    Args:
        path: the file.
        start_ns: stamp of its first sample.
        chunk_s: length of a chunk in seconds.
        frame_id: name of the microphone.

    Raises:
        UserError: the file is missing, unreadable, not audio, or empty.
    """

    def __init__(
        self, path: str | Path, start_ns: int = 0, chunk_s: float = 0.1, frame_id: str = "file"
    ) -> None:
        self._path = Path(path)
        self.start_ns = start_ns
        self._chunk = max(1, round(chunk_s * SAMPLE_RATE_HZ))
        self._frame_id = frame_id
        self._stopped = threading.Event()
        with self._open() as file:
            if file.frames == 0:
                raise UserError(f"'{path}' holds no audio")
            if file.frames > _UNKNOWN_LENGTH:
                raise UserError(f"'{path}' does not say how long it is; {self._remedy()}")
            self.duration_s = file.frames / file.samplerate

    def chunks(self) -> Iterator[AudioChunk]:
        """See `AudioSource.chunks`."""
        first = 0
        waiting = np.zeros(0, np.int16)
        for samples in self._resampled():
            waiting = np.concatenate([waiting, samples])
            while len(waiting) >= self._chunk:
                yield self._make(waiting[: self._chunk], first)
                first += self._chunk
                waiting = waiting[self._chunk :]
        if len(waiting):
            yield self._make(waiting, first)
        yield self._make(waiting[:0], first + len(waiting))

    def stop(self) -> None:
        """See `AudioSource.stop`."""
        self._stopped.set()

    def _make(self, samples: npt.NDArray[np.int16], first: int) -> AudioChunk:
        stamp_ns = self.start_ns + samples_to_ns(first, SAMPLE_RATE_HZ)
        return AudioChunk(samples, SAMPLE_RATE_HZ, 1, first, stamp_ns, self._frame_id)

    def _resampled(self) -> Iterator[npt.NDArray[np.int16]]:
        with self._open() as file:
            resampler = None
            if file.samplerate != SAMPLE_RATE_HZ:
                resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE_HZ, 1, dtype="float32")
            for frames in self._frames(file):
                mono = np.clip(np.nan_to_num(frames), -1.0, 1.0).mean(axis=1, dtype=np.float32)
                yield _int16(mono if resampler is None else resampler.resample_chunk(mono))
            if resampler is not None:
                yield _int16(resampler.resample_chunk(np.zeros(0, np.float32), last=True))

    def _frames(self, file: soundfile.SoundFile) -> Iterator[npt.NDArray[np.float32]]:
        while not self._stopped.is_set():
            try:
                frames = file.read(file.samplerate, dtype="float32", always_2d=True)
            except RuntimeError as error:
                at_s = file.tell() / file.samplerate
                raise UserError(f"'{self._path}' is damaged at {at_s:.1f} s: {_reason(error)}") from None
            if len(frames) == 0:
                return
            yield frames

    def _open(self) -> soundfile.SoundFile:
        try:
            if not self._path.exists():
                raise UserError(f"there is no file '{self._path}'")
            if not self._path.is_file():
                raise UserError(f"'{self._path}' is a folder or a pipe, not an audio file")
            self._path.open("rb").close()
        except OSError as error:
            raise UserError(f"cannot open '{self._path}': {error.strerror}") from None
        try:
            return soundfile.SoundFile(os.fsencode(self._path))
        except (RuntimeError, TypeError) as error:  # libsndfile's; TypeError: a name in ".raw"
            raise UserError(
                f"cannot read '{self._path}' as audio: {_reason(error)}; {self._remedy()}"
            ) from None

    def _remedy(self) -> str:
        return f"convert it with: ffmpeg -i '{self._path}' -vn audio.wav"


def _int16(mono: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    samples: npt.NDArray[np.int16] = np.clip(np.rint(mono * 32768.0), -32768, 32767).astype(np.int16)
    return samples


def _reason(error: Exception) -> str:
    return str(getattr(error, "error_string", error)).strip(" .")
