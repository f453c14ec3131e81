"""Where recorded conversations come from: audio files and ROS 2 bags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.audio import AudioFile
from stalk_ros.errors import UserError
from stalk_ros.offline.bags import BagRecording, is_bag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stalk_ros.offline.recording import Item, Recording


def open_recording(path: Path, topic: str = "", chunk_s: float = 0.1) -> Recording:
    """The recording in a file or a folder.

    Args:
        path: an audio file, the folder of a bag, or one of its files.
        topic: the audio topic of a bag; "" = the only one it has.
        chunk_s: length of the chunks of an audio file; those of a bag stay as they are.

    Raises:
        UserError: it is neither, cannot be read, or holds no audio, or several topics with audio.
    """
    if is_bag(path):
        return BagRecording(path, topic)
    if topic:
        raise UserError(f"'{path}' is no bag, so it has no topic '{topic}'")
    return _FileRecording(path, chunk_s)


class _FileRecording:
    """An audio file, whose first sample has the time 0."""

    def __init__(self, path: Path, chunk_s: float) -> None:
        self._file = AudioFile(path, chunk_s=chunk_s)
        self.name = path.stem
        self.duration_s = self._file.duration_s
        self.problem = ""

    def items(self) -> Iterator[Item]:
        """See `Recording.items`."""
        return self._file.chunks()
