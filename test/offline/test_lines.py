from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from stalk_ros.audio import AudioChunk
from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import ROBOT, ConversationState, Suggestion, SuggestionStatus, Trigger, Utterance
from stalk_ros.offline.lines import describe
from stalk_ros.offline.times import RecordingTime

ORIGIN_NS = 1_700_000_000_000_000_000
TIMES = RecordingTime()
TIMES.hear(AudioChunk(np.zeros(60_000, np.int16), 1000, 1, 0, ORIGIN_NS))


def shown(event) -> str:
    console = Console(file=io.StringIO(), emoji=False, highlight=False, soft_wrap=True)
    console.print(describe(event, TIMES), end="")
    return console.file.getvalue()


def said(text: str, start_s: float = 0.8, **changes) -> Utterance:
    start_ns = ORIGIN_NS + seconds_to_ns(start_s)
    return Utterance("u1", start_ns, start_ns, text, **{"speaker_id": "S1", **changes})


def suggested(status: SuggestionStatus) -> Suggestion:
    time_ns = ORIGIN_NS + seconds_to_ns(33.9)
    return Suggestion(
        time_ns, "t1", status, "And [you]?", "en", "", "", (), Trigger.SILENCE, 0.5, 0.5, "x", time_ns
    )


@pytest.mark.parametrize("text", ["so it was", "[bold]so[/bold]", "a [/] b", ":smile:", "안녕 「」"])
def test_what_was_said_is_shown_as_it_was_said(text: str) -> None:
    assert shown(said(text)) == f"00:00.8 S1: {text}"


def test_who_said_it_is_shown_by_name_where_it_is_known() -> None:
    assert shown(said("yes", speaker_name="Ann [1]")) == "00:00.8 Ann [1]: yes"
    assert shown(said("yes", speaker_id="")) == "00:00.8 ?: yes"
    assert shown(said("yes", speaker_id=ROBOT)) == "00:00.8 the robot: yes"
    assert shown(said("yes", speaker_id="guest")) == "00:00.8 guest: yes"
    assert shown(said("yes", final=False)) == "00:00.8 S1: yes …"


@pytest.mark.parametrize(("others", "shown_as"), [((), "?"), (("S2",), "S2"), (("S2", "[S3]"), "S2, [S3]")])
def test_who_spoke_at_the_same_time_is_shown(others: tuple[str, ...], shown_as: str) -> None:
    both = said("yes", overlapped=True, overlapping_speaker_ids=others)
    assert shown(both) == f"00:00.8 S1 with {shown_as}: yes"


@pytest.mark.parametrize(
    ("start_s", "clock"), [(0, "00:00.0"), (59.94, "00:59.9"), (59.96, "01:00.0"), (6_000.5, "100:00.5")]
)
def test_the_clock_never_shows_sixty_seconds(start_s: float, clock: str) -> None:
    assert shown(said("yes", start_s)).startswith(f"{clock} ")


def test_a_suggestion_is_shown_with_what_became_of_it() -> None:
    assert shown(suggested(SuggestionStatus.OFFERED)) == "00:33.9 ▶ the robot could say: And [you]?"
    assert shown(suggested(SuggestionStatus.WITHDRAWN)) == "00:33.9 ■ withdrawn: And [you]?"


def test_the_state_is_not_shown() -> None:
    assert describe(ConversationState(ORIGIN_NS, 0.0, 0.0), TIMES) == ""


def test_what_is_told_late_keeps_its_time_when_another_stream_has_begun() -> None:
    times = RecordingTime()
    for first in (0, 60_000, 0):
        times.hear(AudioChunk(np.zeros(60_000, np.int16), 1000, 1, first, ORIGIN_NS + first * 1_000_000))
    assert "01:30.0" in describe(said("yes", 90.0), times)
