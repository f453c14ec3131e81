"""The ros4hri node: who speaks and what, as REP 155 wants it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.parameters import Parameters
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.bridges.interfaces import LATCHED, fields, hri_msgs
from stalk_ros.ros.bridges.patient import PatientPublisher
from stalk_ros.ros.bridges.voices import Match, Speaking, Speech, Tracked, Voices
from stalk_ros.ros.diagnostics import Health
from stalk_ros.ros.stage_node import StageNode, spin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.ros.bridges.voices import Event


class _VoiceTopics(NamedTuple):
    is_speaking: PatientPublisher
    speech: PatientPublisher


class Ros4Hri(StageNode):
    """Publishes ``/humans/voices/...`` and, for who is enrolled, ``/humans/candidate_matches``."""

    parameters_class = Parameters

    def __init__(self, **options: Any) -> None:
        super().__init__("ros4hri", **options)
        self._publishers_made: list[Any] = []
        self._telling = threading.Lock()

    def configure(self, parameters: Parameters) -> None:
        """Make the publishers that do not depend on who is heard."""
        self._messages = hri_msgs()
        match = getattr(self._messages, "IdsMatch", None)
        self._match_type = match if match is not None and "id1_type" in fields(match) else None
        if self._match_type is None:
            self.get_logger().warning(
                "this hri_msgs is too old to say whose a voice is: no candidate matches"
            )
        self._tracked = self.make_publisher(self._messages.IdsList, "/humans/voices/tracked", LATCHED)
        self._publishers_made = [self._tracked]
        if self._match_type is not None:
            self._matches = self.make_publisher(self._match_type, "/humans/candidate_matches", qos.EVENTS)
            self._publishers_made.append(self._matches)

    def activate(self) -> None:
        """Listen."""
        self._voices = Voices()
        self._topics: dict[str, _VoiceTopics] = {}
        self._people: dict[str, str] = {}
        self.subscribe(msg.SpeakerUtterance, "utterances", self._receive_utterance, qos.EVENTS)
        self.subscribe(msg.VoiceActivity, "voice_activity", self._receive_activity, qos.EVENTS)

    def deactivate(self) -> None:
        """Nobody is tracked any more."""
        with self._telling:
            self._tell(self._voices.end())

    def cleanup(self) -> None:
        """Take the publishers back."""
        for publisher in self._publishers_made:
            self.destroy_lifecycle_publisher(publisher)
        self._publishers_made = []

    def health(self) -> Health:
        """Who is tracked."""
        matched = ", ".join(f"{voice}: {person}" for voice, person in list(self._people.items()))
        return Health(values={"voices": ", ".join(self._voices.voice_ids), "candidate matches": matched})

    def _receive_utterance(self, message: msg.SpeakerUtterance) -> None:
        self.frame_id = message.header.frame_id
        with self._telling:
            self._tell(self._voices.hear(conversions.utterance_from_msg(message)))

    def _receive_activity(self, message: msg.VoiceActivity) -> None:
        activity = conversions.activity_from_msg(message)
        with self._telling:
            self._tell(self._voices.follow(activity))
            for topics in self._topics.values():
                for publisher in topics:
                    publisher.pass_time(activity.time_ns)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Tracked):
                self._track(event)
            elif isinstance(event, Match):
                self._match(event)
            elif isinstance(event, Speaking):
                self._topics[event.voice_id].is_speaking.publish(Bool(data=event.speaking))
            elif isinstance(event, Speech):
                self._topics[event.voice_id].speech.publish(self._live_speech(event))

    def _track(self, tracked: Tracked) -> None:
        """Publish who is tracked; the topics of a voice are there before, and go after."""
        for voice_id in tracked.voice_ids:
            if voice_id not in self._topics:
                self._topics[voice_id] = self._open(voice_id, tracked.time_ns)
        header = conversions.header(tracked.time_ns, self.frame_id)
        self._tracked.publish(self._messages.IdsList(header=header, ids=list(tracked.voice_ids)))
        for voice_id in self._topics.keys() - set(tracked.voice_ids):
            for publisher in self._topics.pop(voice_id):
                publisher.close()

    def _open(self, voice_id: str, time_ns: int) -> _VoiceTopics:
        topic = f"/humans/voices/{voice_id}"
        return _VoiceTopics(
            PatientPublisher(self, Bool, f"{topic}/is_speaking", time_ns),
            PatientPublisher(self, self._messages.LiveSpeech, f"{topic}/speech", time_ns),
        )

    def _match(self, match: Match) -> None:
        if match.confidence:
            self._people[match.voice_id] = match.person_id
        else:
            self._people.pop(match.voice_id, None)
        if self._match_type is None:
            return
        self._matches.publish(
            self._match_type(
                id1=match.voice_id,
                id1_type=self._match_type.VOICE,
                id2=match.person_id,
                id2_type=self._match_type.PERSON,
                confidence=match.confidence,
            )
        )

    def _live_speech(self, speech: Speech) -> Any:
        """The text so far in ``incremental``, in a final one in both fields, as ROS4HRI's recognisers do."""
        utterance = speech.utterance
        live = self._messages.LiveSpeech(
            header=conversions.header(utterance.start_ns, self.frame_id),
            incremental=utterance.text,
            final=utterance.text if utterance.final else "",
            confidence=utterance.confidence if utterance.final else 0.0,
        )
        if hasattr(live, "locale"):
            live.locale = utterance.language.replace("-", "_")
        return live


def main() -> None:
    """Run the node."""
    spin(Ros4Hri)
