"""The topic_recommender node: utterances and voice activity in; state and suggestions out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from std_msgs.msg import Bool

import stalk_ros.msg as msg
import stalk_ros.srv as srv
from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diagnostics import WARN, Health
from stalk_ros.ros.meter import Meter
from stalk_ros.ros.stage_node import StageNode, spin
from stalk_ros.topics import TopicParameters, TopicStage

if TYPE_CHECKING:
    from collections.abc import Iterable

_ITEMS = 2000


class TopicRecommender(StageNode):
    """One thread follows the conversation."""

    parameters_class = TopicParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("topic_recommender", **options)
        self._states = self.make_publisher(msg.ConversationState, "conversation_state", qos.EVENTS)
        self._suggestions = self.make_publisher(msg.TopicSuggestion, "suggestions", qos.EVENTS)
        self.create_service(srv.SuggestTopic, "~/suggest_topic", self._suggest)
        self._using_stage = threading.Lock()

    def configure(self, parameters: TopicParameters) -> None:
        """Load the engine."""
        self._stage = TopicStage.load(parameters)
        self.tell_engine(self._stage.engine, parameters.backend)

    def activate(self) -> None:
        """Follow the conversation."""
        self._meter = Meter()
        self._heard_ns = 0
        self._worker = self.start("topics", self._work, _ITEMS)
        self.subscribe(msg.VoiceActivity, "voice_activity", self._receive_activity, qos.EVENTS)
        self.subscribe(msg.SpeakerUtterance, "utterances", self._receive_utterance, qos.EVENTS)
        self.subscribe(Bool, "/robot_speaking", self._receive_robot, qos.EVENTS)

    def deactivate(self) -> None:
        """Finish what has arrived."""
        left = self._worker.finish(self.time_left_s)
        if left:
            self.get_logger().warning(f"{left} events were not followed in time")

    def cleanup(self) -> None:
        """Free the engine."""
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
        if self._worker.dropped:
            health.add(WARN, f"{self._worker.dropped} events were dropped: the queue is full")
        return health

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

    def _work(self, item: VoiceActivity | Utterance | bool) -> None:
        with self._using_stage:
            if isinstance(item, VoiceActivity):
                self._publish(self._stage.heard(item))
            elif isinstance(item, Utterance):
                self._publish(self._stage.said(item))
            else:
                self._publish(self._stage.robot_spoke(item))

    def _publish(self, events: Iterable[ConversationState | Suggestion]) -> None:
        for event in events:
            self._meter.done(event.time_ns)
            if isinstance(event, Suggestion):
                self._suggestions.publish(conversions.suggestion_to_msg(event, self.frame_id))
            else:
                self._states.publish(conversions.state_to_msg(event, self.frame_id))

    def _suggest(
        self, request: srv.SuggestTopic.Request, response: srv.SuggestTopic.Response
    ) -> srv.SuggestTopic.Response:
        if not self.active:
            response.message = "topic_recommender is not active"
            return response
        with self._using_stage:
            suggestion = self._stage.suggest_now(request.language)
        if suggestion is None:
            response.message = "somebody speaks, no audio was heard yet, or there is nothing new to suggest"
            return response
        self._publish([suggestion])
        response.success = True
        response.suggestion = conversions.suggestion_to_msg(suggestion, self.frame_id)
        return response


def main() -> None:
    """Run the node."""
    spin(TopicRecommender)
