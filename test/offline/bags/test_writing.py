from __future__ import annotations

import dataclasses
import resource
import signal
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.rosbag2 import storage_mcap

from stalk_ros.audio import AudioChunk
from stalk_ros.errors import UserError
from stalk_ros.events import VoiceActivity
from stalk_ros.messages import (
    activity_from_msg,
    state_from_msg,
    suggestion_from_msg,
    to_ns,
    utterance_from_msg,
)
from stalk_ros.offline.bags import BagWriter
from stalk_ros.offline.bags.types import BagMessages

if TYPE_CHECKING:
    from collections.abc import Callable

START_NS = 1_795_400_000_000_000_000
SECOND_NS = 1_000_000_000
TYPES = {
    "/stalk/audio": "stalk_ros/msg/AudioChunk",
    "/stalk/voice_activity": "stalk_ros/msg/VoiceActivity",
    "/stalk/transcript": "stalk_ros/msg/SpeakerUtterance",
    "/stalk/utterances": "stalk_ros/msg/SpeakerUtterance",
    "/stalk/conversation_state": "stalk_ros/msg/ConversationState",
    "/stalk/suggestions": "stalk_ros/msg/TopicSuggestion",
    "/robot_speaking": "std_msgs/msg/Bool",
}
FROM_MSG = {
    "/stalk/voice_activity": activity_from_msg,
    "/stalk/transcript": utterance_from_msg,
    "/stalk/utterances": utterance_from_msg,
    "/stalk/conversation_state": state_from_msg,
    "/stalk/suggestions": suggestion_from_msg,
}


def piece(first: int, stamp_ns: int, samples: int = 1600, frame_id: str = "head") -> AudioChunk:
    return AudioChunk(np.arange(samples, dtype=np.int16), 16_000, 1, first, stamp_ns, frame_id)


def fill(writer: BagWriter, events: list[Any]) -> None:
    """One message of every topic, after 0.1 s of audio."""
    writer.hear(piece(0, START_NS))
    writer.robot_spoke(True)
    writer.transcribed(events[1])
    for event in events:
        writer.write(event)


@pytest.fixture(params=["mcap", "sqlite3"])
def storage(request: pytest.FixtureRequest) -> str:
    return request.param


def in_mcap(bag: Path) -> list[tuple[str, int, Any]]:
    """Topic, log time and message, as Foxglove's own library reads them."""
    with (bag / f"{bag.name}.mcap").open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        return [
            (channel.topic, message.log_time, ros)
            for _, channel, message, ros in reader.iter_decoded_messages()
        ]


def in_sqlite(bag: Path) -> list[tuple[str, int, Any]]:
    """The same, by the query of rosbag2's player."""
    types = BagMessages().types
    database = sqlite3.connect(bag / f"{bag.name}.db3")
    rows = database.execute(
        "SELECT topics.name, type, timestamp, data"
        " FROM messages JOIN topics ON messages.topic_id = topics.id"
        " ORDER BY messages.timestamp, messages.id"
    ).fetchall()
    database.close()
    return [(topic, at_ns, types.deserialize_cdr(data, name)) for topic, name, at_ns, data in rows]


READERS: dict[str, Callable[[Path], list[tuple[str, int, Any]]]] = {"mcap": in_mcap, "sqlite3": in_sqlite}


def float32(event: Any) -> dict[str, Any]:
    """The fields of an event, its numbers as a message carries them."""

    def rounded(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(rounded(item) for item in value)
        if dataclasses.is_dataclass(value):
            return float32(value)
        return np.float32(value) if isinstance(value, float | np.floating) else value

    return {name: rounded(value) for name, value in vars(event).items()}


def test_other_readers_find_what_the_nodes_would_publish(tmp_path: Path, every_event, storage: str) -> None:
    writer = BagWriter(tmp_path / "bag", storage)
    fill(writer, every_event)
    writer.close()
    messages = READERS[storage](tmp_path / "bag")
    activity, utterance, state, suggestion = every_event
    told = {
        "/stalk/voice_activity": activity,
        "/stalk/transcript": utterance,
        "/stalk/utterances": utterance,
        "/stalk/conversation_state": state,
        "/stalk/suggestions": suggestion,
    }
    assert {topic for topic, _, _ in messages} == set(TYPES)
    assert len(messages) == len(TYPES)
    for topic, _, message in messages:
        if topic == "/robot_speaking":
            assert message.data is True
            continue
        assert message.header.frame_id == "head"
        if topic == "/stalk/audio":
            assert list(message.samples) == list(range(1600))
            assert to_ns(message.header.stamp) == START_NS
            assert (message.first_sample, message.sample_rate, message.channels) == (0, 16_000, 1)
        else:
            assert float32(FROM_MSG[topic](message)) == float32(told[topic])


def test_foxglove_finds_the_definition_of_every_type(tmp_path: Path, every_event) -> None:
    writer = BagWriter(tmp_path / "bag")
    fill(writer, every_event)
    writer.close()
    with (tmp_path / "bag/bag.mcap").open("rb") as file:
        reader = make_reader(file)
        summary = reader.get_summary()
        assert reader.get_header().profile == "ros2"
    assert {index.compression for index in summary.chunk_indexes} == {"zstd"}
    assert summary.statistics.message_count == len(TYPES)
    for channel in summary.channels.values():
        schema = summary.schemas[channel.schema_id]
        assert (schema.name, schema.encoding) == (TYPES[channel.topic], "ros2msg")
        assert channel.message_encoding == "cdr"
        assert_as_the_nodes_offer(channel.metadata["offered_qos_profiles"])


def test_a_player_of_rosbag2_finds_its_tables(tmp_path: Path, every_event) -> None:
    writer = BagWriter(tmp_path / "bag", "sqlite3")
    fill(writer, every_event)
    writer.close()
    database = sqlite3.connect(tmp_path / "bag/bag.db3")
    topics = database.execute(
        "SELECT name, type, serialization_format, offered_qos_profiles, type_description_hash FROM topics"
    ).fetchall()
    definitions = dict(database.execute("SELECT topic_type, encoding FROM message_definitions"))
    schema = database.execute("SELECT schema_version FROM schema").fetchall()
    database.close()
    assert schema == [(4,)]
    assert definitions == dict.fromkeys(TYPES.values(), "ros2msg")
    assert {name: kind for name, kind, *_ in topics} == TYPES
    for _, _, form, offered, digest in topics:
        assert form == "cdr"
        assert digest.startswith("RIHS01_")
        assert_as_the_nodes_offer(offered)


def assert_as_the_nodes_offer(offered: str) -> None:
    """Reliable, volatile, keep last, liveliness automatic, by the numbers that Humble knows them by."""
    (profile,) = yaml.safe_load(offered)
    numbers = {name: profile[name] for name in ("history", "reliability", "durability", "liveliness")}
    assert numbers == {"history": 1, "reliability": 1, "durability": 2, "liveliness": 1}
    assert profile["deadline"] == {"sec": 9223372036, "nsec": 854775807}


def test_humble_and_later_ones_understand_the_metadata(tmp_path: Path, every_event, storage: str) -> None:
    """By what rosbag2's ``metadata_io.cpp`` of Humble and ``yaml.hpp`` of Jazzy ask for."""
    writer = BagWriter(tmp_path / "bag", storage)
    fill(writer, every_event)
    writer.hear(piece(1600, START_NS + SECOND_NS))
    writer.close()
    content = yaml.safe_load((tmp_path / "bag/metadata.yaml").read_text(encoding="utf-8"))
    bag = content["rosbag2_bagfile_information"]
    (name,) = (path.name for path in (tmp_path / "bag").iterdir() if path.name != "metadata.yaml")
    times = {
        "starting_time": {"nanoseconds_since_epoch": START_NS + SECOND_NS // 10},
        "duration": {"nanoseconds": SECOND_NS},
        "message_count": 8,
    }
    assert (bag["version"], bag["storage_identifier"], bag["relative_file_paths"]) == (8, storage, [name])
    assert (bag["compression_format"], bag["compression_mode"], bag["custom_data"]) == ("", "", None)
    assert bag["files"] == [{"path": name, **times}]
    assert {key: bag[key] for key in times} == times
    assert isinstance(bag["ros_distro"], str)
    counts = {}
    for topic in bag["topics_with_message_count"]:
        metadata = topic["topic_metadata"]
        counts[metadata["name"]] = topic["message_count"]
        assert metadata["type"] == TYPES[metadata["name"]]
        assert metadata["serialization_format"] == "cdr"
        assert metadata["type_description_hash"].startswith("RIHS01_")
        assert_as_the_nodes_offer(metadata["offered_qos_profiles"])
    assert counts == {**dict.fromkeys(TYPES, 1), "/stalk/audio": 2}


def test_a_topic_that_nobody_published_is_not_there(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag")
    writer.hear(piece(0, START_NS))
    writer.close()
    assert "/stalk/suggestions" not in (tmp_path / "bag/metadata.yaml").read_text(encoding="utf-8")


def log_times(bag: Path) -> list[float]:
    """In seconds from `START_NS`, in the order in which they are in the file."""
    with (bag / f"{bag.name}.mcap").open("rb") as file:
        messages = list(make_reader(file).iter_messages(log_time_order=False))
    return [(message.log_time - START_NS) / SECOND_NS for _, _, message in messages]


def test_a_message_is_recorded_at_the_end_of_the_audio_that_made_it(tmp_path: Path, every_event) -> None:
    writer = BagWriter(tmp_path / "bag")
    fill(writer, every_event)
    stereo = AudioChunk(np.zeros(1600, np.int16), 8_000, 2, 800, START_NS + SECOND_NS, "head")
    writer.hear(stereo)
    writer.close()
    assert log_times(tmp_path / "bag") == [*[0.1] * 7, 1.1]


def test_log_times_never_go_back(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag")
    for start_ns in (START_NS, START_NS - 9 * SECOND_NS, START_NS + 5 * SECOND_NS):
        writer.hear(piece(0, start_ns))
        writer.hear(piece(1600, start_ns + SECOND_NS // 10, samples=0))
    writer.hear(piece(0, START_NS + 6 * SECOND_NS))
    writer.hear(piece(1600, START_NS + 4 * SECOND_NS))  # what contradicts itself
    writer.close()
    expected = [0.1, 0.1, 0.2, 0.2, 5.1, 5.1, 6.1, 6.1]
    assert log_times(tmp_path / "bag") == pytest.approx(expected, abs=1e-6)


def test_what_the_robot_did_before_the_audio_is_not_recorded_in_1970(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag")
    writer.robot_spoke(True)
    writer.robot_spoke(False)
    writer.hear(piece(0, START_NS))
    writer.close()
    messages = in_mcap(tmp_path / "bag")
    assert [(topic, at_ns - START_NS) for topic, at_ns, _ in messages] == [
        ("/robot_speaking", 0),
        ("/robot_speaking", 0),
        ("/stalk/audio", SECOND_NS // 10),
    ]
    assert [message.data for _, _, message in messages[:2]] == [True, False]


def test_ctrl_c_within_a_message_leaves_it_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = BagWriter(tmp_path / "bag")
    writer.hear(piece(0, START_NS))
    write_record = storage_mcap.write_record

    def interrupted(*arguments: Any) -> None:
        monkeypatch.setattr(storage_mcap, "write_record", write_record)
        signal.raise_signal(signal.SIGINT)
        write_record(*arguments)

    monkeypatch.setattr(storage_mcap, "write_record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.write(VoiceActivity(START_NS, True, 0.5, 0, START_NS))
    writer.close()
    assert [topic for topic, _, _ in in_mcap(tmp_path / "bag")] == ["/stalk/audio", "/stalk/voice_activity"]


def test_what_was_interrupted_before_it_began_is_a_bag_too(tmp_path: Path, storage: str) -> None:
    BagWriter(tmp_path / "bag", storage).close()
    assert READERS[storage](tmp_path / "bag") == []


def test_a_missing_folder_is_made(tmp_path: Path, storage: str) -> None:
    BagWriter(tmp_path / "new/newer/bag", storage).close()
    assert (tmp_path / "new/newer/bag/metadata.yaml").exists()


def test_nothing_is_ever_overwritten(tmp_path: Path, storage: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "file", "link"):
        with pytest.raises(UserError, match=f"{name}' already"):
            BagWriter(tmp_path / name, storage)
    assert not list((tmp_path / "folder").iterdir())
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_bag_is_not_made_inside_of_another(tmp_path: Path, storage: str) -> None:
    BagWriter(tmp_path / "bag", storage).close()
    with pytest.raises(UserError, match="outside"):
        BagWriter(tmp_path / "bag/bag", storage)


def test_a_place_that_is_no_folder_is_one_error(tmp_path: Path, storage: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Not a directory"):
        BagWriter(tmp_path / "file/bag", storage)


def test_a_name_that_sqlite_takes_for_something_else_is_refused(tmp_path: Path) -> None:
    for name in ("50%20", "a#b", "what?"):
        with pytest.raises(UserError, match="without"):
            BagWriter(tmp_path / name, "sqlite3")
    assert not list(tmp_path.iterdir())
    BagWriter(tmp_path / "50%20").close()


def test_a_full_disk_is_one_error_and_what_was_written_stays(tmp_path: Path, storage: str) -> None:
    writer = BagWriter(tmp_path / "bag", storage)
    noise = np.random.default_rng(1).integers(-32768, 32767, 160_000, np.int16)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, limits[1]))
    try:
        with pytest.raises(UserError, match="cannot write the bag"):
            for second in range(0, 1000, 10):
                chunk = AudioChunk(noise, 16_000, 1, second * 16_000, START_NS + second * SECOND_NS, "head")
                writer.hear(chunk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        writer.close()
    assert not (tmp_path / "bag/metadata.yaml").exists()
    assert any(path.stat().st_size for path in (tmp_path / "bag").iterdir())
