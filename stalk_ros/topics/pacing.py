"""When a suggestion is due: only audio time and what people and the robot do decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.clock import seconds_to_ns

if TYPE_CHECKING:
    from stalk_ros.topics.parameters import TopicParameters


class Pacing:
    """Finds the moment for one suggestion per silence.

    Attributes:
        robot_speaking: whether the robot speaks.
    """

    def __init__(self) -> None:
        self.robot_speaking = False
        self._robot_stopped_ns = 0
        self._talked = False
        self._served_ns: int | None = None
        self._offered_ns: int | None = None

    def new_stream(self, back: bool) -> None:
        """Nobody has spoken yet in a new stream; after a jump ``back``, earlier times mean nothing in it."""
        self._talked = False
        self._served_ns = None
        if back:
            self._offered_ns = None
            self._robot_stopped_ns = 0

    def talked(self) -> None:
        """Somebody has said something."""
        self._talked = True

    def robot_spoke(self, speaking: bool, time_ns: int) -> None:
        """The robot begins to speak, or stops."""
        if self.robot_speaking and not speaking:
            self._robot_stopped_ns = time_ns
        self.robot_speaking = speaking

    def quiet_since_ns(self, since_ns: int) -> int:
        """When silence began, the robot's own voice counted: a reply is expected only when it has stopped."""
        return max(since_ns, self._robot_stopped_ns)

    def due_ns(self, since_ns: int, parameters: TopicParameters) -> int | None:
        """When a suggestion is due in the silence that began at ``since_ns``; None when none is due in it."""
        start_ns = self.quiet_since_ns(since_ns)
        if not self._talked or self.robot_speaking or start_ns == self._served_ns:
            return None
        due_ns = start_ns + seconds_to_ns(parameters.silence_s or 4.0)
        if self._offered_ns is None:
            return due_ns
        return max(due_ns, self._offered_ns + seconds_to_ns(parameters.cooldown_s))

    def served(self, since_ns: int) -> None:
        """The silence that began at ``since_ns`` has had its one chance."""
        self._served_ns = self.quiet_since_ns(since_ns)

    def offered(self, time_ns: int) -> None:
        """A suggestion was offered: the cooldown begins."""
        self._offered_ns = time_ns
