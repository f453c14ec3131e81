"""The audio_common_out node: AudioChunks as the messages of ros-drivers' audio_common."""

from __future__ import annotations

import array
import sys
from typing import Any

import stalk_ros.msg as msg
from stalk_ros.audio import malformed
from stalk_ros.errors import UserError
from stalk_ros.parameters import Parameters
from stalk_ros.ros import qos
from stalk_ros.ros.bridges.interfaces import LATCHED, AudioCommon, audio_common_msgs
from stalk_ros.ros.diagnostics import WARN, Health
from stalk_ros.ros.stage_node import StageNode, spin

_LOG_EVERY_S = 5.0
_BITS = 16


class AudioCommonOut(StageNode):
    """Publishes ``audio`` as raw S16LE on ``/audio``, ``/audio_stamped`` and, latched, ``/audio_info``."""

    parameters_class = Parameters

    def __init__(self, **options: Any) -> None:
        super().__init__("audio_common_out", **options)
        self._publishers_made: list[Any] = []

    def configure(self, parameters: Parameters) -> None:
        """Make the publishers."""
        self._messages, kind = audio_common_msgs()
        if kind is not AudioCommon.ROS_DRIVERS:
            raise UserError(
                f"the installed 'audio_common_msgs' is that of {kind.value}, and audio goes out only as that "
                "of ros-drivers: source a workspace with https://github.com/ros-drivers/audio_common instead"
            )
        made = (
            self.make_publisher(self._messages.AudioInfo, "/audio_info", LATCHED),
            self.make_publisher(self._messages.AudioDataStamped, "/audio_stamped", qos.audio()),
            self.make_publisher(self._messages.AudioData, "/audio", qos.audio()),
        )
        self._info, self._stamped, self._unstamped = self._publishers_made = list(made)

    def activate(self) -> None:
        """Listen."""
        self._told: tuple[int, int] | None = None
        self._published = self._refused = 0
        self.subscribe(msg.AudioChunk, "audio", self._receive, qos.audio())

    def deactivate(self) -> None:
        """Nothing waits."""

    def cleanup(self) -> None:
        """Take the publishers back."""
        for publisher in self._publishers_made:
            self.destroy_lifecycle_publisher(publisher)
        self._publishers_made = []

    def health(self) -> Health:
        """What went out."""
        health = Health(values={"published": self._published, "refused chunks": self._refused})
        if self._refused:
            health.add(WARN, f"{self._refused} malformed AudioChunks were refused")
        return health

    def _receive(self, message: msg.AudioChunk) -> None:
        if not message.samples:
            return  # the stream has ended, which audio_common has no message for
        if reason := malformed(len(message.samples), message.sample_rate, message.channels):
            self._refused += 1
            self.get_logger().warning(f"refused an AudioChunk: {reason}", throttle_duration_sec=_LOG_EVERY_S)
            return
        self._tell(message.sample_rate, message.channels)
        data = self._messages.AudioData(data=array.array("B", _little_endian(message.samples)))
        self._stamped.publish(self._messages.AudioDataStamped(header=message.header, audio=data))
        self._unstamped.publish(data)
        self._published += 1

    def _tell(self, sample_rate_hz: int, channels: int) -> None:
        """Publish the format if it is new."""
        if self._told == (sample_rate_hz, channels):
            return
        self._told = (sample_rate_hz, channels)
        self._info.publish(
            self._messages.AudioInfo(
                channels=channels,
                sample_rate=sample_rate_hz,
                sample_format="S16LE",
                bitrate=sample_rate_hz * channels * _BITS,
                coding_format="wave",
            )
        )


def _little_endian(samples: array.array[int]) -> bytes:
    if sys.byteorder == "big":
        samples = array.array("h", samples)
        samples.byteswap()
    return samples.tobytes()


def main() -> None:
    """Run the node."""
    spin(AudioCommonOut)
