from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.audio import AudioChunk, AudioFile
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.asr import Asr

SAMPLE = Path(__file__).parents[2] / "samples" / "conversation.flac"
FIRST_TURNS_S = 7.5


def first_turns() -> list[AudioChunk]:
    """Two turns of the sample, and the end of the stream."""
    chunks = [chunk for chunk in AudioFile(SAMPLE).chunks() if chunk.stamp_ns < FIRST_TURNS_S * 1e9]
    end = chunks[-1].first_sample + len(chunks[-1].samples)
    return [*chunks, AudioChunk(np.zeros(0, np.int16), 16_000, 1, end, int(FIRST_TURNS_S * 1e9))]


@pytest.fixture
def asr(graph):
    node = graph.add(Asr())
    node.autostart()
    assert node.active
    return node


def malformed() -> list[AudioChunk]:
    samples = np.zeros(1600, np.int16)
    after = 10**9
    return [
        AudioChunk(samples, 0, 1, after, 0, "file"),
        AudioChunk(samples, 16_000, 0, after, 0, "file"),
        AudioChunk(samples[:-1], 16_000, 2, after, 0, "file"),
        AudioChunk(samples, 44_100, 1, after, 0, "file"),
    ]


def test_malformed_chunks_are_refused_and_counted_and_the_conversation_goes_on(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    graph.connected(audio)
    for number, chunk in enumerate(first_turns()):
        if number == 10:
            for bad in malformed():
                audio.publish(conversions.chunk_to_msg(bad))
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: len(utterances) >= 2, "two utterances")
    assert [utterance.text for utterance in utterances] == [
        "did you have a good weekend",
        "yes i took the train to the mountains with my sister",
    ]
    health = asr.health()
    assert health.values["refused chunks"] == len(malformed())
    assert "malformed" in health.message
    last = graph.wait(
        lambda: activities[-1].transcribed_until == activities[-1].header.stamp and activities[-1],
        "the watermark",
    )
    end_ns = conversions.to_ns(utterances[-1].header.stamp) + conversions.to_ns(utterances[-1].duration)
    assert conversions.to_ns(last.last_utterance_end) == end_ns


def test_the_robot_does_not_hear_itself(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    robot = graph.publisher(Bool, "/robot_speaking")
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    graph.connected(audio)
    graph.connected(robot)
    robot.publish(Bool(data=True))
    graph.wait(lambda: asr._deaf, "the robot's word that it speaks")
    chunks = first_turns()
    for chunk in (chunk for chunk in chunks if chunk.stamp_ns < 3e9):
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(
        lambda: asr.health().values["queue length"] == "0" and asr._hearing.meter._arrived_ns >= 3e9, "it"
    )
    robot.publish(Bool(data=False))
    graph.wait(lambda: not asr._deaf, "the robot's word that it is done")
    for chunk in (chunk for chunk in chunks if chunk.stamp_ns >= 3e9):
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: utterances, "the second turn")
    assert utterances[0].text == "yes i took the train to the mountains with my sister"


def test_deactivation_publishes_what_was_heard(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    graph.connected(audio)
    for chunk in first_turns():
        if chunk.stamp_ns < 2.5e9 and len(chunk.samples):
            audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: activities and conversions.to_ns(activities[-1].header.stamp) > 2.3e9, "the audio")
    assert not utterances, "the turn is not over for the endpointer"
    asr.trigger_deactivate()
    graph.wait(lambda: utterances, "the utterance")
    assert utterances[0].text == "did you have a good weekend"


def test_diagnostics_say_when_audio_stops_and_when_it_is_over(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    graph.connected(audio)
    *chunks, end = first_turns()[:5] + first_turns()[-1:]
    for chunk in chunks:
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: asr.health().values["missing audio (s)"] == "0.00" and asr.frame_id, "the audio")
    assert "no audio" not in asr.health().message
    asr._hearing.meter._arrived_at_s -= 60
    assert "no audio has arrived for 60 s" in asr.health().message
    end = replace(end, first_sample=8_000, stamp_ns=500_000_000, frame_id="file")
    audio.publish(conversions.chunk_to_msg(end))
    graph.wait(lambda: asr.health().message == "the audio is over", "the end")
