"""The interface packages of others, which need not be installed."""

from __future__ import annotations

import enum
import importlib
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from stalk_ros.errors import UserError

LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
"""For what stays true until it is said anew."""

_AUDIO_COMMON = (
    "sudo apt install ros-$ROS_DISTRO-audio-common-msgs, or build and source a workspace with "
    "https://github.com/ros-drivers/audio_common or https://github.com/mgonzs13/audio_common"
)
_HRI = (
    "sudo apt install ros-$ROS_DISTRO-hri-msgs, or build and source a workspace with "
    "https://github.com/ros4hri/hri_msgs"
)


class AudioCommon(enum.Enum):
    """Whose ``audio_common_msgs`` it is: two packages have this name."""

    ROS_DRIVERS = "ros-drivers"
    MGONZS13 = "mgonzs13"


def audio_common_msgs() -> tuple[Any, AudioCommon]:
    """The module ``audio_common_msgs.msg`` that is installed, and whose it is.

    Raises:
        UserError: it is missing, or of a third kind.
    """
    module = _messages("audio_common_msgs", _AUDIO_COMMON)
    data = fields(module.AudioData) if hasattr(module, "AudioData") else ()
    if "data" in data and hasattr(module, "AudioDataStamped") and hasattr(module, "AudioInfo"):
        return module, AudioCommon.ROS_DRIVERS
    if "int16_data" in data and hasattr(module, "AudioStamped"):
        return module, AudioCommon.MGONZS13
    raise UserError(
        "the installed ROS 2 package 'audio_common_msgs' is neither that of ros-drivers nor mgonzs13's, or "
        f"an old one: {_AUDIO_COMMON}"
    )


def hri_msgs() -> Any:
    """The module ``hri_msgs.msg``.

    Raises:
        UserError: it is missing, or has not what voices need.
    """
    module = _messages("hri_msgs", _HRI)
    if not (hasattr(module, "LiveSpeech") and hasattr(module, "IdsList")):
        raise UserError(f"the installed ROS 2 package 'hri_msgs' has no LiveSpeech and IdsList: {_HRI}")
    return module


def fields(message_type: Any) -> tuple[str, ...]:
    """The names of the fields of a message."""
    return tuple(message_type.get_fields_and_field_types())


def _messages(package: str, advice: str) -> Any:
    try:
        return importlib.import_module(f"{package}.msg")
    except ImportError as error:
        raise UserError(f"the ROS 2 package '{package}' is missing: {advice}") from error
