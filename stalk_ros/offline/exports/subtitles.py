"""What was said, as subtitles."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from stalk_ros.offline.times import RecordingTime


class Srt(Export):
    """Writes SubRip subtitles.

    Args:
        file: where to write.
        times: of the recording.
    """

    def __init__(self, file: IO[str], times: RecordingTime) -> None:
        raise NotImplementedError


class WebVtt(Export):
    """Writes WebVTT subtitles.

    Args:
        file: where to write.
        times: of the recording.
    """

    def __init__(self, file: IO[str], times: RecordingTime) -> None:
        raise NotImplementedError
