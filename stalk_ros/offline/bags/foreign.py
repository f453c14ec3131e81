"""The messages of either package called audio_common, as far as bags hold them.

Both call their messages ``audio_common_msgs``; no name that is recorded stands for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rosbags.typesys.store import Typestore

STAMPED = "audio_common_msgs/msg/AudioDataStamped"
"""Of ros-drivers: bytes with a stamp."""

UNSTAMPED = "audio_common_msgs/msg/AudioData"
"""Of ros-drivers: bytes."""

INFO = "audio_common_msgs/msg/AudioInfo"
"""Of ros-drivers: what the bytes are."""

FIELDS = "audio_common_msgs/msg/AudioStamped"
"""Of mgonzs13: samples with their format and a stamp."""

_DEFINITIONS = {
    UNSTAMPED: "uint8[] data",
    STAMPED: "std_msgs/Header header\naudio_common_msgs/AudioData audio",
    INFO: "uint8 channels\nuint32 sample_rate\nstring sample_format\nuint32 bitrate\nstring coding_format",
    "mgonzs13/msg/Samples": (
        "float32[] float32_data\nint32[] int32_data\nint16[] int16_data\nint8[] int8_data\nuint8[] uint8_data"
    ),
    "mgonzs13/msg/Format": "int32 format\nint32 channels\nint32 rate\nint32 chunk",
    "audio_common_msgs/msg/Audio": "mgonzs13/Samples audio_data\nmgonzs13/Format info",
    FIELDS: "std_msgs/Header header\naudio_common_msgs/Audio audio",
}
"""What lies in a message is told by its fields alone: nested types may have any name."""


def register(types: Typestore) -> None:
    """Make the types known."""
    from rosbags.typesys import get_types_from_msg

    for name, definition in _DEFINITIONS.items():
        types.register(get_types_from_msg(definition, name))
