"""What came out of a recording, as files of formats that other programs read."""

from stalk_ros.offline.exports.context import Context
from stalk_ros.offline.exports.document import Document, JsonDocument
from stalk_ros.offline.exports.export import Export
from stalk_ros.offline.exports.files import created
from stalk_ros.offline.exports.formats import FORMATS
from stalk_ros.offline.exports.json_lines import JsonLines
from stalk_ros.offline.exports.rttm import Rttm
from stalk_ros.offline.exports.subtitles import Srt, WebVtt
from stalk_ros.offline.exports.text_grid import TextGrid

__all__ = [
    "FORMATS",
    "Context",
    "Document",
    "Export",
    "JsonDocument",
    "JsonLines",
    "Rttm",
    "Srt",
    "TextGrid",
    "WebVtt",
    "created",
]
