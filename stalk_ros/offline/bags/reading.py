"""Recordings in ROS 2 bags."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from stalk_ros.audio import MalformedAudioError, UnreadableFormatError, is_mp3
from stalk_ros.clock import ns_to_seconds
from stalk_ros.errors import UserError
from stalk_ros.offline.bags import foreign
from stalk_ros.offline.bags.choice import chosen, info_of, robot_speech, unknown_format
from stalk_ros.offline.bags.files import METADATA, PACKED, SUFFIXES, BagFiles
from stalk_ros.offline.bags.foreign import INFO
from stalk_ros.offline.bags.hearing import BYTES, data_of, listener
from stalk_ros.offline.bags.types import BagMessages
from stalk_ros.offline.recording import RobotSpeech

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stalk_ros.audio import AudioChunk
    from stalk_ros.offline.bags.hearing import Listener
    from stalk_ros.offline.bags.storage import Message, Topic
    from stalk_ros.offline.recording import Item


_LOOKED_AT = 10
"""Messages of audio whose format nothing tells: the first may be cut off, or of silence."""


def is_bag(path: Path) -> bool:
    """Whether it is the folder of a bag, or one of its files, by its names alone."""
    return path.is_dir() or path.suffix in (*SUFFIXES, PACKED) or path.name == METADATA


class BagRecording:
    """The audio in a bag; a `stalk_ros.offline.recording.Recording`.

    Messages come in the order of the times at which they were recorded, as ``ros2 bag play`` plays them.

    Args:
        path: the folder of a bag, its ``metadata.yaml``, or one of its files.
        topic: with audio; "" = the only one.

    Raises:
        UserError: it cannot be read, holds no audio, or several topics with audio, or rosbags is missing.
    """

    def __init__(self, path: Path, topic: str = "") -> None:
        self._path = path
        self._types = BagMessages()
        foreign.register(self._types.types)
        self._files = BagFiles(path)
        self._topic = chosen(path, self._files.topics, topic)
        self._robot = robot_speech(self._files.topics)
        self._info: Topic | None = None
        if self._topic.type in BYTES:
            self._info = info_of(path, self._files.topics, self._topic)
        content = self._files.topics[self._topic]
        self.name = _name(path)
        self.duration_s = ns_to_seconds(content.end_ns - content.start_ns)
        self._start_ns, self._end_ns = content.start_ns, content.end_ns
        self._refusals = _Refusals(content.start_ns)
        if self._topic.type in BYTES and self._info is None and not self._is_mp3():
            raise unknown_format(path, self._topic, "record '/audio_info' as well")
        try:
            self._listener()
        except UnreadableFormatError as error:
            raise UserError(f"bag '{path}', topic '{self._topic.name}': {error}") from None

    @property
    def problem(self) -> str:
        """See `Recording.problem`."""
        told = self._files.problem
        if told:
            told += f"; the audio was read up to {ns_to_seconds(self._end_ns - self._start_ns):.1f} s"
        return "; ".join(filter(None, (told, self._refusals.told)))

    def items(self) -> Iterator[Item]:
        """See `Recording.items`."""
        listener = self._listener()
        self._refusals.forget()
        heard = False
        waiting: list[tuple[int, RobotSpeech]] = []
        for message, content in self._messages():
            if message.topic in self._robot:
                waiting.append((message.log_ns, RobotSpeech(bool(content.data))))
            elif chunks := self._heard(listener, message, content):
                heard, self._end_ns = True, message.log_ns
                while waiting and waiting[0][0] < message.log_ns:
                    yield waiting.pop(0)[1]
                yield from chunks
        yield from (speech for _, speech in waiting)
        yield from listener.end()
        if not heard:
            raise UserError(f"no audio can be read in bag '{self._path}': {self.problem}")

    def _messages(self) -> Iterator[tuple[Message, Any]]:
        """Those that matter, as they were recorded and what they say."""
        wanted = {self._topic, *self._robot, *([self._info] if self._info else [])}
        for message in self._files.messages(wanted):
            content = self._deserialized(message)
            if content is not None:
                yield message, content

    def _is_mp3(self) -> bool:
        """Whether the first messages are frames of MP3, which tell their format themselves."""
        first = itertools.islice(self._files.messages([self._topic]), _LOOKED_AT)
        contents = map(self._deserialized, first)
        return any(content and is_mp3(data_of(content, self._topic.type)) for content in contents)

    def _listener(self) -> Listener:
        """A new one; what it must know about the audio is told first, though it may be recorded later."""
        made = listener(self._topic.type)
        if self._info is not None:
            for message in self._files.messages([self._info]):
                info = self._deserialized(message)
                if info is not None:
                    made.hear(info, INFO, message.log_ns)
                    break
        return made

    def _heard(self, listener: Listener, message: Message, content: Any) -> list[AudioChunk]:
        try:
            return listener.hear(content, message.topic.type, message.log_ns)
        except (MalformedAudioError, UnreadableFormatError) as error:
            self._refusals.add(message, str(error))
            return []

    def _deserialized(self, message: Message) -> Any:
        """What is in a message; None where it is garbage."""
        try:
            return self._types.read(message.topic.type, message.data)
        except ValueError as error:
            self._refusals.add(message, str(error))
            return None


class _Refusals:
    """Messages that could not be read."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self.forget()

    def forget(self) -> None:
        """Begin again."""
        self._count = 0
        self._first = ""

    def add(self, message: Message, reason: str) -> None:
        if not self._count:
            at_s = ns_to_seconds(message.log_ns - self._start_ns)
            self._first = f"the first on '{message.topic.name}' at {at_s:.1f} s: {reason}"
        self._count += 1

    @property
    def told(self) -> str:
        """A part of a sentence, "" = there were none."""
        messages = "1 message" if self._count == 1 else f"{self._count} messages"
        return f"{messages} could not be read, {self._first}" if self._count else ""


def _name(path: Path) -> str:
    path = path.resolve()
    if path.name == METADATA:
        path = path.parent
    return path.name if path.is_dir() else path.name.removesuffix(PACKED).rpartition(".")[0]
