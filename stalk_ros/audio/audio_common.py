"""Audio in the messages of audio_common, read by the names of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stalk_ros.audio.mp3 import Mp3Stream
from stalk_ros.audio.piece import Piece
from stalk_ros.audio.raw import SAMPLE_FORMATS, decode, to_int16
from stalk_ros.audio.succession import MalformedAudioError

_MP3 = "mp3"
_RAW_CODINGS = ("wave", "wav", "raw", "pcm", "")

_FIELDS = {1: "float32_data", 2: "int32_data", 8: "int16_data", 16: "int8_data", 32: "uint8_data"}
"""PortAudio's number of a sample format (PaSampleFormat in portaudio.h) to the field with such samples."""


class UnreadableFormatError(Exception):
    """Audio of a kind that is not read; the message says what to do about it."""


@dataclass(frozen=True)
class WaveFormat:
    """What ros-drivers' AudioInfo says of the bytes in AudioData."""

    sample_format: str
    sample_rate_hz: int
    channels: int

    def piece(self, data: bytes) -> Piece:
        """What the bytes hold; raises `MalformedAudioError` when they end within a sample."""
        return Piece(to_int16(decode(data, self.sample_format)), self.sample_rate_hz, self.channels)

    def __str__(self) -> str:
        return f"{self.sample_format}, {self.sample_rate_hz} Hz, {self.channels} channels"


Coding = WaveFormat | Mp3Stream
"""What reads the bytes in AudioData, one message after another, by `piece`."""


def coding_of(info: Any) -> Coding:
    """What reads the bytes that come after an AudioInfo.

    Raises:
        UnreadableFormatError: it describes neither raw audio nor MP3.
    """
    coding = info.coding_format.lower()
    if coding == _MP3:
        return Mp3Stream()
    if coding not in _RAW_CODINGS:
        raise UnreadableFormatError(
            f"the audio is coded as '{info.coding_format}', which is not read: set parameter "
            "format:=wave of ros-drivers' audio_capture_node"
        )
    if info.sample_format.upper() not in SAMPLE_FORMATS:
        raise UnreadableFormatError(
            f"the samples are '{info.sample_format}', which is not read: set parameter "
            "sample_format:=S16LE of ros-drivers' audio_capture_node; read are "
            f"{', '.join(SAMPLE_FORMATS)}"
        )
    return WaveFormat(info.sample_format.upper(), int(info.sample_rate), int(info.channels))


def piece_of_fields(audio: Any) -> Piece:
    """What mgonzs13's Audio holds.

    Raises:
        UnreadableFormatError: its format is another than those that the message has a field for.
        MalformedAudioError: a sample is not finite, or the samples are in another field than the format says.
    """
    info = audio.info
    field = _FIELDS.get(info.format)
    if field is None:
        raise UnreadableFormatError(
            f"the samples have PortAudio's format {info.format}, which is not read: set parameter format:=8 "
            "(16 bits) of mgonzs13's audio_capturer_node"
        )
    samples = np.asarray(getattr(audio.audio_data, field))
    if not len(samples):
        raise MalformedAudioError(f"there are no samples in {field}, where format {info.format} has them")
    return Piece(to_int16(samples), int(info.rate), int(info.channels))
