"""The diarization node: audio, transcript and offers in, utterances with their speakers out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import stalk_ros.msg as msg
from stalk_ros.audio import AudioChunk
from stalk_ros.events import Suggestion, Utterance, VoiceActivity
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diagnostics import WARN, Health
from stalk_ros.ros.hearing import Hearing
from stalk_ros.ros.speaker_services import Errand, SpeakerServices
from stalk_ros.ros.stage_node import StageNode, spin
from stalk_ros.speakers import SpeakerParameters, SpeakerStage

if TYPE_CHECKING:
    from stalk_ros.audio import Block

_ITEMS = 2000
_WAITING = 100


class Diarization(StageNode):
    """One thread keeps the audio and attributes each utterance once its audio is there."""

    parameters_class = SpeakerParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("diarization", **options)
        self._utterances = self.make_publisher(msg.SpeakerUtterance, "utterances", qos.EVENTS)
        self._speaker_services = SpeakerServices(self)

    def configure(self, parameters: SpeakerParameters) -> None:
        """Load the engine."""
        self._stage = SpeakerStage.load(parameters)
        engine = self._stage.engine
        self.tell_engine(engine, parameters.backend)
        self.get_logger().info(f"model: {engine.model_id} on {engine.device}")
        if self._stage.people.warning:
            self.get_logger().warning(self._stage.people.warning)

    def activate(self) -> None:
        """Listen."""
        self._hearing = Hearing(self)
        self._waiting: deque[Utterance] = deque()
        self._worker = self.start("diarization", self._work, _ITEMS)
        self.subscribe(msg.AudioChunk, "audio", self._receive_audio, qos.audio())
        self.subscribe(msg.SpeakerUtterance, "transcript", self._receive_utterance, qos.EVENTS)
        self.subscribe(msg.VoiceActivity, "voice_activity", self._receive_activity, qos.EVENTS)
        self.subscribe(msg.TopicSuggestion, "suggestions", self._receive_suggestion, qos.EVENTS)
        self._speaker_services.begin(self._stage, self._worker)

    def deactivate(self) -> None:
        """Attribute what waits, with the audio that is there, and keep what was learnt."""
        left = self._worker.finish(self.time_left_s)
        self._speaker_services.end()
        if left:
            self.get_logger().warning(f"{left} utterances and chunks were not attributed in time")
            return
        try:
            self._attribute(all_of_them=True)
        finally:
            # Also when the engine fails.
            self._publish(self._stage.finish())
            self._stage.pause()

    def cleanup(self) -> None:
        """Free the engine."""
        del self._stage

    def adopt(self, parameters: SpeakerParameters) -> None:
        """Use changed parameters from the next utterance on."""
        self._stage.parameters = parameters

    def health(self) -> Health:
        """How the engine keeps up."""
        engine = self._stage.engine
        values = {"engine": engine.name, "model": engine.model_id, "device": engine.device}
        health = Health(values={**values, "waiting utterances": len(self._waiting)})
        self._hearing.report(health, self._worker)
        if len(self._waiting) > 1:
            health.add(WARN, f"{len(self._waiting)} utterances wait for their audio")
        health.values["enrolled"] = len(self._stage.people)
        if self._stage.people.warning:
            health.add(WARN, self._stage.people.warning)
        return health

    def _receive_audio(self, message: msg.AudioChunk) -> None:
        self._worker.put(conversions.chunk_from_msg(message))

    def _receive_utterance(self, message: msg.SpeakerUtterance) -> None:
        self._worker.put(conversions.utterance_from_msg(message))

    def _receive_activity(self, message: msg.VoiceActivity) -> None:
        self._worker.put(conversions.activity_from_msg(message))

    def _receive_suggestion(self, message: msg.TopicSuggestion) -> None:
        self._worker.put(conversions.suggestion_from_msg(message))

    def _work(self, item: AudioChunk | Utterance | VoiceActivity | Suggestion | Errand) -> None:
        if isinstance(item, Errand):
            item.run()
        elif isinstance(item, Utterance):
            self._waiting.append(item)
        elif isinstance(item, VoiceActivity):
            self._stage.follow(item)
        elif isinstance(item, Suggestion):
            self._stage.offered(item)
        else:
            self.frame_id = item.frame_id
            for block in self._hearing.blocks(item):
                self._hear(block)
        self._attribute()
        self._publish(self._stage.settled())

    def _hear(self, block: Block) -> None:
        self._stage.hear(block)
        self._hearing.meter.done(block.end_ns)

    def _attribute(self, all_of_them: bool = False) -> None:
        """Publish, in order, what has its audio; when too many wait, the first one's will never come."""
        while self._waiting and (
            all_of_them or len(self._waiting) > _WAITING or self._stage.heard(self._waiting[0])
        ):
            self._publish(self._stage.attribute(self._waiting.popleft()))

    def _publish(self, utterances: list[Utterance]) -> None:
        for utterance in utterances:
            self._utterances.publish(conversions.utterance_to_msg(utterance, self.frame_id))
        if utterances:
            self._stage.people.keep()


def main() -> None:
    """Run the node."""
    spin(Diarization)
