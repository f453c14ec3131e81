from __future__ import annotations

import json
from pathlib import Path

import pytest

import stalk_ros.msg as msg
from stalk_ros.audio import AudioFile
from stalk_ros.events import Utterance
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diarization import Diarization

SAMPLE = Path(__file__).parents[2] / "samples" / "conversation.flac"
TURNS = json.loads(SAMPLE.with_suffix(".json").read_text(encoding="utf-8"))["turns"][:4]


@pytest.fixture
def diarization(graph):
    node = graph.add(Diarization())
    node.autostart()
    assert node.active
    return node


def transcript() -> list[msg.SpeakerUtterance]:
    return [
        conversions.utterance_to_msg(
            Utterance(f"u{number}", round(turn["start"] * 1e9), round(turn["end"] * 1e9), turn["text"]),
            "file",
        )
        for number, turn in enumerate(TURNS)
    ]


def audio() -> list[msg.AudioChunk]:
    until_ns = TURNS[-1]["end"] * 1e9
    chunks = (chunk for chunk in AudioFile(SAMPLE).chunks() if chunk.stamp_ns < until_ns)
    return [conversions.chunk_to_msg(chunk) for chunk in chunks]


@pytest.mark.parametrize("first", ["audio", "transcript"])
def test_speakers_are_the_same_whichever_topic_arrives_first(graph, diarization, first) -> None:
    publishers = {
        "audio": graph.publisher(msg.AudioChunk, "audio", qos.audio()),
        "transcript": graph.publisher(msg.SpeakerUtterance, "transcript"),
    }
    utterances = graph.collect(msg.SpeakerUtterance, "utterances")
    for publisher in publishers.values():
        graph.connected(publisher)
    messages = {"audio": audio(), "transcript": transcript()}
    second = "transcript" if first == "audio" else "audio"
    for topic in (first, second):
        for message in messages[topic]:
            publishers[topic].publish(message)
        if topic == first == "transcript":
            graph.wait(lambda: len(diarization._waiting) == len(TURNS), "the transcript")
            assert not utterances
    graph.wait(lambda: len(utterances) == len(TURNS), "every utterance")
    assert [utterance.speaker_id for utterance in utterances] == ["S1", "S2", "S1", "S2"]
    assert [utterance.text for utterance in utterances] == [turn["text"] for turn in TURNS]


def test_what_waits_for_its_audio_is_published_when_the_node_is_deactivated(graph, diarization) -> None:
    publisher = graph.publisher(msg.SpeakerUtterance, "transcript")
    utterances = graph.collect(msg.SpeakerUtterance, "utterances")
    graph.connected(publisher)
    for message in transcript():
        publisher.publish(message)
    graph.wait(lambda: len(diarization._waiting) == len(TURNS), "the transcript")
    diarization.trigger_deactivate()
    graph.wait(lambda: len(utterances) == len(TURNS), "every utterance")
    assert {(utterance.speaker_id, utterance.speaker_confidence) for utterance in utterances} == {("", 0.0)}


def test_it_says_which_model_runs_where_and_what_would_be_better(diarization) -> None:
    health = diarization._health()
    engine = diarization._stage.engine
    told = {name: health.values[name] for name in ("engine", "model", "device")}
    assert told == {"engine": "ge2e", "model": engine.model_id, "device": "cpu"}
    assert "engine 'ge2e' is for demonstrations" in health.message
    assert "stalk models pull resnet34-LM" in health.message
