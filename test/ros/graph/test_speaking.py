"""The robot speaks in the room in which its microphone listens."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.ros import conversions, qos

if TYPE_CHECKING:
    from pathlib import Path

IN_STALK = ("--ros-args", "-r", "__ns:=/stalk")
LOUD = 500
"""The robot's voice has a root mean square of some thousands, an empty room 0."""


@dataclass
class Room:
    """What is played, said and heard in a room; times are of the system's clock, as a microphone's are."""

    graph: object
    server: object
    folder: Path
    spoken_ns: list[int] = field(default_factory=list)

    def listen(self, robot_topic: str) -> None:
        collect = self.graph.collect
        self.audio = collect(msg.AudioChunk, "/stalk/audio", qos.audio())
        self.activities = collect(msg.VoiceActivity, "/stalk/voice_activity", qos.EVENTS)
        self.utterances = collect(msg.SpeakerUtterance, "/stalk/utterances", qos.EVENTS)
        self.suggestions = collect(msg.TopicSuggestion, "/stalk/suggestions", qos.EVENTS)
        self.graph.probe.create_subscription(Bool, robot_topic, self._robot, qos.EVENTS)

    def _robot(self, message: Bool) -> None:
        if message.data == len(self.spoken_ns) % 2:
            return  # told again
        self.spoken_ns.append(time.time_ns())

    def play(self, sample: np.ndarray, from_s: float, until_s: float) -> None:
        file = self.folder / "played.wav"
        soundfile.write(
            file, sample[round(from_s * SAMPLE_RATE_HZ) : round(until_s * SAMPLE_RATE_HZ)], SAMPLE_RATE_HZ
        )
        assert self.server.play(file).wait() == 0

    def attributed(self) -> list[tuple[int, int, str]]:
        """Beginning, end and text of all that a person is said to have said."""
        return [
            (start, start + conversions.to_ns(said.duration), said.text)
            for said in self.utterances
            if said.final and said.text and said.speaker_id not in ("", said.ROBOT)
            for start in [conversions.to_ns(said.header.stamp)]
        ]

    def loudness(self, from_ns: int, until_ns: int) -> float:
        """What the microphone heard in a time, as a root mean square."""
        heard = [c.samples for c in self.audio if from_ns <= conversions.to_ns(c.header.stamp) < until_ns]
        return float(np.sqrt(np.mean(np.square(np.concatenate(heard, dtype=np.float64)))))


@pytest.fixture
def room(sound_server, graph, tmp_path) -> Room:
    return Room(graph, sound_server, tmp_path)


@pytest.mark.parametrize("robot_topic", ["/robot_speaking"])
def test_what_the_robot_says_is_nobody_elses(room, graph, start, sample_audio, robot_topic) -> None:
    room.listen(robot_topic)
    start("conversation", *IN_STALK)
    mouth = start("speak_suggestions", *IN_STALK, "-r", f"/robot_speaking:={robot_topic}")
    graph.wait(lambda: room.activities, "the microphone")
    # The end of a talk, and the silence in which the robot speaks.
    room.play(sample_audio, 56.5, 62.5)
    graph.wait(lambda: len(room.spoken_ns) == 2, "the robot's turn")
    begun_ns, ended_ns = room.spoken_ns
    # Somebody answers the robot.
    room.play(sample_audio, 0.0, 6.5)
    graph.wait(lambda: any(start_ns > ended_ns for start_ns, _, _ in room.attributed()), "an answer")
    assert room.loudness(begun_ns, ended_ns) > LOUD
    assert any(until_ns < begun_ns for _, until_ns, _ in room.attributed())
    assert not [said for said in room.attributed() if said[0] < ended_ns and said[1] > begun_ns]
    # It was said to its end.
    assert [said.status for said in room.suggestions] == [msg.TopicSuggestion.OFFERED]
    mouth.send_signal(signal.SIGINT)
    assert mouth.wait(60.0) == 0
