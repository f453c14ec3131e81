"""Voices as ROS4HRI's listeners get them: they follow who is tracked, and subscribe to each voice then."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

import stalk_ros.msg as msg
from stalk_ros.audio import AudioFile
from stalk_ros.clock import NANOSECONDS
from stalk_ros.events import ROBOT, Utterance, VoiceActivity
from stalk_ros.offline.configuration import Configuration
from stalk_ros.offline.conversation import Conversation
from stalk_ros.ros import conversions, qos

pytestmark = pytest.mark.slow  # the packages are compiled

START_NS = 1_700_000_000 * NANOSECONDS
PERSON, VOICE = 1, 4
PLAYED_NS = 31 * NANOSECONDS
"""By then each of the three has spoken, and not only once."""


class Listener:
    """What libhri does, and the conversation that it hears."""

    def __init__(self, graph: Any, peer: Any, version: str) -> None:
        self._graph = graph
        self._peer = peer(version)
        self._tracked = self._peer.listen("/humans/voices/tracked", "hri_msgs/IdsList", latched=True)
        self.utterances = graph.publisher(msg.SpeakerUtterance, "/stalk/utterances", qos.EVENTS)
        self.activities = graph.publisher(msg.VoiceActivity, "/stalk/voice_activity", qos.EVENTS)
        self.speech: dict[str, list[dict]] = {}
        self.speaking: dict[str, list[dict]] = {}
        graph.connected(self.utterances)
        graph.connected(self.activities)

    def matches(self) -> list[dict]:
        matches = self._peer.listen("/humans/candidate_matches", "hri_msgs/IdsMatch")
        self._graph.wait(
            lambda: self._graph.probe.count_subscribers("/humans/candidate_matches"), "discovery"
        )
        return matches

    def say(self, utterance: Utterance) -> None:
        self.utterances.publish(conversions.utterance_to_msg(utterance, "mic"))

    def pass_time(self, activity: VoiceActivity) -> None:
        """Publish it and wait until it has arrived: a second after the one before, who is tracked is told."""
        self._activity = conversions.activity_to_msg(activity, "mic")

        def arrived() -> bool:
            self.activities.publish(self._activity)
            return self._told_ns() >= activity.time_ns

        self._graph.wait(arrived, "the time")

    def _told_ns(self) -> int:
        stamp = self._tracked[-1]["header"]["stamp"] if self._tracked else {"sec": 0, "nanosec": 0}
        return stamp["sec"] * NANOSECONDS + stamp["nanosec"]

    def tracked(self) -> list[str]:
        return self._tracked[-1]["ids"] if self._tracked else []

    def hear(self) -> int:
        """Subscribe to the voices that are new; returns how many pieces of speech have come."""
        for voice_id in self.tracked():
            if voice_id not in self.speech:
                topic = f"/humans/voices/{voice_id}"
                self.speaking[voice_id] = self._peer.listen(f"{topic}/is_speaking", "std_msgs/Bool")
                self.speech[voice_id] = self._peer.listen(f"{topic}/speech", "hri_msgs/LiveSpeech")
        return sum(map(len, self.speech.values()))

    def expect(self, count: int) -> None:
        """Wait for so many pieces of speech, while voice activity comes all the time, as it always does."""

        def heard() -> bool:
            self.activities.publish(self._activity)
            return self.hear() >= count

        self._graph.wait(heard, f"{count} pieces of speech")

    def finals(self) -> dict[str, list[str]]:
        return {
            voice_id: [live["final"] for live in lives if live["final"]]
            for voice_id, lives in self.speech.items()
        }


def begun(graph: Any, peer: Any, version: str = "hri") -> Listener:
    """A listener to whom somebody speaks from now on."""
    listener = Listener(graph, peer, version)
    listener.pass_time(VoiceActivity(START_NS, True, 0.9, 0, 0))
    return listener


def said(speaker: str, text: str, at_s: float, **more: Any) -> Utterance:
    start_ns = START_NS + round(at_s * NANOSECONDS)
    fields = {"utterance_id": f"u{at_s}", "language": "en-GB", "confidence": 0.5, "speaker_confidence": 0.75}
    return Utterance(
        start_ns=start_ns,
        end_ns=start_ns + NANOSECONDS,
        text=text,
        speaker_id=speaker,
        **{**fields, **more},
    )


def events_of(sample: Any) -> list[Utterance | VoiceActivity]:
    conversation = Conversation(Configuration())
    chunks = (chunk for chunk in AudioFile(sample).chunks() if chunk.stamp_ns < PLAYED_NS)
    events = [event for chunk in chunks for event in conversation.feed(chunk)]
    # Each utterance comes twice: without its speaker, which the transcript has, and with it.
    return [
        event
        for event in events
        if isinstance(event, VoiceActivity) or (isinstance(event, Utterance) and event.speaker_id)
    ]


def test_a_conversation_is_heard_voice_by_voice_from_its_first_word(graph, bridge, peer, sample) -> None:
    bridge("ros4hri", "hri")
    listener = Listener(graph, peer, "hri")
    expected = defaultdict(list)
    count = passed_ns = 0
    for event in events_of(sample):
        if isinstance(event, VoiceActivity):
            if event.time_ns >= passed_ns + NANOSECONDS:
                listener.pass_time(event)
                passed_ns = event.time_ns
            continue
        listener.say(event)
        count += 1
        # It holds the words of a new voice back until somebody listens: no time passes meanwhile.
        listener.expect(count)
        if event.final:
            expected[event.speaker_id].append(event.text)
    assert sorted(listener.finals().values()) == sorted(expected.values())
    assert len(expected) == 3
    assert not set(listener.speech) & set(expected)
    assert {live["locale"].partition("_")[0] for lives in listener.speech.values() for live in lives} == {
        "en"
    }
    graph.wait(
        lambda: all(turns and not turns[-1]["data"] for turns in listener.speaking.values()), "silence"
    )


def test_partials_grow_and_finals_are_both(graph, bridge, peer) -> None:
    bridge("ros4hri", "hri")
    listener = begun(graph, peer)
    listener.say(said("S1", "how", 1.0, final=False))
    listener.say(said("S1", "how are", 1.0, final=False))
    listener.say(said("S1", "how are you", 1.0))
    listener.expect(3)
    (voice_id,) = listener.tracked()
    heard = [(live["incremental"], live["final"]) for live in listener.speech[voice_id]]
    assert heard == [("how", ""), ("how are", ""), ("how are you", "how are you")]
    assert listener.speech[voice_id][-1]["confidence"] == 0.5
    assert listener.speech[voice_id][-1]["locale"] == "en_GB"
    assert listener.speech[voice_id][-1]["header"] == {
        "stamp": {"sec": START_NS // NANOSECONDS + 1, "nanosec": 0},
        "frame_id": "mic",
    }
    graph.wait(lambda: len(listener.speaking[voice_id]) == 2, "the turn")
    assert [turn["data"] for turn in listener.speaking[voice_id]] == [True, False]


def test_who_is_enrolled_is_a_candidate_match_and_the_robot_is_nobody(graph, bridge, peer) -> None:
    process = bridge("ros4hri", "hri")
    listener = begun(graph, peer)
    matches = listener.matches()
    listener.say(said(ROBOT, "what did you eat", 1.0))
    listener.say(said("S4", "good morning", 3.0, speaker_name="Ada"))
    listener.expect(1)
    (voice_id,) = listener.tracked()
    graph.wait(lambda: matches, "the match")
    assert matches == [
        {"id1": voice_id, "id1_type": VOICE, "id2": "stalk_S4", "id2_type": PERSON, "confidence": 0.75}
    ]
    process.process.terminate()
    graph.wait(lambda: listener.tracked() == [], "the end")
    graph.wait(lambda: matches[-1]["confidence"] == 0.0, "the end of the match")


def test_a_restarted_bridge_hears_other_voices(graph, bridge, peer, restart) -> None:
    bridge("ros4hri", "hri")
    listener = begun(graph, peer)
    listener.say(said("S1", "good morning", 1.0))
    listener.expect(1)
    (first,) = listener.tracked()
    restart("ros4hri")
    graph.wait(lambda: listener.tracked() == [], "the end")
    listener.pass_time(VoiceActivity(START_NS + 9 * NANOSECONDS, True, 0.9, 0, 0))
    listener.say(said("S1", "good evening", 10.0))
    listener.expect(2)
    (second,) = listener.tracked()
    assert first != second


def test_an_early_hri_msgs_will_do(graph, bridge, peer) -> None:
    process = bridge("ros4hri", "hri_early")
    listener = begun(graph, peer, "hri_early")
    listener.say(said("S4", "good morning", 3.0, speaker_name="Ada"))
    listener.expect(1)
    assert list(listener.finals().values()) == [["good morning"]]
    assert "no candidate matches" in process.said()


def test_words_are_held_back_for_a_second_only(graph, bridge, peer) -> None:
    bridge("ros4hri", "hri")
    listener = begun(graph, peer)
    listener.say(said("S1", "nobody listens", 1.0))
    graph.wait(listener.tracked, "the voice")
    listener.pass_time(VoiceActivity(START_NS + 4 * NANOSECONDS, False, 0.1, NANOSECONDS, 0))
    listener.say(said("S2", "a mark", 6.0))
    # Who listens to S1 from now on has missed what was said.
    listener.expect(1)
    listener.say(said("S1", "somebody listens", 8.0))
    listener.expect(2)
    assert sorted(listener.finals().values()) == [["a mark"], ["somebody listens"]]
