"""The formats by the names of their options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from stalk_ros.offline.exports.document import JsonDocument
from stalk_ros.offline.exports.files import created
from stalk_ros.offline.exports.json_lines import JsonLines
from stalk_ros.offline.exports.rttm import Rttm
from stalk_ros.offline.exports.subtitles import Srt, WebVtt
from stalk_ros.offline.exports.text_grid import TextGrid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.exports.export import Export
    from stalk_ros.offline.recording import Recording
    from stalk_ros.offline.times import RecordingTime


@dataclass(frozen=True)
class Context:
    """What a format may want to know beside the events.

    Attributes:
        recording: what is read; its ``problem`` is looked at when the file is closed.
        times: of the recording.
        configuration: parameters of the stages.
        engines: see `Document`; looked at when the file is closed.
    """

    recording: Recording
    times: RecordingTime
    configuration: Configuration
    engines: dict[str, str]


@dataclass(frozen=True)
class Format:
    """A kind of file; ``begin`` writes to a new one."""

    begin: Callable[[IO[str], Context], Export]

    def make(self, path: Path, context: Context) -> Export:
        """Begin a file, which `Export.close` closes.

        Raises:
            UserError: it cannot be written.
        """
        return self.begin(created(path), context)


FORMATS = {
    "events": Format(lambda file, context: JsonLines(file, context.times)),
    "json": Format(
        lambda file, context: JsonDocument(
            file, context.recording, context.configuration, context.times, context.engines
        )
    ),
    "rttm": Format(lambda file, context: Rttm(file, context.recording.name, context.times)),
    "srt": Format(lambda file, context: Srt(file, context.times)),
    "vtt": Format(lambda file, context: WebVtt(file, context.times)),
    "textgrid": Format(lambda file, context: TextGrid(file, context.times)),
}
"""The formats of text files: name of the option to how it is written."""
