"""The topic_recommender node: utterances and voice activity in; state and suggestions out."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.clock import Clock, ClockType
from std_msgs.msg import Bool

import stalk_ros.msg as msg
import stalk_ros.srv as srv
from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.answers import Answers
from stalk_ros.ros.diagnostics import ERROR, WARN, Health
from stalk_ros.ros.meter import Meter
from stalk_ros.ros.stage_node import StageNode, spin
from stalk_ros.topics import TopicParameters, TopicStage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ITEMS = 2000
_LOOK_S = 0.1
"""How often it is looked whether an answer is ready, while somebody waits for one and no audio arrives."""

_LONG_SPEECH_S = 120.0
"""Few robots speak for longer without a pause; one that does not say that it has ended seems to."""

_LONG_WAIT_S = 20.0
"""Of audio: an utterance is attributed sooner, even where the engines are slow."""

_HANGS_AFTER_S = 5.0
"""Beyond its budget an engine may take this long to notice that nobody waits any more."""


@dataclass(frozen=True)
class _Asked:
    """A request for a suggestion in ``language``; ``answer`` gets it, or why there is none."""

    language: str
    answer: Callable[[Suggestion | str], None]


class _Look:
    """See whether the answer to a request is ready."""


class TopicRecommender(StageNode):
    """One thread follows the conversation."""

    parameters_class = TopicParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("topic_recommender", **options)
        self._states = self.make_publisher(msg.ConversationState, "conversation_state", qos.EVENTS)
        self._suggestions = self.make_publisher(msg.TopicSuggestion, "suggestions", qos.EVENTS)
        self._answers: Answers[Suggestion | str] = Answers(self)
        # Whoever waits for an engine must not keep the conversation from being followed.
        group = ReentrantCallbackGroup()
        self.create_service(srv.SuggestTopic, "~/suggest_topic", self._suggest, callback_group=group)
        self._using_stage = threading.Lock()

    def configure(self, parameters: TopicParameters) -> None:
        """Load the engine."""
        self._stage = TopicStage.load(parameters)
        self.tell_engine(self._stage.engine, parameters.backend)

    def activate(self) -> None:
        """Follow the conversation."""
        self._meter = Meter()
        self._heard_ns = 0
        self._problem = ""
        self._worker = self.start("topics", self._work, _ITEMS)
        self.subscribe(msg.VoiceActivity, "voice_activity", self._receive_activity, qos.EVENTS)
        self.subscribe(msg.SpeakerUtterance, "utterances", self._receive_utterance, qos.EVENTS)
        self.subscribe(Bool, "/robot_speaking", self._receive_robot, qos.EVENTS)
        self._timer = self.create_timer(_LOOK_S, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def deactivate(self) -> None:
        """Finish what has arrived."""
        self.destroy_timer(self._timer)
        left = self._worker.finish(self.time_left_s)
        self._stage.deactivated()
        self._answers.give_all("topic_recommender was deactivated")
        if left:
            self.get_logger().warning(f"{left} events were not followed in time")

    def cleanup(self) -> None:
        """Free the engine."""
        self._stage.close()
        del self._stage

    def adopt(self, parameters: TopicParameters) -> None:
        """Use changed parameters from now on."""
        with self._using_stage:
            self._stage.parameters = parameters

    def health(self) -> Health:
        """Whether the conversation is followed."""
        health = Health(values={"engine": self._stage.engine.name, **self._meter.values(self._worker)})
        if missing_s := self._meter.missing_s():
            health.add(WARN, f"no voice activity has arrived for {missing_s:.0f} s: nothing is suggested")
        health.values["given up waiting"] = self._stage.overdue
        if (speaking_s := self._stage.robot_speaking_s) > _LONG_SPEECH_S:
            health.add(
                WARN, f"/robot_speaking is true for {speaking_s:.0f} s now: nothing is heard or suggested"
            )
        if (waits_s := self._stage.waits_s) > _LONG_WAIT_S:
            health.add(WARN, f"what was said {waits_s:.0f} s ago has not arrived: does diarization keep up?")
        self._add_engine(health)
        if self._worker.dropped:
            health.add(WARN, f"{self._worker.dropped} events were dropped: the queue is full")
        return health

    def _add_engine(self, health: Health) -> None:
        drafter = self._stage.drafter
        health.values["engine failures"] = drafter.failures
        health.values["engine too slow"] = drafter.late
        health.values["suggestions refused"] = drafter.refused
        if drafter.problem:
            health.add(WARN, drafter.problem)
        if drafter.hanging_s > self._stage.parameters.budget_s + _HANGS_AFTER_S:
            health.add(
                ERROR,
                f"engine '{drafter.engine.name}' hangs for {drafter.hanging_s:.0f} s: the topic bank answers",
            )

    def _receive_activity(self, message: msg.VoiceActivity) -> None:
        self.frame_id = message.header.frame_id
        activity = conversions.activity_from_msg(message)
        self._meter.arrived(
            activity.time_ns, max(0, activity.time_ns - self._heard_ns) if self._heard_ns else 0
        )
        self._heard_ns = activity.time_ns
        self._worker.put(activity)

    def _receive_utterance(self, message: msg.SpeakerUtterance) -> None:
        self._worker.put(conversions.utterance_from_msg(message))

    def _receive_robot(self, message: Bool) -> None:
        self._worker.put(bool(message.data))

    def _look(self) -> None:
        if self._answers.waiting:
            self._worker.put(_Look())

    def _work(self, item: VoiceActivity | Utterance | bool | _Asked | _Look) -> None:
        try:
            with self._using_stage:
                self._publish(self._told(item))
        except Exception as error:
            self._answers.give_all(f"{type(error).__name__}: {error}")
            raise
        self._tell_problem()

    def _told(
        self, item: VoiceActivity | Utterance | bool | _Asked | _Look
    ) -> list[ConversationState | Suggestion]:
        if isinstance(item, VoiceActivity):
            return self._stage.heard(item)
        if isinstance(item, Utterance):
            return self._stage.said(item)
        if isinstance(item, _Asked):
            return self._stage.ask(item.language, item.answer)
        return self._stage.answered() if isinstance(item, _Look) else self._stage.robot_spoke(item)

    def _tell_problem(self) -> None:
        problem = self._stage.drafter.problem
        if problem and problem != self._problem:
            self.get_logger().warning(problem)
        self._problem = problem

    def _publish(self, events: Iterable[ConversationState | Suggestion]) -> None:
        for event in events:
            self._meter.done(event.time_ns)
            if isinstance(event, Suggestion):
                self._suggestions.publish(conversions.suggestion_to_msg(event, self.frame_id))
            else:
                self._states.publish(conversions.state_to_msg(event, self.frame_id))

    async def _suggest(
        self, request: srv.SuggestTopic.Request, response: srv.SuggestTopic.Response
    ) -> srv.SuggestTopic.Response:
        if not self.active:
            response.message = "topic_recommender is not active"
            return response

        def begin(answer: Callable[[Suggestion | str], None]) -> None:
            if not self._worker.put(_Asked(request.language, answer)):
                answer("too much waits to be followed: try again later")

        answer = await self._answers.to(begin)
        if isinstance(answer, str):
            response.message = answer
        else:
            response.success = True
            response.suggestion = conversions.suggestion_to_msg(answer, self.frame_id)
        return response


def main() -> None:
    """Run the node."""
    spin(TopicRecommender)
