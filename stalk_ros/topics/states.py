"""The state of the conversation, on the grid of the audio's time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.clock import NANOSECONDS, ns_to_seconds
from stalk_ros.events import ConversationState

if TYPE_CHECKING:
    from stalk_ros.events import VoiceActivity
    from stalk_ros.topics.awkwardness import Awkwardness
    from stalk_ros.topics.memory import Memory
    from stalk_ros.topics.pacing import Pacing
    from stalk_ros.topics.parameters import TopicParameters

INTERVAL_NS = NANOSECONDS // 2
"""The state is told at the multiples of this."""


@dataclass(frozen=True)
class States:
    """Tells how the conversation goes from what is known of it.

    Attributes:
        memory: what was said.
        awkwardness: of this stream.
        pacing: knows whether the robot speaks.
        parameters: as they are now.
    """

    memory: Memory
    awkwardness: Awkwardness
    pacing: Pacing
    parameters: TopicParameters

    def between(self, last: VoiceActivity | None, activity: VoiceActivity) -> list[ConversationState]:
        """The states after the last activity, None = there was none in this stream, up to this one."""
        from_ns = last.time_ns if last else activity.time_ns - 1
        return [
            self._at(index * INTERVAL_NS, activity, last)
            for index in range(from_ns // INTERVAL_NS + 1, activity.time_ns // INTERVAL_NS + 1)
        ]

    def _at(self, time_ns: int, activity: VoiceActivity, last: VoiceActivity | None) -> ConversationState:
        if activity.speech and last and time_ns < activity.since_ns:
            activity = last
        silence_s = self._silence_s(time_ns, activity)
        judgement = self.awkwardness.state(silence_s, self.parameters)
        shares = self.memory.talk_share()
        return ConversationState(
            time_ns,
            silence_s,
            judgement.score,
            judgement.reasons,
            tuple(shares),
            tuple(shares.values()),
            self.pacing.robot_speaking,
            self.memory.topic,
            self.pacing.is_barge_in(activity),
        )

    def _silence_s(self, time_ns: int, activity: VoiceActivity) -> float:
        if activity.speech or self.pacing.robot_speaking:
            return 0.0
        return max(0.0, ns_to_seconds(time_ns - self.pacing.quiet_since_ns(activity.since_ns)))
