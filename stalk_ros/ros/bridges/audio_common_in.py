"""The audio_common_in node: audio from either package called audio_common, as AudioChunks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from rclpy.qos import QoSProfile, ReliabilityPolicy

import stalk_ros.msg as msg
from stalk_ros.audio import (
    AudioCommonInParameters,
    Coding,
    MalformedAudioError,
    Piece,
    SteadyStream,
    UnreadableFormatError,
    coding_of,
    piece_of_fields,
)
from stalk_ros.clock import samples_to_ns
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.bridges.interfaces import LATCHED, AudioCommon, audio_common_msgs
from stalk_ros.ros.diagnostics import ERROR, WARN, Health
from stalk_ros.ros.meter import Meter
from stalk_ros.ros.stage_node import StageNode, spin

if TYPE_CHECKING:
    from collections.abc import Callable

_DEPTH = 100
_LOG_EVERY_S = 5.0
_BEST_EFFORT = QoSProfile(depth=_DEPTH, reliability=ReliabilityPolicy.BEST_EFFORT)
_RELIABLE = QoSProfile(depth=_DEPTH, reliability=ReliabilityPolicy.RELIABLE)


class AudioCommonIn(StageNode):
    """Publishes ``audio`` from what audio_common's capture node publishes.

    ros-drivers' stamps the first sample of each AudioDataStamped by the clock of its pipeline. Its AudioData
    have no stamp: they are used where nobody publishes stamped ones, as if their last sample had been
    captured when they arrive. mgonzs13's takes the time before it waits for the samples of a message, when
    the first one is captured, or later where it is busy.
    """

    parameters_class = AudioCommonInParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("audio_common_in", **options)
        self._audio = self.make_publisher(msg.AudioChunk, "audio", qos.audio())
        self._hearing = threading.Lock()

    def configure(self, parameters: AudioCommonInParameters) -> None:
        """Find out whose audio_common_msgs there is."""
        self._default_frame_id = parameters.frame_id
        self._messages, self._kind = audio_common_msgs()
        self.get_logger().info(f"audio_common_msgs of {self._kind.value}")

    def activate(self) -> None:
        """Listen."""
        self._stream = SteadyStream()
        self._meter = Meter()
        self._refused = 0
        self._unreadable = ""
        self._coding: Coding | None = None
        messages = self._messages
        if self._kind is AudioCommon.MGONZS13:
            self.subscribe(messages.AudioStamped, "/audio", self._receive_fields, _BEST_EFFORT)
            return
        self.subscribe(messages.AudioInfo, "/audio_info", self._receive_info, LATCHED)
        self.subscribe(messages.AudioDataStamped, "/audio_stamped", self._receive_stamped, _RELIABLE)
        self.subscribe(messages.AudioData, "/audio", self._receive_unstamped, _RELIABLE)

    def deactivate(self) -> None:
        """Tell the listeners that the stream has ended."""
        with self._hearing:
            for chunk in self._stream.end():
                self._audio.publish(conversions.chunk_to_msg(chunk))

    def health(self) -> Health:
        """What arrives."""
        stream = self._stream
        values = {
            "audio_common_msgs": self._kind.value,
            "format": str(self._coding or "not known"),
            "refused messages": self._refused,
            "missing audio (s)": f"{stream.lost_s:.2f}",
            "gaps": stream.gaps,
            "streams": stream.streams,
        }
        health = Health(message="receiving", values=values)
        if self._unreadable:
            health.add(ERROR, self._unreadable)
        elif self._kind is AudioCommon.ROS_DRIVERS and self._coding is None:
            health.add(WARN, "nothing on '/audio_info' yet, so the format of the audio is unknown")
        elif missing_s := self._meter.missing_s():
            health.add(WARN, f"no audio has arrived for {missing_s:.0f} s")
        if self._refused:
            health.add(WARN, f"{self._refused} messages were refused")
        return health

    def _receive_info(self, message: Any) -> None:
        try:
            self._coding = coding_of(message)
            self._unreadable = ""
        except UnreadableFormatError as error:
            self._coding = None
            self._refuse(error)

    def _receive_stamped(self, message: Any) -> None:
        stamp_ns = conversions.to_ns(message.header.stamp)
        self._receive_data(message.audio.data, stamp_ns, message.header.frame_id)

    def _receive_unstamped(self, message: Any) -> None:
        # The same audio comes stamped too, from their own node.
        if not self.count_publishers(self.resolve_topic_name("/audio_stamped")):
            self._receive_data(message.data, 0, "")

    def _receive_data(self, data: Any, stamp_ns: int, frame_id: str) -> None:
        coding = self._coding
        if coding is None:
            self._refused += 1
        else:
            self._hear(lambda: coding.piece(bytes(data)), stamp_ns, frame_id)

    def _receive_fields(self, message: Any) -> None:
        stamp_ns = conversions.to_ns(message.header.stamp)
        self._hear(lambda: piece_of_fields(message.audio), stamp_ns, message.header.frame_id)

    def _hear(self, read: Callable[[], Piece | None], stamp_ns: int, frame_id: str) -> None:
        """Publish a piece; ``stamp_ns`` 0 = it has no stamp."""
        try:
            piece = read()
            if piece is None:
                return
            stamp_ns = piece.start_ns(stamp_ns, self.get_clock().now().nanoseconds)
            with self._hearing:
                self._publish(piece, stamp_ns, frame_id or self._default_frame_id)
        except UnreadableFormatError as error:
            self._refused += 1
            self._refuse(error)
        except MalformedAudioError as error:
            self._refused += 1
            self.get_logger().warning(f"refused audio: {error}", throttle_duration_sec=_LOG_EVERY_S)

    def _publish(self, piece: Piece, stamp_ns: int, frame_id: str) -> None:
        gaps, lost_s = self._stream.gaps, self._stream.lost_s
        chunks = self._stream.push(piece.samples, piece.sample_rate_hz, piece.channels, stamp_ns, frame_id)
        self._unreadable = ""
        for chunk in chunks:
            self._audio.publish(conversions.chunk_to_msg(chunk))
        self._meter.arrived(stamp_ns, samples_to_ns(piece.frames, piece.sample_rate_hz))
        if self._stream.gaps > gaps:
            self.get_logger().warning(f"{self._stream.lost_s - lost_s:.2f} s of audio were lost on the way")

    def _refuse(self, error: UnreadableFormatError) -> None:
        """Say once that nothing can be made of this audio; their node says every few seconds what it is."""
        if str(error) != self._unreadable:
            self._unreadable = str(error)
            self.get_logger().error(self._unreadable)


def main() -> None:
    """Run the node."""
    spin(AudioCommonIn)
