"""MP3 that comes in pieces."""

from __future__ import annotations

import io
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import soundfile

from stalk_ros.audio.mp3_frames import RESERVOIR, Frame, frame_length, frame_of, playable
from stalk_ros.audio.piece import Piece
from stalk_ros.audio.raw import to_int16
from stalk_ros.audio.succession import MalformedAudioError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_DELAY = 1105
"""Samples by which sound comes out later than its frame was stamped.

LAME delays by 576 samples (ENCDELAY in its encoder.h), decoders by 529; GStreamer's lamemp3enc stamps a frame
by the samples that went in.
"""

_BLENDED = 2
"""Frames before one that sound in it still, by the overlap of its transform and the filter after that."""


class Mp3Stream:
    """Decodes a stream of MP3, of which pieces may begin and end within frames.

    The decoder of libsndfile reads files only. So each time it gets the frames that are new, after as many
    of the last ones as their sound depends on.
    """

    def __init__(self) -> None:
        self._waiting = b""
        self._last: deque[Frame] = deque()

    def piece(self, data: bytes) -> Piece | None:
        """The frames that more bytes complete; None where they complete none.

        Raises:
            MalformedAudioError: no frame is in them, whole or in part.
        """
        carried = len(self._waiting)
        start, frames, self._waiting, unbroken = _frames(self._waiting + data)
        if not unbroken:
            self._last.clear()
        if not frames:
            if unbroken:
                return None
            raise MalformedAudioError("it is no MP3")
        form = frames[-1].form
        new = [frame for frame in frames if frame.form == form]
        if self._last and self._last[-1].form != form:
            self._last.clear()
        samples = to_int16(self._decoded(new).ravel())
        self._remember(new)
        before = form.samples * (carried - start) // len(frames[0].data)
        return Piece(samples, form.sample_rate_hz, form.channels, _DELAY + before)

    def __str__(self) -> str:
        form = self._last[-1].form if self._last else None
        return f"MP3, {form.sample_rate_hz} Hz, {form.channels} channels" if form else "MP3"

    def _decoded(self, new: list[Frame]) -> npt.NDArray[np.float32]:
        """Samples of shape (frames, channels)."""
        form = new[0].form
        # The decoder guesses how much there is by the first frame: with the shortest one never too little.
        stream = new[0].lead() + b"".join(playable([*self._last, *new]))
        total = (1 + len(self._last) + len(new)) * form.samples
        try:
            with soundfile.SoundFile(io.BytesIO(stream)) as file:
                samples: npt.NDArray[np.float32] = file.read(total, dtype="float32", always_2d=True)
        except RuntimeError as error:
            raise MalformedAudioError("it is MP3 that cannot be decoded") from error
        if samples.shape != (total, form.channels):
            raise MalformedAudioError("it is MP3 that cannot be decoded")
        return samples[-len(new) * form.samples :]

    def _remember(self, new: list[Frame]) -> None:
        self._last.extend(new)
        before = sum(frame.own for frame in list(self._last)[:-_BLENDED])
        while before and before - self._last[0].own >= RESERVOIR:
            before -= self._last.popleft().own


def is_mp3(data: bytes) -> bool:
    """Whether it is one frame after another and nothing else, as GStreamer's encoder gives them."""
    found = _frames(data)
    return bool(found.frames) and found.unbroken and not found.rest


class _Found(NamedTuple):
    start: int
    """Bytes before the first frame."""
    frames: list[Frame]
    rest: bytes
    """The begin of the next frame."""
    unbroken: bool
    """There is nothing else."""


def _frames(data: bytes) -> _Found:
    """The frames in bytes; what looks like one is none where something else follows it."""
    frames: list[Frame] = []
    at = start = 0
    unbroken = True
    while at < len(data):
        length = frame_length(data[at : at + 4])
        if length == 0 or (length and at + length > len(data)):
            break
        end = at + (length or 0)
        frame = frame_of(data[at:end]) if length else None
        if frame and frame_length(data[end : end + 4]) is not None:
            start = start if frames else at
            frames.append(frame)
            at = end
        else:
            unbroken = False
            at += 1
    return _Found(start, frames, data[at:], unbroken)
