from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import (
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Trigger,
    Utterance,
    VoiceActivity,
    Word,
)
from stalk_ros.offline.exports import JsonLines, created

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.times import RecordingTime

ORIGIN_NS = 1_700_000_000_000_000_000


def at(seconds: float) -> int:
    return ORIGIN_NS + seconds_to_ns(seconds)


UTTERANCE = Utterance(
    f"u{at(1.5) // 1_000_000}",
    at(1.5),
    at(2.25),
    "안녕 you",
    (Word("안녕", at(1.5), at(1.9), 0.98765), Word("you", at(1.9), at(2.2501234), 1.0)),
    "ko",
    0.9,
    "S1",
)
SUGGESTION = Suggestion(
    at(33.9),
    f"t{at(33.9) // 1_000_000}",
    SuggestionStatus.OFFERED,
    "And the mountains?",
    "en",
    "mountains",
    "because",
    ("S1", "S2"),
    Trigger.SILENCE,
    0.5,
    0.7,
    "topic_bank",
    at(43.9),
)


def activity(time_s: float, speech: bool, duration_s: float) -> VoiceActivity:
    return VoiceActivity(at(time_s), speech, 0.9, seconds_to_ns(duration_s), at(time_s))


@pytest.fixture
def times(heard) -> RecordingTime:
    return heard(60.0, ORIGIN_NS)


def records(times: RecordingTime, *events: Any) -> list[dict[str, Any]]:
    file = io.StringIO()
    writer = JsonLines(file, times)
    for event in events:
        writer.write(event)
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_an_utterance_is_a_line_with_seconds_from_the_start(times) -> None:
    (line,) = records(times, UTTERANCE)
    assert list(line.items()) == [
        ("type", "utterance"),
        ("id", "u1500"),
        ("start", 1.5),
        ("end", 2.25),
        ("speaker", "S1"),
        ("name", None),
        ("overlapped", False),
        ("overlapping_speakers", []),
        ("text", "안녕 you"),
        ("words", [["안녕", 1.5, 1.9, 0.988], ["you", 1.9, 2.25, 1.0]]),
        ("language", "ko"),
        ("final", True),
    ]
    named, partial = records(times, replace(UTTERANCE, speaker_name="Ann B"), replace(UTTERANCE, final=False))
    assert named == {**line, "name": "Ann B"}
    assert partial == {**line, "final": False}
    (both,) = records(times, replace(UTTERANCE, overlapped=True, overlapping_speaker_ids=("S2", "S3")))
    assert both == {**line, "overlapped": True, "overlapping_speakers": ["S2", "S3"]}


def test_a_suggestion_is_a_line_when_it_is_offered_and_when_it_is_withdrawn(times) -> None:
    offered, withdrawn = records(
        times,
        SUGGESTION,
        replace(SUGGESTION, status=SuggestionStatus.WITHDRAWN, time_ns=at(35.9), addressed_to=()),
    )
    assert list(offered.items()) == [
        ("type", "suggestion"),
        ("time", 33.9),
        ("id", "t33900"),
        ("status", "offered"),
        ("text", "And the mountains?"),
        ("topic", "mountains"),
        ("trigger", "silence"),
        ("addressed_to", ["S1", "S2"]),
        ("source", "topic_bank"),
        ("valid_until", 43.9),
    ]
    assert withdrawn == {**offered, "status": "withdrawn", "time": 35.9, "addressed_to": []}


def test_voice_activity_is_a_line_only_when_it_changes_with_the_time_of_the_change(times) -> None:
    assert records(
        times,
        activity(0.1, False, 0.1),
        activity(1.6, True, 0.1),
        activity(1.7, True, 0.2),
        activity(3.0, False, 0.6),
        activity(3.1, False, 0.7),
        activity(5.1, True, 0.1),
    ) == [
        {"type": "voice_activity", "time": 1.5, "speech": True},
        {"type": "voice_activity", "time": 2.4, "speech": False},
        {"type": "voice_activity", "time": 5.0, "speech": True},
    ]


def test_the_state_of_the_conversation_is_no_line(times) -> None:
    assert records(times, ConversationState(at(1), 0.0, 0.0)) == []


def test_every_line_is_out_at_once_and_in_plain_characters(times) -> None:
    file = io.StringIO()
    JsonLines(file, times).write(UTTERANCE)
    assert "안녕" in file.getvalue()
    assert file.getvalue().endswith("}\n")


def test_a_probability_is_the_same_in_single_precision_as_messages_have_it(times) -> None:
    for probability in (0.0285, 0.98765, 0.9995, 0.0005):
        word = replace(UTTERANCE.words[0], probability=probability)
        over_ros = replace(word, probability=float(np.float32(probability)))
        here, there = records(times, replace(UTTERANCE, words=(word,)), replace(UTTERANCE, words=(over_ros,)))
        assert here == there


EVENTS = (
    activity(1.6, True, 0.1),
    replace(UTTERANCE, end_ns=at(2.5), final=False),
    replace(UTTERANCE, end_ns=at(2.6), final=False),
    activity(3.0, False, 0.75),
    UTTERANCE,
    replace(UTTERANCE, utterance_id=f"u{at(1.9) // 1_000_000}", start_ns=at(1.9)),
    SUGGESTION,
    replace(SUGGESTION, status=SuggestionStatus.WITHDRAWN),
    activity(34.0, True, 0.1),
)


def written(path: Path, times: RecordingTime, events: Any) -> bytes:
    export = JsonLines(created(path), times)
    for event in events:
        export.write(event)
    live = path.read_bytes()
    export.close()
    assert sorted(path.read_bytes().splitlines()) == sorted(live.splitlines())
    return path.read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(topics=st.permutations([VoiceActivity] * 3 + [Utterance] * 4 + [Suggestion] * 2))
def test_the_file_is_the_same_whichever_topic_was_quicker(topics, tmp_path, heard) -> None:
    queues = {kind: [event for event in EVENTS if isinstance(event, kind)] for kind in set(topics)}
    arrived = [queues[kind].pop(0) for kind in topics]
    times = heard(60.0, ORIGIN_NS)
    content = written(tmp_path / "a.jsonl", times, arrived)
    assert content == written(tmp_path / "b.jsonl", times, EVENTS)
    told = [json.loads(line) for line in content.splitlines()]
    assert [record.get("final") for record in told[1:4]] == [False, False, True]
    starts = [record["start"] if "start" in record else record["time"] for record in told]
    assert starts == sorted(starts)
    assert [record["status"] for record in told if record["type"] == "suggestion"] == ["offered", "withdrawn"]
