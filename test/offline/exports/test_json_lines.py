from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.events import (
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Trigger,
    Utterance,
    VoiceActivity,
    Word,
)
from stalk_ros.offline.exports import JsonLines, Rttm, created

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN_NS = 1_700_000_000_000_000_000


def at(seconds: float) -> int:
    return ORIGIN_NS + seconds_to_ns(seconds)


UTTERANCE = Utterance(
    "u1500",
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
    "t33900",
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


def lines(*events: Any, origin_ns: int = ORIGIN_NS) -> list[dict[str, Any]]:
    file = io.StringIO()
    writer = JsonLines(file, origin_ns)
    for event in events:
        writer.write(event)
    return [json.loads(line) for line in file.getvalue().splitlines()]


def rttm(*events: Any, recording: str = "meeting") -> list[str]:
    file = io.StringIO()
    writer = Rttm(file, recording, ORIGIN_NS)
    for event in events:
        writer.write(event)
    return file.getvalue().splitlines()


def test_an_utterance_is_a_line_with_seconds_from_the_start() -> None:
    (line,) = lines(UTTERANCE)
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
    named, partial = lines(replace(UTTERANCE, speaker_name="Ann B"), replace(UTTERANCE, final=False))
    assert named == {**line, "name": "Ann B"}
    assert partial == {**line, "final": False}
    (both,) = lines(replace(UTTERANCE, overlapped=True, overlapping_speaker_ids=("S2", "S3")))
    assert both == {**line, "overlapped": True, "overlapping_speakers": ["S2", "S3"]}


def test_a_suggestion_is_a_line_when_it_is_offered_and_when_it_is_withdrawn() -> None:
    offered, withdrawn = lines(
        SUGGESTION, replace(SUGGESTION, status=SuggestionStatus.WITHDRAWN, time_ns=at(35.9), addressed_to=())
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


def test_voice_activity_is_a_line_only_when_it_changes_with_the_time_of_the_change() -> None:
    assert lines(
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


def test_the_state_of_the_conversation_is_no_line() -> None:
    assert lines(ConversationState(at(1), 0.0, 0.0)) == []


def test_every_line_is_out_at_once_and_in_plain_characters() -> None:
    file = io.StringIO()
    JsonLines(file).write(UTTERANCE)
    assert "안녕" in file.getvalue()
    assert file.getvalue().endswith("}\n")


def test_rttm_has_a_line_per_attributed_final_utterance() -> None:
    assert rttm(UTTERANCE) == ["SPEAKER meeting 1 1.500 0.750 <NA> <NA> S1 <NA> <NA>"]
    assert rttm(replace(UTTERANCE, final=False), replace(UTTERANCE, speaker_id=""), SUGGESTION) == []


def test_spaces_in_names_do_not_break_the_fields_of_rttm() -> None:
    (line,) = rttm(replace(UTTERANCE, speaker_name=" Ann\tB "), recording="my  meeting")
    assert line.split() == [
        "SPEAKER",
        "my_meeting",
        "1",
        "1.500",
        "0.750",
        "<NA>",
        "<NA>",
        "Ann_B",
        "<NA>",
        "<NA>",
    ]
    assert len(rttm(UTTERANCE, recording=" ")[0].split()) == 10


def test_an_output_gets_its_folder_and_takes_any_text(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "out.jsonl"
    with created(path) as file:
        file.write("caf\udce9 안녕")
    assert path.read_text(encoding="utf-8") == "caf? 안녕"


def test_an_output_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "out.jsonl"):
        with pytest.raises(
            UserError, match=r"^cannot write '.+': (Is a directory|Not a directory|File exists)$"
        ):
            created(path)
