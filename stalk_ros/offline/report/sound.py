"""The audio of a report."""

from __future__ import annotations

import base64
import tempfile
import weakref
from typing import TYPE_CHECKING

import soundfile

from stalk_ros.audio import SAMPLE_RATE_HZ, AudioStream, MalformedAudioError
from stalk_ros.errors import UserError
from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk, Block
    from stalk_ros.offline.times import RecordingTime

_COMPRESSION_LEVEL = 0.9
"""LAME's 24 kbit/s at 16 kHz: 10.8 MB an hour."""


_DELAY_S = 1105 / SAMPLE_RATE_HZ
"""Of the code: LAME begins 576 samples late, decoders 529 more; without LAME's header none takes it off."""


class Sound(Export):
    """Collects the audio of a recording, coded as browsers play it.

    It is MP3 of a constant bit rate: every browser plays it, and finds any place in it without having read
    what comes before. Streams with a break between them
    follow each other in the sound. Until it is asked for it is in a temporary file.

    Args:
        times: of the recording.

    Attributes:
        stretches: [start in the recording, start in the sound, length] of each stream, in seconds; in the
            sound as browsers play it, which is late by the delay of the code.

    Raises:
        UserError: the installed libsndfile cannot code MP3, or there is no place for the file.
    """

    def __init__(self, times: RecordingTime) -> None:
        self.stretches: list[list[float]] = []
        self._times = times
        self._stream = AudioStream()
        self._written = 0
        self._begins = False
        if "MP3" not in soundfile.available_formats():
            raise UserError("the sound of a report needs a newer libsndfile: pip install -U soundfile")
        try:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed below)
        except OSError as error:
            raise _no_place(error.strerror) from None
        weakref.finalize(self, self._file.close)
        self._coder = soundfile.SoundFile(
            self._file.fileno(),
            "w",
            SAMPLE_RATE_HZ,
            1,
            format="MP3",
            closefd=False,
            compression_level=_COMPRESSION_LEVEL,
            bitrate_mode="CONSTANT",
        )

    def hear(self, chunk: AudioChunk) -> None:
        """See `Export.hear`.

        Raises:
            UserError: the disk is full.
        """
        try:
            blocks = self._stream.push(chunk)
        except MalformedAudioError:
            return  # whoever listens to the conversation is told
        for block in blocks:
            self._write(block)

    def close(self) -> None:
        """See `Export.close`."""
        for block in self._stream.end():
            self._write(block)
        self._coder.close()

    def encoded(self) -> str:
        """The sound in base64; closes it."""
        self.close()
        self._file.seek(0)
        return base64.b64encode(self._file.read()).decode("ascii")

    def _write(self, block: Block) -> None:
        self._begins |= block.restart
        if not len(block.samples):
            return
        if self._begins:
            self._begins = False
            place_s = _DELAY_S + self._written / SAMPLE_RATE_HZ
            self.stretches.append([self._times.seconds(block.time_ns), place_s, 0.0])
        try:
            self._coder.write(block.samples)
        except (soundfile.LibsndfileError, AssertionError) as error:
            raise _no_place(str(error)) from None
        self._written += len(block.samples)
        self.stretches[-1][2] += len(block.samples) / SAMPLE_RATE_HZ


def _no_place(reason: object) -> UserError:
    return UserError(f"cannot keep the sound of the report in '{tempfile.gettempdir()}': {reason}")
