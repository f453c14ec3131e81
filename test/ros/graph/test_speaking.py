"""The robot speaks in the room in which its microphone listens."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from diagnostic_msgs.msg import DiagnosticArray

import stalk_ros.msg as msg
from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.ros import conversions, qos

if TYPE_CHECKING:
    from pathlib import Path

    from bench.sound_server import SoundServer

IN_STALK = ("--ros-args", "-r", "__ns:=/stalk")
LOUD = 500
"""The robot's voice has a root mean square of some thousands, an empty room 0."""


class Room:
    """What is played, said and heard in a room."""

    def __init__(self, graph: Any, server: SoundServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self.audio = graph.collect(msg.AudioChunk, "/stalk/audio", qos.audio())
        self.activities = graph.collect(msg.VoiceActivity, "/stalk/voice_activity", qos.EVENTS)
        self.utterances = graph.collect(msg.SpeakerUtterance, "/stalk/utterances", qos.EVENTS)
        self.suggestions = graph.collect(msg.TopicSuggestion, "/stalk/suggestions", qos.EVENTS)
        self._diagnostics = graph.collect(DiagnosticArray, "/diagnostics")

    def said(self) -> bool:
        """Whether the robot has said something to its end."""
        reports = [report.status[0] for report in self._diagnostics]
        return any(
            value.key == "said" and value.value != "0" for report in reports for value in report.values
        )

    def audio_ns(self) -> int:
        """Time of the newest audio."""
        return conversions.to_ns(self.audio[-1].header.stamp)

    def play(self, sample: np.ndarray, from_s: float, until_s: float) -> None:
        file = self._folder / "played.wav"
        soundfile.write(
            file, sample[round(from_s * SAMPLE_RATE_HZ) : round(until_s * SAMPLE_RATE_HZ)], SAMPLE_RATE_HZ
        )
        assert self._server.play(file).wait() == 0

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


@pytest.mark.parametrize("robot_topic", ["/robot_speaking", "/nobody_listens"])
def test_what_the_robot_says_is_nobody_elses(room, graph, start, sample_audio, robot_topic) -> None:
    start("conversation", *IN_STALK)
    mouth = start("speak_suggestions", *IN_STALK, "-r", f"/robot_speaking:={robot_topic}")
    graph.wait(lambda: room.activities, "the microphone")
    # The end of a talk, and the silence in which the robot speaks.
    room.play(sample_audio, 56.5, 62.5)
    graph.wait(lambda: room.suggestions, "an offer")
    begun_ns = room.audio_ns()
    graph.wait(room.said, "the robot's turn")
    ended_ns = room.audio_ns()
    # Somebody answers the robot.
    room.play(sample_audio, 0.0, 6.5)
    graph.wait(lambda: any(start_ns > ended_ns for start_ns, _, _ in room.attributed()), "an answer")
    assert room.loudness(begun_ns, ended_ns) > LOUD
    assert any(until_ns < begun_ns for _, until_ns, _ in room.attributed())
    assert not [said for said in room.attributed() if said[0] < ended_ns and said[1] > begun_ns]
    mouth.send_signal(signal.SIGINT)
    assert mouth.wait(60.0) == 0
