"""The formats by the names of their options."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from stalk_ros.offline.exports.document import JsonDocument
from stalk_ros.offline.exports.json_lines import JsonLines
from stalk_ros.offline.exports.rttm import Rttm
from stalk_ros.offline.exports.subtitles import Srt, WebVtt
from stalk_ros.offline.exports.text_grid import TextGrid

if TYPE_CHECKING:
    from collections.abc import Callable

    from stalk_ros.offline.exports.context import Context
    from stalk_ros.offline.exports.export import Export


FORMATS: dict[str, Callable[[IO[str], Context], Export]] = {
    "events": lambda file, context: JsonLines(file, context.times),
    "json": JsonDocument,
    "rttm": lambda file, context: Rttm(file, context.recording.name, context.times),
    "srt": lambda file, context: Srt(file, context.times),
    "vtt": lambda file, context: WebVtt(file, context.times),
    "textgrid": lambda file, context: TextGrid(file, context.times),
}
"""The formats of text files: name of the option to what writes it to a new file."""
