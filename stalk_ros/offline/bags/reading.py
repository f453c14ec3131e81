"""Recordings in ROS 2 bags."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stalk_ros.offline.recording import Item


def is_bag(path: Path) -> bool:
    """Whether it is the folder of a bag, or one of its files, by its names alone."""
    return path.is_dir() or path.suffix in (".mcap", ".db3", ".zstd") or path.name == "metadata.yaml"


class BagRecording:
    """The audio in a bag; a `stalk_ros.offline.recording.Recording`."""

    def __init__(self, path: Path, topic: str = "") -> None:
        self.name = path.stem
        self.duration_s = 0.0
        self.problem = ""

    def items(self) -> Iterator[Item]:
        """See `Recording.items`."""
        raise NotImplementedError
