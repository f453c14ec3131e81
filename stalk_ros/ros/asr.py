"""The asr node: audio in; voice activity and transcript out."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.events import VoiceActivity
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diagnostics import Health
from stalk_ros.ros.hearing import Hearing
from stalk_ros.ros.stage_node import StageNode, spin
from stalk_ros.ros.worker import Worker
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk, Block

_CHUNKS = 1000
_SEGMENTS = 1000


class Asr(StageNode):
    """Two threads: one listens, so that voice activity is always on time; one runs the engine."""

    parameters_class = SpeechParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("asr", **options)
        self._voice_activity = self.make_publisher(msg.VoiceActivity, "voice_activity", qos.EVENTS)
        self._transcript = self.make_publisher(msg.SpeakerUtterance, "transcript", qos.EVENTS)
        self._publishing = threading.Lock()

    def configure(self, parameters: SpeechParameters) -> None:
        """Load the engine."""
        self._stage = SpeechStage.load(parameters)
        self.tell_engine(self._stage.engine, parameters.backend)

    def activate(self) -> None:
        """Listen."""
        self._hearing = Hearing(self.get_logger())
        self._skipped_partials = 0
        self._engine = Worker("asr engine", self._transcribe, _SEGMENTS, self.failed)
        self._listener = Worker("asr listener", self._listen, _CHUNKS, self.failed)
        self._deaf = False
        self.subscribe(msg.AudioChunk, "audio", self._receive, qos.audio())
        self.subscribe(Bool, "/robot_speaking", self._receive_robot, qos.EVENTS)

    def deactivate(self) -> None:
        """Finish what was heard."""
        left = self._listener.finish(self.patience_s)
        for block in self._hearing.end():
            self._hear(block)
        left += self._engine.finish(self.patience_s)
        if left:
            self.get_logger().warning(f"{left} pieces of audio were not transcribed in time")

    def cleanup(self) -> None:
        """Free the engine."""
        del self._stage

    def adopt(self, parameters: SpeechParameters) -> None:
        """Use changed parameters from the next window on."""
        self._stage.parameters = parameters

    def health(self) -> Health:
        """How the engine keeps up."""
        health = Health(
            values={
                "engine": self._stage.engine.name,
                "skipped partials": self._skipped_partials,
                "muted by the robot": self._deaf,
            }
        )
        self._hearing.report(health, self._listener, self._engine)
        return health

    def _receive(self, message: msg.AudioChunk) -> None:
        chunk = conversions.chunk_from_msg(message)
        # What comes from the robot's own loudspeaker is silence here; the time goes on.
        self._listener.put(replace(chunk, samples=np.zeros_like(chunk.samples)) if self._deaf else chunk)

    def _receive_robot(self, message: Bool) -> None:
        self._deaf = bool(message.data)

    def _listen(self, chunk: AudioChunk) -> None:
        self.frame_id = chunk.frame_id
        for block in self._hearing.blocks(chunk):
            self._hear(block)

    def _hear(self, block: Block) -> None:
        with self._publishing:
            for item in self._stage.listen(block):
                if isinstance(item, VoiceActivity):
                    self._publish(item)
                elif item.final or not len(self._engine):
                    self._engine.put(item)
                else:
                    self._skipped_partials += 1

    def _transcribe(self, segment: Segment) -> None:
        utterance = None
        try:
            utterance = self._stage.transcribe(segment)
        finally:
            # Also when the engine failed: what follows must not wait for this utterance for ever.
            with self._publishing:
                if utterance is not None:
                    self._transcript.publish(conversions.utterance_to_msg(utterance, self.frame_id))
                if segment.final:
                    self._publish(self._stage.finish(segment, utterance))

    def _publish(self, activity: VoiceActivity) -> None:
        self._hearing.meter.done(activity.transcribed_until_ns)
        self._voice_activity.publish(conversions.activity_to_msg(activity, self.frame_id))


def main() -> None:
    """Run the node."""
    spin(Asr)
