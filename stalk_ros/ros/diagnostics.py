"""What a node says about its health on ``/diagnostics``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.node import Node

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


@dataclass
class Health:
    """State of a node: the worst level wins, its messages are shown, the values are for the curious."""

    level: bytes = OK
    message: str = "running"
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, level: bytes, message: str) -> None:
        """Note a problem."""
        if level > self.level:
            self.level, self.message = level, message
        elif level == self.level:
            self.message += f"; {message}"


class Diagnostics:
    """Publishes the health of a node once a second.

    Args:
        node: the node.
        health: asked each time.
    """

    def __init__(self, node: Node, health: Callable[[], Health]) -> None:
        self._node = node
        self._health = health
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        # Steady: also when simulated time stands still somebody wants to know why.
        node.create_timer(1.0, self._publish, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _publish(self) -> None:
        health = self._health()
        status = DiagnosticStatus(
            level=health.level,
            name=f"{self._node.get_namespace().strip('/')}/{self._node.get_name()}".lstrip("/"),
            message=health.message,
            values=[KeyValue(key=key, value=str(value)) for key, value in health.values.items()],
        )
        stamp = self._node.get_clock().now().to_msg()
        message = DiagnosticArray(status=[status])
        message.header.stamp = stamp
        self._publisher.publish(message)
