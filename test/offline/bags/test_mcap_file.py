"""MCAP files of other writers, and what a crash leaves of them."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from mcap.writer import CompressionType, IndexType, Writer

from stalk_ros.offline.bags.mcap_file import McapFile
from stalk_ros.offline.bags.storage import DamagedFileError, Topic

TOPIC = Topic("/audio", "stalk_ros/msg/AudioChunk")
OTHER = Topic("/other", "std_msgs/msg/String")
COUNT = 60


def data_of(number: int) -> bytes:
    return bytes([number]) * 3_000


@pytest.fixture
def write(tmp_path):
    """Writes a message for each of some log times, and others between them."""

    def write(times_ns=range(COUNT), name: str = "file.mcap", **options: Any):
        path = tmp_path / name
        with path.open("wb") as file:
            writer = Writer(file, **{"chunk_size": 20_000, **options})
            writer.start(profile="ros2")
            channels = []
            for topic in (OTHER, TOPIC):
                # Some writers leave out what all types of ROS 2 have in common.
                schema = writer.register_schema(topic.type.replace("/msg/", "/"), "ros2msg", b"string text")
                channels.append(writer.register_channel(topic.name, "cdr", schema))
            for place, log_ns in enumerate(times_ns):
                writer.add_message(channels[0], log_ns, b"other", log_ns)
                writer.add_message(channels[1], log_ns, data_of(place % 256), log_ns)
            writer.finish()
        return path

    return write


def read(path):
    file = McapFile(path)
    return [(message.log_ns, message.data) for message in file.messages([TOPIC])], file


ALL = [(number, data_of(number)) for number in range(COUNT)]


@pytest.mark.parametrize("compression", CompressionType)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_chunking": False},
        {"index_types": IndexType.NONE, "use_summary_offsets": False},
        {
            "index_types": IndexType.NONE,
            "repeat_channels": False,
            "repeat_schemas": False,
            "use_statistics": False,
        },
        {"repeat_channels": False, "repeat_schemas": False},
        {"enable_crcs": False},
    ],
)
def test_files_with_and_without_chunks_and_indexes_are_alike(write, compression, options) -> None:
    messages, file = read(write(compression=compression, **options))
    assert messages == ALL
    assert file.problem == ""
    assert file.topics.keys() == {TOPIC, OTHER}
    content = file.topics[TOPIC]
    assert (content.count, content.start_ns, content.end_ns) == (COUNT, 0, COUNT - 1)
    assert content.definition == "string text"


@pytest.mark.parametrize("chunked", [True, False])
def test_messages_come_by_their_times_and_then_as_they_are_stored(write, chunked) -> None:
    times_ns = [30, 30, 10, 40, 20, 20, 0, 40] * 20
    messages, _ = read(write(times_ns, use_chunking=chunked))
    expected = sorted((log_ns, place) for place, log_ns in enumerate(times_ns))
    assert messages == [(log_ns, data_of(place)) for log_ns, place in expected]


@pytest.mark.parametrize("compression", CompressionType)
@pytest.mark.parametrize("chunked", [True, False])
def test_what_a_crash_leaves_is_read(write, tmp_path, chunked, compression) -> None:
    """To the last message where nothing is compressed."""
    whole = write(use_chunking=chunked, compression=compression).read_bytes()
    path = tmp_path / "cut.mcap"
    counts = []
    for size in (*range(300, len(whole) - 1, len(whole) // 97), len(whole) - 40):
        path.write_bytes(whole[:size])
        messages, file = read(path)
        assert messages == ALL[: len(messages)]
        assert file.problem == "is cut off"
        counts.append(len(messages))
        if compression == CompressionType.NONE or not chunked:
            assert data_of(len(messages))[:1] * 3_000 not in whole[:size] or len(messages) == COUNT
    assert counts == sorted(counts)
    assert counts[-1] == COUNT


def test_a_damaged_chunk_is_left_out_and_told(write) -> None:
    path = write(compression=CompressionType.ZSTD)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"\x28\xb5\x2f\xfd", len(whole) // 3)
    whole[at : at + 20] = bytes(20)
    path.write_bytes(whole)
    messages, file = read(path)
    assert 0 < len(messages) < COUNT
    assert file.problem.startswith("is damaged in 1 of ")


def test_other_bytes_in_a_chunk_are_told(write) -> None:
    path = write(compression=CompressionType.NONE)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(data_of(5), b"x" + data_of(5)[1:]))
    messages, file = read(path)
    assert len(messages) == COUNT
    assert file.problem.startswith("is damaged in 1 of ")


@pytest.mark.parametrize("claim", [2**31, 2**62, 2**64 - 1])
def test_a_length_beyond_the_file_is_not_believed(write, claim) -> None:
    path = write(use_chunking=False)
    whole = path.read_bytes()
    at = whole.index(data_of(9)) - 22 - 8
    path.write_bytes(whole[:at] + struct.pack("<Q", claim) + whole[at + 8 :])
    messages, file = read(path)
    assert messages == ALL[:9]
    assert file.problem == "is cut off"


def test_what_is_no_mcap_is_an_error(tmp_path) -> None:
    path = tmp_path / "file.mcap"
    path.write_text("hello")
    with pytest.raises(DamagedFileError):
        McapFile(path)


def test_a_long_file_is_not_held_in_memory(write, monkeypatch) -> None:
    file = McapFile(write(range(2_000), compression=CompressionType.NONE))
    messages = file.messages([TOPIC])
    with file._path.open("rb") as opened:
        read_until = opened.seek(0, 2)
    assert read_until > 6_000_000
    taken = 0
    calls: list[int] = []
    content = McapFile._content
    monkeypatch.setattr(McapFile, "_content", lambda *of: (calls.append(1), content(*of))[1])
    for _ in range(20):
        next(messages)
        taken += 1
    assert len(calls) <= taken // 6 + 2
