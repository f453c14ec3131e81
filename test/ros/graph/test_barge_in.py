"""Somebody talks over the robot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.audio import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.clock import samples_to_ns
from stalk_ros.ros import conversions, qos

if TYPE_CHECKING:
    from collections.abc import Callable

IN_STALK = ("--ros-args", "-r", "__ns:=/stalk")
CHUNK = SAMPLE_RATE_HZ // 10
TALK = slice(round(56.5 * SAMPLE_RATE_HZ), round(62.5 * SAMPLE_RATE_HZ))
"""Of the sample: one turn, without a pause from 2.9 s to 5.6 s of it."""


class Talk:
    """Audio that comes chunk by chunk, each when the one before was heard, and what is told of it."""

    def __init__(self, graph: Any, samples: np.ndarray) -> None:
        self._graph = graph
        self._pcm = (samples * 32767).astype(np.int16)
        self._at = 0
        self.activities = graph.collect(msg.VoiceActivity, "/stalk/voice_activity", qos.EVENTS)
        self.states = graph.collect(msg.ConversationState, "/stalk/conversation_state", qos.EVENTS)
        self.utterances = graph.collect(msg.SpeakerUtterance, "/stalk/utterances", qos.EVENTS)
        self._diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
        self._audio = graph.publisher(msg.AudioChunk, "/stalk/audio", qos.audio())
        self._robot = graph.publisher(Bool, "/robot_speaking", qos.EVENTS)
        graph.wait(lambda: self._audio.get_subscription_count() == 2, "asr and diarization")
        graph.wait(lambda: self._robot.get_subscription_count() == 2, "asr and topic_recommender")
        graph.wait(lambda: graph.probe.count_publishers("/stalk/conversation_state"), "topic_recommender")

    def until(self, condition: Callable[[], Any]) -> None:
        while not condition():
            assert self._at < len(self._pcm), "it did not happen"
            piece = self._pcm[self._at : self._at + CHUNK]
            chunk = AudioChunk(
                piece, SAMPLE_RATE_HZ, 1, self._at, samples_to_ns(self._at, SAMPLE_RATE_HZ), "m"
            )
            self._audio.publish(conversions.chunk_to_msg(chunk))
            self._at += CHUNK
            heard_ns = samples_to_ns(self._at - CHUNK, SAMPLE_RATE_HZ)
            self._graph.wait(lambda until_ns=heard_ns: self.heard_ns() >= until_ns, "the audio is heard")

    def heard_ns(self) -> int:
        return conversions.to_ns(self.activities[-1].header.stamp) if self.activities else 0

    def robot(self, speaking: bool) -> None:
        """Say whether the robot speaks, and wait until asr knows it, as it must each time at the same."""
        told = len(self._diagnostics)
        self._robot.publish(Bool(data=speaking))
        self._graph.wait(lambda: self._muted(told) == str(speaking), "asr hears of the robot")

    def _muted(self, since: int) -> str:
        values = [value for report in self._diagnostics[since:] for value in report.status[0].values]
        return next((value.value for value in reversed(values) if value.key == "muted by the robot"), "")


def test_who_talks_over_the_robot_is_heard_after_it(graph, start, sample_audio) -> None:
    start("conversation", "asr", "diarization", "topic_recommender", *IN_STALK)
    silence = np.zeros(4 * SAMPLE_RATE_HZ, np.float32)
    talk = Talk(graph, np.concatenate([sample_audio[TALK], silence]))
    talk.until(lambda: talk.heard_ns() >= 3_000_000_000)
    assert talk.activities[-1].speech
    talk.robot(True)
    talk.until(lambda: talk.activities[-1].muted and not talk.activities[-1].speech)
    talk.robot(False)
    talk.until(lambda: not talk.activities[-1].muted)
    opened_ns = talk.heard_ns()
    talk.until(lambda: talk.heard_ns() >= 9_500_000_000)
    graph.wait(lambda: conversions.to_ns(talk.states[-1].header.stamp) >= 9_000_000_000, "the last state")
    barged = [state.barge_in for state in talk.states]
    first = barged.index(True)
    last = len(barged) - barged[::-1].index(True)
    assert all(barged[first:last])
    assert conversions.to_ns(talk.states[first].header.stamp) > opened_ns - 200_000_000
    assert any(state.robot_speaking for state in talk.states[:first])
    assert last < len(barged)
    graph.wait(lambda: [u for u in talk.utterances if u.final and u.text][1:], "two utterances")
    _, after = [said for said in talk.utterances if said.final and said.text]
    assert conversions.to_ns(after.header.stamp) >= opened_ns - 200_000_000
    assert after.speaker_id not in ("", after.ROBOT)
