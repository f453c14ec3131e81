"""What came out of a recording, as files of formats that other programs read."""

from stalk_ros.offline.exports.files import created
from stalk_ros.offline.exports.json_lines import JsonLines
from stalk_ros.offline.exports.rttm import Rttm

__all__ = ["JsonLines", "Rttm", "created"]
