"""``stalk replay``: the audio of a recording over ROS 2, as it was recorded."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rclpy.duration import Duration
from rclpy.exceptions import InvalidNamespaceException
from rclpy.node import Node
from rclpy.validate_namespace import validate_namespace
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.audio import AudioChunk
from stalk_ros.clock import NANOSECONDS, ns_to_seconds, seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.offline.progress import Terminal, progress
from stalk_ros.offline.recording import RobotSpeech
from stalk_ros.offline.times import RecordingTime
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.process import ros, spinning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stalk_ros.offline.recording import Item, Recording
    from stalk_ros.ros.process import Stop

_CLOCK_PERIOD_S = 0.025
"""``/clock`` goes on at 40 Hz, as that of ``ros2 bag play`` does."""

_POLL_S = 0.05
_ACKNOWLEDGED = Duration(nanoseconds=NANOSECONDS // 10)
_BATCH_NS = 5 * NANOSECONDS
"""Audio sent before its arrival is awaited; half of what a slow reader is kept."""

_AHEAD_NS = 30 * NANOSECONDS
"""At full speed the audio is no further ahead of the conversation than this: no queue of a node overflows."""

_PATIENCE_S = 10.0
"""A conversation of which nothing is heard for so long is not waited for."""


@dataclass(frozen=True)
class ReplayOptions:
    """How a recording is replayed.

    Attributes:
        rate: speed: 1 = real time, 0 = as fast as the conversation is followed.
        clock: ``/clock`` tells the time of the audio that has been heard.
        loop: begin again at the end, until it is stopped.
        start_s: where to begin, in seconds from the start of the recording.
        namespace: where the nodes and their topics live.
        listeners: how many subscribers of the audio are awaited.
    """

    rate: float = 1.0
    clock: bool = False
    loop: bool = False
    start_s: float = 0.0
    namespace: str = "stalk"
    listeners: int = 2


def replay(recording: Recording, options: ReplayOptions) -> None:
    """Publish a recording until it is over.

    Raises:
        UserError: the recording cannot be read or is shorter than where to begin, or ROS 2 does not start.
        KeyboardInterrupt: SIGINT or SIGTERM has ended it.
    """
    try:
        validate_namespace(f"/{options.namespace.strip('/')}")
    except InvalidNamespaceException as error:
        reason = " ".join(str(error).split())
        raise UserError(f"'{options.namespace}' is no namespace: {reason}") from None
    with ros() as stop:
        player = Player(options)
        with spinning([player], stop):
            player.play(recording, stop)
    if stop.requested:
        raise KeyboardInterrupt("the audio ends here for those who listened")


class Player(Node):
    """Publishes ``audio``, ``/robot_speaking`` and, where it is wanted, ``/clock``.

    Every stream that it begins it also ends, and a robot that speaks in it falls silent, whatever happens.
    """

    def __init__(self, options: ReplayOptions) -> None:
        super().__init__("replay", namespace=options.namespace)
        self._options = options
        self._audio = self.create_publisher(msg.AudioChunk, "audio", qos.audio())
        self._robot = self.create_publisher(Bool, "/robot_speaking", qos.EVENTS)
        self._clock = self.create_publisher(Clock, "/clock", qos.EVENTS) if options.clock else None
        self._conversation = self.create_subscription(
            msg.ConversationState, "conversation_state", self._follow, qos.EVENTS
        )
        self._last: AudioChunk | None = None
        self._robot_speaking = False
        self._due_s = 0.0
        self._sent_ns = self._begun_ns = self._followed_ns = 0

    def play(self, recording: Recording, stop: Stop) -> None:
        """Publish the recording until it is over or ``stop`` is requested.

        What was not recorded takes no time: the next stream follows at once, as what comes after a gap does.

        Raises:
            UserError: the recording cannot be read, or is shorter than where to begin.
        """
        if not self._met(stop):
            return
        self._due_s = time.monotonic()
        total_s = 0.0 if self._options.loop else recording.duration_s - self._options.start_s
        try:
            with progress("replaying", total_s, Terminal()) as advance:
                self._play_all(recording, stop, advance)
                while self._options.loop and not stop.requested:
                    self._play_all(recording, stop, advance)
        finally:
            self._end()
            self._arrived(stop)

    def _play_all(self, recording: Recording, stop: Stop, advance: Callable[[float], None]) -> None:
        for item in since(recording.items(), self._options.start_s):
            if isinstance(item, RobotSpeech):
                self._tell_robot(item.speaking)
            elif self._is_time(item, stop):
                self._publish(item)
                advance(ns_to_seconds(item.duration_ns))
            else:
                break
        self._end()

    def _met(self, stop: Stop) -> bool:
        """Wait for those who listen; false when ``stop`` is requested before."""
        if self._audio.get_subscription_count() < self._options.listeners and not stop.wait_for(1.0):
            count, topic = self._options.listeners, self._audio.topic_name
            self.get_logger().info(f"waits until {count} subscribers listen to {topic}")
        while self._audio.get_subscription_count() < self._options.listeners:
            if stop.wait_for(_POLL_S):
                return False
        return not stop.requested

    def _is_time(self, chunk: AudioChunk, stop: Stop) -> bool:
        """Wait until a microphone would have heard the chunk; false when ``stop`` is requested before."""
        heard_ns = chunk.duration_ns
        end_ns = chunk.stamp_ns + heard_ns
        if self._options.rate:
            self._due_s += ns_to_seconds(heard_ns) / self._options.rate
            while (left_s := self._due_s - time.monotonic()) > 0:
                self._tell_time(end_ns - seconds_to_ns(left_s * self._options.rate))
                if stop.wait_for(min(left_s, _CLOCK_PERIOD_S)):
                    return False
        else:
            self._let_follow(chunk, stop)
        if self._sent_ns >= _BATCH_NS:
            self._arrived(stop)
        self._tell_time(end_ns)
        return not stop.requested

    def _publish(self, chunk: AudioChunk) -> None:
        if self._last is None:
            self._begun_ns = chunk.stamp_ns
        self._audio.publish(conversions.chunk_to_msg(chunk))
        self._sent_ns += chunk.duration_ns
        self._last = chunk if len(chunk.samples) else None

    def _end(self) -> None:
        """End the stream that goes on, and the robot's speech."""
        if self._last is not None:
            self._publish(self._last.end())
        self._tell_robot(False)

    def _arrived(self, stop: Stop) -> None:
        """Wait until all listeners have what was sent, or ``stop`` is requested."""
        while not self._audio.wait_for_all_acked(_ACKNOWLEDGED) and not stop.requested:
            pass
        self._sent_ns = 0

    def _let_follow(self, chunk: AudioChunk, stop: Stop) -> None:
        """Wait until the conversation is followed nearly up to the chunk, where anybody follows it."""
        followed_ns, since_s = self._followed_ns, time.monotonic()
        while self._conversation_lag_ns(chunk) > _AHEAD_NS and not stop.wait_for(_CLOCK_PERIOD_S):
            if followed_ns != self._followed_ns:
                followed_ns, since_s = self._followed_ns, time.monotonic()
            elif time.monotonic() - since_s > _PATIENCE_S:
                self._begun_ns = chunk.stamp_ns
                return

    def _conversation_lag_ns(self, chunk: AudioChunk) -> int:
        if not self.count_publishers(self._conversation.topic_name):
            return 0
        followed_ns = self._followed_ns
        of_this_stream = self._begun_ns <= followed_ns <= chunk.stamp_ns
        return chunk.stamp_ns - (followed_ns if of_this_stream else self._begun_ns)

    def _follow(self, state: msg.ConversationState) -> None:
        self._followed_ns = conversions.to_ns(state.header.stamp)

    def _tell_time(self, time_ns: int) -> None:
        if self._clock is not None:
            self._clock.publish(Clock(clock=conversions.to_time(max(0, time_ns))))

    def _tell_robot(self, speaking: bool) -> None:
        if speaking != self._robot_speaking:
            self._robot.publish(Bool(data=speaking))
            self._robot_speaking = speaking


def since(items: Iterable[Item], start_s: float) -> Iterator[Item]:
    """What a recording has from an instant on, in seconds from its start, with what the robot does then.

    Raises:
        UserError: the recording is over by then.
    """
    times = RecordingTime()
    begun, robot = False, RobotSpeech(False)
    for item in items:
        if not begun and isinstance(item, RobotSpeech):
            robot = item
            continue
        if not begun and isinstance(item, AudioChunk):
            times.hear(item)
            if times.seconds(item.stamp_ns + item.duration_ns) <= start_s:
                continue
            begun = True
            yield robot
        yield item
    if not begun:
        raise UserError(f"the recording is over before {start_s:g} s")
