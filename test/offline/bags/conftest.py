"""Bags for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from stalk_ros.audio import AudioChunk
from stalk_ros.clock import samples_to_ns
from stalk_ros.messages import Messages
from stalk_ros.offline.bags import foreign
from stalk_ros.offline.bags.reading import BagRecording
from stalk_ros.offline.bags.types import BagMessages
from stalk_ros.offline.recording import RobotSpeech

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 16_000
START_NS = 1_700_000_000 * 10**9
DELAY_NS = 150_000_000
NOISE = np.random.default_rng(7).integers(-9_000, 9_000, RATE * 60).astype(np.int16)


class Bench:
    """Makes bags, and reads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = BagMessages()
        foreign.register(self.library.types)
        self._messages = Messages(self.library)

    def chunks(
        self, count: int, first: int = 0, size: int = 1_600, frame_id: str = "mic", **changes: Any
    ) -> list[AudioChunk]:
        """Noise as audio_capture publishes it, from a sample on."""
        return [
            AudioChunk(
                NOISE[at : at + size],
                **{
                    "sample_rate_hz": RATE,
                    "channels": 1,
                    "first_sample": at,
                    "stamp_ns": START_NS + samples_to_ns(at, RATE),
                    "frame_id": frame_id,
                    **changes,
                },
            )
            for at in range(first, first + count * size, size)
        ]

    def recorded(
        self, chunks: list[AudioChunk], topic: str = "/stalk/audio"
    ) -> list[tuple[int, str, str, Any]]:
        """Chunks as messages, a little later than their stamps."""
        return [
            (chunk.stamp_ns + DELAY_NS, topic, "stalk_ros/msg/AudioChunk", self._messages.chunk(chunk))
            for chunk in chunks
        ]

    def make(self, kind: str, **fields: Any) -> Any:
        return self.library.make(kind, **fields)

    def header(self, sample: int, frame_id: str = "theirs") -> Any:
        return self._messages.header(START_NS + samples_to_ns(sample, RATE), frame_id)

    def speaking(
        self, sample: int, speaking: bool, topic: str = "/robot_speaking"
    ) -> tuple[int, str, str, Any]:
        kind = "std_msgs/msg/Bool"
        log_ns = START_NS + samples_to_ns(sample, RATE) + DELAY_NS
        return log_ns, topic, kind, self.make(kind, data=speaking)

    def bag(
        self,
        messages: list[tuple[int, str, str, Any]],
        name: str = "bag",
        storage: str = "mcap",
        version: int = 9,
        compression: str = "none",
    ) -> Path:
        """Write (log time, topic, type, message or its bytes) in this order."""
        path = self.folder / name
        writer = Writer(path, version=version, storage_plugin=StoragePlugin[storage.upper()])
        writer.set_compression(CompressionMode[compression.upper()], CompressionFormat.ZSTD)
        with writer:
            connections: dict[tuple[str, str], Any] = {}
            for log_ns, topic, kind, message in messages:
                if (topic, kind) not in connections:
                    connections[topic, kind] = writer.add_connection(
                        topic, kind, typestore=self.library.types
                    )
                data = message if isinstance(message, bytes) else self.serialized(message, kind)
                writer.write(connections[topic, kind], log_ns, data)
        return path

    def serialized(self, message: Any, kind: str) -> bytes:
        return bytes(self.library.types.serialize_cdr(message, kind))

    @staticmethod
    def file(bag: Path) -> Path:
        """The one file of a bag."""
        (file,) = (path for path in bag.iterdir() if path.name != "metadata.yaml")
        return file


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def read() -> Callable[..., tuple[list[Any], BagRecording]]:
    """Reads a whole bag; items can be compared with each other."""

    def items(path: Path, topic: str = "") -> tuple[list[Any], BagRecording]:
        recording = BagRecording(path, topic)
        return [comparable(item) for item in recording.items()], recording

    return items


@pytest.fixture
def told() -> Callable[..., Any]:
    """Chunks as what `read` gives."""
    return lambda items: [comparable(item) for item in items]


def comparable(item: Any) -> Any:
    if isinstance(item, RobotSpeech):
        return item
    return (
        item.samples.tobytes(),
        item.sample_rate_hz,
        item.channels,
        item.first_sample,
        item.stamp_ns,
        item.frame_id,
    )
