"""The audio of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk
    from stalk_ros.offline.times import RecordingTime


class Sound(Export):
    """Collects the audio of a recording, coded as browsers play it.

    Attributes:
        stretches: [start in the recording, start in the sound, length] of each stream, in seconds.
    """

    def __init__(self, times: RecordingTime) -> None:
        raise NotImplementedError

    def hear(self, chunk: AudioChunk) -> None:
        """See `Export.hear`."""
        raise NotImplementedError
