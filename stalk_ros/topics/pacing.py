"""When a suggestion may be made: only audio time and what people and the robot do decide."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from stalk_ros.clock import NANOSECONDS, ns_to_seconds, seconds_to_ns
from stalk_ros.topics.quiet_hours import quiet_hours

if TYPE_CHECKING:
    from stalk_ros.events import VoiceActivity
    from stalk_ros.topics.parameters import TopicParameters

HOUR_NS = 3600 * NANOSECONDS

TOO_LATE_NS = 60 * NANOSECONDS
"""A suggestion that had to wait longer than this after it was due is left out: the people may have left."""

_BARGE_IN_NS = NANOSECONDS // 5
"""Speech that is heard so soon after the microphone was muted went on before: voice activity comes 0.1 s
apart, and is as late in noticing speech."""


class Pacing:
    """Finds the moment for one suggestion per silence.

    Attributes:
        robot_speaking: whether the robot speaks.
    """

    def __init__(self) -> None:
        self.robot_speaking = False
        self._robot_began_ns = 0
        self._robot_stopped_ns = 0
        self._muted_ns: int | None = None
        self._barged_in_ns: int | None = None
        self._talked = False
        self._served_ns: int | None = None
        self._offered_ns: int | None = None
        self._hour: deque[int] = deque()

    def new_stream(self, back: bool) -> None:
        """Nobody has spoken yet in a new stream; after a jump ``back``, earlier times mean nothing in it."""
        self._talked = False
        self._served_ns = None
        if back:
            self._offered_ns = None
            self._robot_began_ns = self._robot_stopped_ns = 0
            self._muted_ns = self._barged_in_ns = None
            self._hour.clear()

    def talked(self) -> None:
        """Somebody has said something."""
        self._talked = True

    def robot_spoke(self, speaking: bool, time_ns: int) -> None:
        """The robot begins to speak, or stops."""
        if speaking and not self.robot_speaking:
            self._robot_began_ns = time_ns
        if self.robot_speaking and not speaking:
            self._robot_stopped_ns = time_ns
        self.robot_speaking = speaking

    def heard(self, activity: VoiceActivity) -> None:
        """Note when the robot's voice muted the microphone, and who speaks over it."""
        if activity.muted:
            self._muted_ns = activity.time_ns
        since_ns, stopped_ns = activity.since_ns, self._robot_stopped_ns
        over = since_ns > self._robot_began_ns and (self.robot_speaking or since_ns <= stopped_ns)
        after = self._muted_ns is not None and abs(since_ns - self._muted_ns) <= _BARGE_IN_NS
        if activity.speech and (over or after):
            self._barged_in_ns = since_ns

    def is_barge_in(self, activity: VoiceActivity) -> bool:
        """Whether somebody speaks who began while the robot was speaking, though it has begun again since."""
        return activity.speech and activity.since_ns == self._barged_in_ns

    def robot_speaking_s(self, time_ns: int) -> float:
        """How long the robot has been speaking, in seconds; 0 when it is not."""
        return max(0.0, ns_to_seconds(time_ns - self._robot_began_ns)) if self.robot_speaking else 0.0

    def quiet_since_ns(self, since_ns: int) -> int:
        """When silence began, the robot's own voice counted: a reply is expected only when it has stopped."""
        return max(since_ns, self._robot_stopped_ns)

    def due_ns(self, since_ns: int, lapse_s: float, parameters: TopicParameters) -> int | None:
        """When a suggestion is due in a silence; None when none is due in it.

        Args:
            since_ns: when the silence began.
            lapse_s: how long it must last, in seconds.
            parameters: the rest.
        """
        start_ns = self.quiet_since_ns(since_ns)
        if not self._talked or self.robot_speaking or since_ns == self._served_ns:
            return None
        wanted_ns = start_ns + seconds_to_ns(lapse_s)
        due_ns = max(wanted_ns, self._allowed_ns(wanted_ns, parameters))
        late = due_ns - wanted_ns > TOO_LATE_NS
        return None if late or _is_quiet(due_ns, parameters.quiet_hours) else due_ns

    def _allowed_ns(self, wanted_ns: int, parameters: TopicParameters) -> int:
        """From when on cooldown and the number per hour allow a suggestion."""
        allowed_ns = 0
        if self._offered_ns is not None:
            allowed_ns = self._offered_ns + seconds_to_ns(parameters.cooldown_s)
        recent = [offered_ns for offered_ns in self._hour if offered_ns > wanted_ns - HOUR_NS]
        if len(recent) < parameters.max_per_hour:
            return allowed_ns
        oldest_ns = recent[-parameters.max_per_hour] if parameters.max_per_hour else wanted_ns
        return max(allowed_ns, oldest_ns + HOUR_NS)

    def served(self, since_ns: int) -> None:
        """The silence that began at ``since_ns`` has had its one chance; before the next, people speak.

        The robot's voice begins no other silence then, nor does a door: it would go on in an empty room.
        """
        self._served_ns = since_ns
        self._talked = False

    def offered(self, time_ns: int, asked: bool) -> None:
        """A suggestion was offered, because somebody ``asked`` for it or not: the cooldown begins."""
        self._offered_ns = time_ns
        if not asked:
            self._hour.append(time_ns)
        while self._hour and self._hour[0] <= time_ns - HOUR_NS:
            self._hour.popleft()


def _is_quiet(time_ns: int, hours: str) -> bool:
    """Whether it is a time of day without suggestions; audio that is stamped from zero has no such time."""
    if not hours or time_ns < _FIRST_DATE_NS:
        return False
    local = time.localtime(ns_to_seconds(time_ns))
    minute = local.tm_hour * 60 + local.tm_min
    return any(
        first <= minute < last if first <= last else not last <= minute < first
        for first, last in quiet_hours(hours)
    )


_FIRST_DATE_NS = 946_684_800 * NANOSECONDS
"""The year 2000: earlier stamps count from the start of a recording."""
