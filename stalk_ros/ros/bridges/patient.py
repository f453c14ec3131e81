"""A publisher that waits for its first listener."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stalk_ros.clock import NANOSECONDS
from stalk_ros.ros import qos

if TYPE_CHECKING:
    from rclpy.node import Node

_PATIENCE_NS = NANOSECONDS


class PatientPublisher:
    """Publishes what is said of a voice.

    Who follows ``/humans/voices/tracked`` learns of a voice when it speaks for the first time, and subscribes
    only then. So that its first words are not lost, they are held back until somebody listens, for up to a
    second of audio.

    Args:
        node: the node.
        message_type: what is published.
        topic: where.
        time_ns: audio time.
    """

    def __init__(self, node: Node, message_type: Any, topic: str, time_ns: int) -> None:
        self._node = node
        self._publisher = node.create_publisher(message_type, topic, qos.EVENTS)
        self._held: list[Any] = []
        self._until_ns = time_ns + _PATIENCE_NS
        self._time_ns = time_ns

    def publish(self, message: Any) -> None:
        """Publish a message, or hold it back."""
        self._held.append(message)
        self._publish()

    def pass_time(self, time_ns: int) -> None:
        """It is ``time_ns`` by now."""
        self._time_ns = max(self._time_ns, time_ns)
        self._publish()

    def close(self) -> None:
        """Publish what was held back, and end."""
        self._until_ns = 0
        self._publish()
        self._node.destroy_publisher(self._publisher)

    def _publish(self) -> None:
        if self._time_ns < self._until_ns and not self._publisher.get_subscription_count():
            return
        self._until_ns = 0
        for message in self._held:
            self._publisher.publish(message)
        self._held.clear()
