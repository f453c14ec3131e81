"""Messages that rosbags makes and those of rclpy are the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ament_index_python.packages import get_package_share_directory
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import Reader
from std_msgs.msg import Bool

from stalk_ros.audio import AudioChunk
from stalk_ros.messages import Messages
from stalk_ros.offline.bags import BagWriter
from stalk_ros.offline.bags.types import BagMessages
from stalk_ros.ros import conversions

CHUNK = AudioChunk(np.array([0, 1, -1, 32767, -32768], np.int16), 48_000, 1, 2**40, 1_795_400_000_123_456_789)


def over_the_wire(message: Any) -> Any:
    """The message as a subscriber gets it, its numbers rounded to float32."""
    return deserialize_message(serialize_message(message), type(message))


@pytest.fixture(scope="module")
def library() -> BagMessages:
    return BagMessages()


@pytest.fixture(scope="module")
def pairs(every_event, library: BagMessages) -> dict[str, tuple[Any, Any]]:
    """Name of each type to the message of rclpy and that of rosbags."""
    activity, utterance, state, suggestion = every_event
    ours = Messages(library)
    return {
        "AudioChunk": (conversions.chunk_to_msg(CHUNK), ours.chunk(CHUNK)),
        "VoiceActivity": (conversions.activity_to_msg(activity, "head"), ours.activity(activity, "head")),
        "SpeakerUtterance": (
            conversions.utterance_to_msg(utterance, "head"),
            ours.utterance(utterance, "head"),
        ),
        "ConversationState": (conversions.state_to_msg(state, "head"), ours.state(state, "head")),
        "TopicSuggestion": (
            conversions.suggestion_to_msg(suggestion, "head"),
            ours.suggestion(suggestion, "head"),
        ),
    }


NAMES = ["AudioChunk", "VoiceActivity", "SpeakerUtterance", "ConversationState", "TopicSuggestion"]


@pytest.mark.parametrize("name", NAMES)
def test_each_reads_what_the_other_has_written(pairs, library: BagMessages, name: str) -> None:
    theirs, ours = pairs[name]
    full_name = f"stalk_ros/msg/{name}"
    written = bytes(library.types.serialize_cdr(ours, full_name))
    assert deserialize_message(written, type(theirs)) == over_the_wire(theirs)
    back = library.types.deserialize_cdr(serialize_message(theirs), full_name)
    # What rclpy puts between the fields, to align them, is not defined.
    assert len(serialize_message(theirs)) == len(written)
    assert bytes(library.types.serialize_cdr(back, full_name)) == written


@pytest.mark.parametrize("name", [*NAMES, "Word"])
def test_the_hash_of_a_type_is_that_of_ros(library: BagMessages, name: str) -> None:
    description = Path(get_package_share_directory("stalk_ros"), "msg", f"{name}.json")
    if not description.exists():
        pytest.skip("this ROS 2 has no hashes of types")
    (digest,) = (
        entry["hash_string"]
        for entry in json.loads(description.read_text(encoding="utf-8"))["type_hashes"]
        if entry["type_name"] == f"stalk_ros/msg/{name}"
    )
    assert library.types.hash_rihs01(f"stalk_ros/msg/{name}") == digest


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_rclpy_reads_every_message_of_a_bag(tmp_path: Path, every_event, pairs, storage: str) -> None:
    writer = BagWriter(tmp_path / "bag", storage)
    writer.hear(CHUNK)
    writer.robot_spoke(True)
    writer.transcribed(every_event[1])
    for event in every_event:
        writer.write(event)
    writer.close()
    with Reader(tmp_path / "bag") as reader:
        found = {connection.topic: (connection.msgtype, data) for connection, _, data in reader.messages()}
    assert deserialize_message(bytes(found.pop("/robot_speaking")[1]), Bool) == Bool(data=True)
    assert len(found) == 6
    for name, data in found.values():
        kind = name.rpartition("/")[2]
        expected = over_the_wire(pairs[kind][0])
        expected.header.frame_id = CHUNK.frame_id
        assert deserialize_message(bytes(data), type(expected)) == expected
