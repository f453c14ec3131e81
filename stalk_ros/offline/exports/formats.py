"""The formats by the names of their options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from stalk_ros.offline.exports.document import JsonDocument
from stalk_ros.offline.exports.json_lines import JsonLines
from stalk_ros.offline.exports.rttm import Rttm
from stalk_ros.offline.exports.subtitles import Srt, WebVtt
from stalk_ros.offline.exports.text_grid import TextGrid

if TYPE_CHECKING:
    from collections.abc import Callable

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


FORMATS: dict[str, Callable[[IO[str], Context], Export]] = {
    "events": lambda file, context: JsonLines(file, context.times),
    "json": lambda file, context: JsonDocument(
        file, context.recording, context.configuration, context.times, context.engines
    ),
    "rttm": lambda file, context: Rttm(file, context.recording.name, context.times),
    "srt": lambda file, context: Srt(file, context.times),
    "vtt": lambda file, context: WebVtt(file, context.times),
    "textgrid": lambda file, context: TextGrid(file, context.times),
}
"""The formats of text files: name of the option to what writes it to a new file."""
