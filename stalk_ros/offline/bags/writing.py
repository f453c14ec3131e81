"""What the nodes would publish, as a ROS 2 bag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from pathlib import Path


class BagWriter(Export):
    """Writes a bag that ``ros2 bag play`` and Foxglove open, the topics in the namespace ``/stalk``.

    A message is recorded at the end of the chunk of audio that made it: at the earliest instant at which it
    could have been.

    Args:
        path: the folder to make.
        storage: ``mcap`` or ``sqlite3``.

    Raises:
        UserError: there is something already, it cannot be written, or rosbags is missing.
    """

    def __init__(self, path: Path, storage: str = "mcap") -> None:
        raise NotImplementedError
