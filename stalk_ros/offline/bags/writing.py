"""What the nodes would publish, as a ROS 2 bag."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any, Literal

from stalk_ros.errors import UserError
from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity
from stalk_ros.messages import Messages
from stalk_ros.offline.bags.types import BagMessages
from stalk_ros.offline.exports.export import Export
from stalk_ros.offline.interrupts import undivided

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rosbags.interfaces import Connection, Qos
    from rosbags.rosbag2 import Writer

    from stalk_ros.audio import AudioChunk
    from stalk_ros.offline.conversation import Event

_AUDIO = "/stalk/audio"
_ACTIVITY = "/stalk/voice_activity"
_TRANSCRIPT = "/stalk/transcript"
_UTTERANCES = "/stalk/utterances"
_STATE = "/stalk/conversation_state"
_SUGGESTIONS = "/stalk/suggestions"
_ROBOT = "/robot_speaking"

_TYPES = {
    _AUDIO: "stalk_ros/msg/AudioChunk",
    _ACTIVITY: "stalk_ros/msg/VoiceActivity",
    _TRANSCRIPT: "stalk_ros/msg/SpeakerUtterance",
    _UTTERANCES: "stalk_ros/msg/SpeakerUtterance",
    _STATE: "stalk_ros/msg/ConversationState",
    _SUGGESTIONS: "stalk_ros/msg/TopicSuggestion",
    _ROBOT: "std_msgs/msg/Bool",
}

_VERSION: Literal[8] = 8
"""Of the metadata, by the sources of rosbag2: Humble cannot read that of version 9, later ones read both."""

_DEPTH = 100
"""Messages a player keeps for a slow reader: 10 s of chunks of 0.1 s."""


class BagWriter(Export):
    """Writes a bag that ``ros2 bag play`` and Foxglove open, the topics in the namespace ``/stalk``.

    A message is recorded at the end of the chunk of audio that made it: at the earliest instant at which it
    could have been. A stream whose stamps lie before what is recorded already follows on that.

    Args:
        path: the folder to make.
        storage: ``mcap``, compressed with zstd, or ``sqlite3``.

    Raises:
        UserError: there is something already, it cannot be written, or rosbags is missing.
    """

    def __init__(self, path: Path, storage: str = "mcap") -> None:
        self._path = path
        self._library = BagMessages()
        self._messages = Messages(self._library)
        self._frame_id = ""
        self._now_ns = 0
        self._shift_ns = 0
        self._over = True
        self._robot_before: list[bool] = []
        self._broken = False
        self._connections: dict[str, Connection] = {}
        with self._complaining():
            _check_place(path, storage)
            self._writer = _opened(path, storage)

    def hear(self, chunk: AudioChunk) -> None:
        """See `Export.hear`."""
        if self._over:
            self._begin(chunk.stamp_ns)
        self._over = not len(chunk.samples)
        self._frame_id = chunk.frame_id
        self._now_ns = max(self._now_ns, chunk.stamp_ns + chunk.duration_ns + self._shift_ns)
        self._record(_AUDIO, self._messages.chunk(chunk))

    def robot_spoke(self, speaking: bool) -> None:
        """See `Export.robot_spoke`."""
        if self._now_ns:
            self._record(_ROBOT, self._library.make("std_msgs/msg/Bool", data=speaking))
        else:
            self._robot_before.append(speaking)  # the first audio tells what time it is

    def transcribed(self, utterance: Utterance) -> None:
        """See `Export.transcribed`."""
        self._record(_TRANSCRIPT, self._messages.utterance(utterance, self._frame_id))

    def write(self, event: Event) -> None:
        """See `Export.write`."""
        if isinstance(event, VoiceActivity):
            self._record(_ACTIVITY, self._messages.activity(event, self._frame_id))
        elif isinstance(event, Utterance):
            self._record(_UTTERANCES, self._messages.utterance(event, self._frame_id))
        elif isinstance(event, ConversationState):
            self._record(_STATE, self._messages.state(event, self._frame_id))
        elif isinstance(event, Suggestion):
            self._record(_SUGGESTIONS, self._messages.suggestion(event, self._frame_id))

    def close(self) -> None:
        """See `Export.close`; after a failure to write, what is on the disk stays as it is."""
        with self._complaining():
            if self._broken:
                self._writer.abort()
            else:
                self._writer.close()

    def _begin(self, start_ns: int) -> None:
        """Begin a stream."""
        self._shift_ns = max(0, self._now_ns - start_ns)
        self._now_ns = max(self._now_ns, start_ns)
        waiting, self._robot_before = self._robot_before, []
        for speaking in waiting:
            self.robot_spoke(speaking)

    def _record(self, topic: str, message: Any) -> None:
        data = self._library.types.serialize_cdr(message, _TYPES[topic])
        with self._complaining():
            self._writer.write(self._connection(topic), self._now_ns, data)

    def _connection(self, topic: str) -> Connection:
        """Where to write: a bag has the topics that somebody published, and a player offers no others."""
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(
                topic, _TYPES[topic], typestore=self._library.types, offered_qos_profiles=[_qos()]
            )
        return self._connections[topic]

    @contextlib.contextmanager
    def _complaining(self) -> Iterator[None]:
        """Write all of a thing, or say why not."""
        try:
            with undivided():
                yield
        except (OSError, sqlite3.Error) as error:
            self._broken = True
            reason = getattr(error, "strerror", None) or error
            raise UserError(f"cannot write the bag '{self._path}': {reason}") from None


def _check_place(path: Path, storage: str) -> None:
    if path.exists() or path.is_symlink():
        raise UserError(f"there is something at '{path}' already: name a new folder for the bag")
    if (path.parent / "metadata.yaml").exists():
        raise UserError(f"'{path.parent}' is a bag: make another one outside of it")
    if storage == "sqlite3" and set("%?#") & set(str(path)):
        # rosbags has SQLite take the path as a URI.
        raise UserError(f"'{path}' cannot hold a bag of SQLite: its name must be without %, ? and #")


def _opened(path: Path, storage: str) -> Writer:
    from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

    writer = Writer(path, version=_VERSION, storage_plugin=StoragePlugin[storage.upper()])
    if storage == "mcap":
        writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    writer.open()
    return writer


def _qos() -> Qos:
    """Reliable and volatile, as the nodes offer their topics; the rest as a recorder finds it by default."""
    from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime

    for_ever = QosTime(9223372036, 854775807)
    return Qos(
        QosHistory.KEEP_LAST,
        _DEPTH,
        QosReliability.RELIABLE,
        QosDurability.VOLATILE,
        for_ever,
        for_ever,
        QosLiveliness.AUTOMATIC,
        for_ever,
        avoid_ros_namespace_conventions=False,
    )
