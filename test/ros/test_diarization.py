from __future__ import annotations

import json
from pathlib import Path

import pytest

import stalk_ros.msg as msg
from stalk_ros.audio import AudioFile
from stalk_ros.errors import EngineError
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


def test_what_was_offered_is_said_by_the_robot(graph, diarization) -> None:
    suggestions = graph.publisher(msg.TopicSuggestion, "suggestions")
    publishers = [
        graph.publisher(msg.AudioChunk, "audio", qos.audio()),
        graph.publisher(msg.SpeakerUtterance, "transcript"),
    ]
    utterances = graph.collect(msg.SpeakerUtterance, "utterances")
    for publisher in (suggestions, *publishers):
        graph.connected(publisher)
    offer = msg.TopicSuggestion(text=TURNS[2]["text"])
    offer.header.stamp = conversions.to_time(round(TURNS[1]["end"] * 1e9))
    offer.valid_until = conversions.to_time(round(TURNS[2]["end"] * 1e9))
    suggestions.publish(offer)
    graph.wait(lambda: diarization._stage._echo._offers, "the offer")
    for publisher, messages in zip(publishers, (audio(), transcript()), strict=True):
        for message in messages:
            publisher.publish(message)
    graph.wait(lambda: len(utterances) == len(TURNS), "every utterance")
    said = [(utterance.speaker_id, utterance.speaker_name) for utterance in utterances]
    assert said == [("S1", ""), ("S2", ""), (msg.SpeakerUtterance.ROBOT, ""), ("S2", "")]


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


def test_nobody_is_listened_to_after_a_deactivation_that_failed(graph, diarization, monkeypatch) -> None:
    def broken(utterance: Utterance) -> None:
        raise EngineError("broken")

    answers: list[str] = []
    diarization._stage.enrolments.from_next("Ann", 5.0, lambda speaker_id, reason: answers.append(reason))
    diarization._waiting.append(Utterance("u0", 0, 10**9, "words"))
    monkeypatch.setattr(diarization._stage, "attribute", broken)
    diarization.trigger_deactivate()
    assert diarization.last_error == "broken"
    assert answers == ["nobody listens any more"]
