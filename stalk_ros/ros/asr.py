"""The asr node: audio in; voice activity and transcript out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from std_msgs.msg import Bool
from std_srvs.srv import SetBool

import stalk_ros.msg as msg
from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import Utterance, VoiceActivity
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diagnostics import WARN, Health
from stalk_ros.ros.hearing import Hearing
from stalk_ros.ros.stage_node import StageNode, spin
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk, Block

_CHUNKS = 1000
_WAITING_S = 600.0
"""Speech that may wait for the engine: 40 MB."""

_HANGS_S = 5.0
"""An engine that works so long on one utterance is slow at best."""

_BEHIND_S = 10.0
"""So much waiting speech is worth a warning."""


class Asr(StageNode):
    """Two threads: one listens, so that voice activity is always on time; one runs the engine.

    When the engine does not keep up, partials are left out first, and finals wait.
    """

    parameters_class = SpeechParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("asr", **options)
        self._voice_activity = self.make_publisher(msg.VoiceActivity, "voice_activity", qos.EVENTS)
        self._transcript = self.make_publisher(msg.SpeakerUtterance, "transcript", qos.EVENTS)
        self._publishing = threading.Lock()
        self._using_engine = threading.Lock()
        self._session: object = None
        self._paused = False
        self.create_service(SetBool, "~/pause", self._pause)

    def configure(self, parameters: SpeechParameters) -> None:
        """Load the engine."""
        self._stage = SpeechStage.load(parameters)
        self.tell_engine(self._stage.engine, parameters.backend)

    def activate(self) -> None:
        """Listen."""
        self._hearing = Hearing(self)
        self._stage.robot_spoke(False)
        self._skipped_partials = self._failures = 0
        session = self._session = object()
        self._engine = self.start(
            "asr engine", lambda segment: self._transcribe(segment, session), _WAITING_S, _waits_s
        )
        # That the robot has stopped speaking must not be lost where audio is: it would stay deaf.
        self._listener = self.start(
            "asr listener", self._listen, _CHUNKS, lambda item: not isinstance(item, bool)
        )
        self.subscribe(msg.AudioChunk, "audio", self._receive, qos.audio())
        self.subscribe(Bool, "/robot_speaking", self._receive_robot, qos.EVENTS)

    def deactivate(self) -> None:
        """Finish what was heard."""
        left = self._listener.finish(self.time_left_s)
        self._end()
        left += self._engine.finish(self.time_left_s)
        if left:
            with self._publishing:
                self._session = None
                self._stage.abandon()
            self.get_logger().warning("there was no time to transcribe all that was heard")

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
                "waiting speech (s)": f"{self._engine.waiting:.1f}",
                "skipped partials": self._skipped_partials,
                "failed utterances": self._failures,
                "muted by the robot": self._stage.robot_speaking,
                "paused": self._paused,
                **{f"removed: {kind}": count for kind, count in sorted(self._stage.removed.items())},
            }
        )
        self._hearing.report(health, self._listener, self._engine, paused=self._paused)
        if (busy_s := self._engine.busy_for_s) > _HANGS_S:
            told = f"the engine has been working on one utterance for {busy_s:.0f} s: it hangs or is too slow"
            health.add(WARN, told)
            self.get_logger().warning(told, throttle_duration_sec=60.0)
        if self._engine.waiting > _BEHIND_S:
            health.add(WARN, f"the engine is too slow: {self._engine.waiting:.0f} s of speech wait for it")
        return health

    def _receive(self, message: msg.AudioChunk) -> None:
        if self._paused:
            return
        self._listener.put(conversions.chunk_from_msg(message))

    def _receive_robot(self, message: Bool) -> None:
        self._listener.put(bool(message.data))

    def _pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        """While paused there is no audio here, as if the microphone were off: nobody counts the silence."""
        wanted = bool(request.data)
        if self.active and wanted and not self._paused and not self._listener.put(None):
            response.message = "too much audio waits to be heard: cannot pause now"
            return response
        self._paused = wanted
        response.success = True
        response.message = "paused" if wanted else "listening"
        return response

    def _listen(self, item: AudioChunk | bool | None) -> None:
        """Hear a chunk, that the robot speaks or does not, or None: the end, because of a pause."""
        if item is None:
            self._end()
        elif isinstance(item, bool):
            self._stage.robot_spoke(item)
        else:
            self.frame_id = item.frame_id
            for block in self._hearing.blocks(item):
                self._hear(block)

    def _end(self) -> None:
        for block in self._hearing.end():
            self._hear(block)

    def _hear(self, block: Block) -> None:
        with self._publishing:
            for item in self._stage.listen(block):
                if isinstance(item, VoiceActivity):
                    self._publish(item)
                elif item.final:
                    if not self._engine.put(item):
                        self._publish(self._stage.finish(item, None))
                elif len(self._engine) > 1 or not self._engine.put(item):
                    self._skipped_partials += 1

    def _transcribe(self, segment: Segment, session: object) -> None:
        """Run the engine; what comes of it too late, when nobody waits for it any more, is left out."""
        stage = self._stage
        with self._using_engine:  # a session that was given up may still be in it
            if not segment.final and len(self._engine):
                self._skipped_partials += 1  # what waits is newer, or a final
                return
            utterance = None
            try:
                utterance = stage.transcribe(segment)
                self.last_error = ""
            except Exception:
                if segment.final:
                    self._failures += 1
                    utterance = stage.taken_back(segment)
                raise
            finally:
                # Also when the engine failed: what follows must not wait for this utterance for ever.
                with self._publishing:
                    if session is self._session:
                        self._tell(stage, segment, utterance)

    def _tell(self, stage: SpeechStage, segment: Segment, utterance: Utterance | None) -> None:
        if utterance is not None:
            self._transcript.publish(conversions.utterance_to_msg(utterance, self.frame_id))
        if segment.final:
            self._publish(stage.finish(segment, utterance))

    def _publish(self, activity: VoiceActivity) -> None:
        self._hearing.meter.done(activity.time_ns - self._stage.lag_ns)
        self._voice_activity.publish(conversions.activity_to_msg(activity, self.frame_id))


def _waits_s(segment: Segment) -> float:
    """Speech that waits for the engine; a partial does not, it is left out when something else comes."""
    return ns_to_seconds(segment.audio_ns) if segment.final else 0.0


def main() -> None:
    """Run the node."""
    spin(Asr)
