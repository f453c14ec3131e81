from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import ROBOT, ConversationState, VoiceActivity
from stalk_ros.offline.configuration import load
from stalk_ros.offline.exports import Context, Document, JsonDocument, created

CONFIGURATION = load(None, ("asr.backend=pocketsphinx", "topic_recommender.offer_at=0.6"))


def activity(time_s: float, speech: bool) -> VoiceActivity:
    return VoiceActivity(seconds_to_ns(time_s + 0.25), speech, 0.5, seconds_to_ns(0.25), 0)


def state(time_s: float, awkwardness: float, *reasons: str) -> ConversationState:
    return ConversationState(seconds_to_ns(time_s), 0.0, awkwardness, reasons)


def context(times, problem: str = "", **engines: str) -> Context:
    return Context(SimpleNamespace(name="meeting", problem=problem), times, CONFIGURATION, engines)


@pytest.fixture
def content(heard):
    def of(*events, length_s: float = 60.0):
        document = Document(context(heard(length_s), "cut off", asr="pocketsphinx"))
        for event in events:
            document.write(event)
        return document.content()

    return of


def test_it_says_what_the_recording_is_and_how_it_was_heard(content) -> None:
    made = content()
    assert made["recording"] == {
        "name": "meeting",
        "duration": 60.0,
        "problem": "cut off",
        "streams": [[0.0, 60.0]],
    }
    assert made["engines"] == {"asr": "pocketsphinx"}
    assert made["parameters"]["asr"]["backend"] == {"value": "pocketsphinx", "default": "auto"}
    assert list(made["parameters"]) == ["asr", "diarization", "topic_recommender"]
    assert made["awkwardness"]["threshold"] == 0.6


def test_nothing_heard_is_a_document_too(content) -> None:
    made = content(length_s=0.0)
    assert made["recording"]["duration"] == 0.0
    for key in ("speakers", "utterances", "speech", "robot_speech", "silences", "suggestions"):
        assert made[key] == []


def test_utterances_are_in_order_and_only_those_that_stand(content, said) -> None:
    late, early = said(5, 6, "b", words=[("b", 5, 6)]), said(1, 2, "a", speaker_name="Ann")
    utterances = content(late, replace(early, final=False), said(3, 4), early)["utterances"]
    assert [utterance["text"] for utterance in utterances] == ["a", "b"]
    assert list(utterances[1]) == [
        "id",
        "start",
        "end",
        "speaker",
        "name",
        "overlapped",
        "overlapping_speakers",
        "text",
        "words",
        "language",
    ]
    assert utterances[1]["words"] == [["b", 5.0, 6.0, 0.5]]


def test_speakers_have_their_shares_of_what_people_said(content, said) -> None:
    speakers = content(
        said(10, 13, "one two", speaker_id="S2", speaker_name="Ann"),
        said(1, 2, "hello", words=[("hello", 1, 2)]),
        said(3, 8, "I am a robot", speaker_id=ROBOT),
        said(20, 20, "", speaker_id="S4"),
        said(30, 34, "three", speaker_id="", speaker_name=""),
    )["speakers"]
    assert [tuple(speaker.values()) for speaker in speakers] == [
        ("S1", None, 1.0, 0.125, 1, 1),
        (ROBOT, None, 5.0, None, 1, 4),
        ("S2", "Ann", 3.0, 0.375, 1, 2),
        ("", None, 4.0, 0.5, 1, 1),
    ]
    assert list(speakers[0]) == ["id", "name", "talk", "share", "utterances", "words"]


def test_silence_is_where_nobody_speaks_for_a_second_nor_the_robot(content, heard) -> None:
    events = [activity(2.0, True), activity(2.1, True), activity(4.0, False), activity(4.9, True)]
    made = content(*events, activity(8.0, False), activity(58.0, True))
    assert made["speech"] == [[2.0, 4.0], [4.9, 8.0], [58.0, 60.0]]
    assert made["silences"] == [[0.0, 2.0], [8.0, 58.0]]
    times = heard(3.0)
    document = Document(context(times))
    document.robot_spoke(True)
    times.hear(next_chunk(times, 5.0))
    document.robot_spoke(False)
    times.hear(next_chunk(times, 60.0))
    made = document.content()
    assert made["robot_speech"] == [[3.0, 5.0]]
    assert made["silences"] == [[0.0, 3.0], [5.0, 60.0]]


def next_chunk(times, until_s: float):
    import numpy as np

    from stalk_ros.audio import AudioChunk

    first = round(times.end_s * 1000)
    samples = np.zeros(round(until_s * 1000) - first, np.int16)
    return AudioChunk(samples, 1000, 1, first, first * 1_000_000)


def test_a_break_between_streams_is_no_silence(heard) -> None:
    times = heard(3.0)
    document = Document(context(times))
    times.hear(replace(next_chunk(times, 6.0), stamp_ns=seconds_to_ns(100.0), first_sample=0))
    made = document.content()
    assert made["recording"]["streams"] == [[0.0, 3.0], [100.0, 103.0]]
    assert made["silences"] == [[0.0, 3.0], [100.0, 103.0]]


def test_the_curve_has_every_state_with_its_reasons(content) -> None:
    curve = content(state(1.0, 0.0625), state(0.5, 0.0), state(1.5, 0.70001, "silence", "a question"))[
        "awkwardness"
    ]["curve"]
    assert curve == [[0.5, 0.0, []], [1.0, 0.062, []], [1.5, 0.7, ["silence", "a question"]]]


def test_a_suggestion_says_when_it_was_withdrawn(content, suggested) -> None:
    first, second = content(suggested(40), suggested(20), suggested(20, 23), suggested(1, 2))["suggestions"]
    assert list(first.items()) == [
        ("id", "t20000"),
        ("time", 20.0),
        ("withdrawn", 23.0),
        ("text", 'And the "lake"?'),
        ("topic", "lake"),
        ("rationale", "because"),
        ("trigger", "silence"),
        ("awkwardness", 0.7),
        ("addressed_to", ["S1"]),
        ("source", "topic_bank"),
        ("valid_until", 30.0),
    ]
    assert (second["id"], second["withdrawn"]) == ("t40000", None)


def test_the_file_has_a_line_for_each_thing_and_is_the_document(tmp_path, heard, said, content) -> None:
    events = (said(1, 2, "안녕 a"), said(3, 4, "b"), state(0.5, 0.0), state(1.0, 0.5, "silence"))
    heard_so = context(heard(60.0))
    export = JsonDocument(created(tmp_path / "a.json"), heard_so)
    for event in events:
        export.write(event)
    heard_so.recording.problem, heard_so.engines["asr"] = "cut off", "pocketsphinx"
    export.close()
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == content(*events)
    lines = text.splitlines()
    assert sum('"text": ' in line for line in lines) == 2
    assert sum("안녕 a" in line for line in lines) == 1
    assert '      [1.0, 0.5, ["silence"]]' in lines
    assert '      "backend": {"value": "pocketsphinx", "default": "auto"},' in lines
