"""The audio in the messages of bags."""

from __future__ import annotations

from typing import Any, Protocol

from stalk_ros.audio import (
    AudioChunk,
    Coding,
    MalformedAudioError,
    Mp3Stream,
    Piece,
    SteadyStream,
    Succession,
    coding_of,
    is_mp3,
    piece_of_fields,
)
from stalk_ros.messages import chunk_from_msg, to_ns
from stalk_ros.offline.bags.foreign import FIELDS, INFO, STAMPED, UNSTAMPED

CHUNK = "stalk_ros/msg/AudioChunk"
AUDIO = (CHUNK, STAMPED, UNSTAMPED, FIELDS)
"""The types of messages that carry audio."""

BYTES = (STAMPED, UNSTAMPED)
"""Those whose bytes mean what another message tells."""

_FRAME_ID = "microphone"


class Listener(Protocol):
    """Makes chunks of the messages of a topic."""

    def hear(self, message: Any, message_type: str, log_ns: int) -> list[AudioChunk]:
        """The chunks that a message adds, with an empty one where it begins another stream.

        Raises:
            MalformedAudioError: it is no audio; what follows may be.
            UnreadableFormatError: it is audio of a kind that is not read.
        """

    def end(self) -> list[AudioChunk]:
        """An empty chunk where a stream is open."""


def listener(message_type: str) -> Listener:
    """The one for messages of a type of `AUDIO`."""
    return _Chunks() if message_type == CHUNK else _Pieces()


class _Chunks:
    """What this package's own messages carry, which has its counts and stamps already."""

    def __init__(self) -> None:
        self._succession = Succession()

    def hear(self, message: Any, message_type: str, log_ns: int) -> list[AudioChunk]:
        chunk = chunk_from_msg(message)
        last = self._succession.last
        step = self._succession.follow(chunk)
        if last is None:
            return [chunk] if len(chunk.samples) else []
        if step.continues or not len(chunk.samples):
            return [chunk]
        return [last.end(), chunk]

    def end(self) -> list[AudioChunk]:
        last = self._succession.last
        self._succession.end()
        return [] if last is None else [last.end()]


class _Pieces:
    """What either audio_common carries, as the audio_common_in node hears it."""

    def __init__(self) -> None:
        self._stream = SteadyStream()
        self._coding: Coding | None = None

    def hear(self, message: Any, message_type: str, log_ns: int) -> list[AudioChunk]:
        if message_type == INFO:
            self._coding = None
            self._coding = coding_of(message)
            return []
        piece = self._piece(message, message_type)
        if piece is None:
            return []
        stamp_ns, frame_id = 0, ""
        if message_type != UNSTAMPED:
            stamp_ns, frame_id = to_ns(message.header.stamp), message.header.frame_id
        return self._stream.push(
            piece.samples,
            piece.sample_rate_hz,
            piece.channels,
            piece.start_ns(stamp_ns, log_ns),
            frame_id or _FRAME_ID,
        )

    def end(self) -> list[AudioChunk]:
        return self._stream.end()

    def _piece(self, message: Any, message_type: str) -> Piece | None:
        if message_type == FIELDS:
            return piece_of_fields(message.audio)
        data = data_of(message, message_type)
        if self._coding is None:
            if not is_mp3(data):
                raise MalformedAudioError("its format is not known")
            self._coding = Mp3Stream()
        return self._coding.piece(data)


def data_of(message: Any, message_type: str) -> bytes:
    """The bytes in a message of a type of `BYTES`."""
    return bytes(message.data if message_type == UNSTAMPED else message.audio.data)
