"""What the tests of the formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.audio import AudioChunk
from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Suggestion, SuggestionStatus, Trigger, Utterance, Word, joined
from stalk_ros.offline.times import RecordingTime

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def heard() -> Callable[..., RecordingTime]:
    """The time of a recording in which this many seconds were heard; nothing at all by default."""

    def of(length_s: float = 0.0, start_ns: int = 0) -> RecordingTime:
        times = RecordingTime()
        times.hear(AudioChunk(np.zeros(round(length_s * 1000), np.int16), 1000, 1, 0, start_ns))
        return times

    return of


@pytest.fixture(scope="session")
def said() -> Callable[..., Utterance]:
    """Makes utterances; ``words`` are [text, start, end]. Times are in seconds."""

    def utterance(start_s: float, end_s: float, text: str = "", **fields: Any) -> Utterance:
        words = tuple(
            Word(word, seconds_to_ns(since_s), seconds_to_ns(until_s), 0.5)
            for word, since_s, until_s in fields.pop("words", ())
        )
        text = text or joined((word.text for word in words), fields.get("language", ""))
        start_ns, end_ns = seconds_to_ns(start_s), seconds_to_ns(end_s)
        made = {"utterance_id": f"u{round(start_s * 1000)}", "speaker_id": "S1", **fields}
        return Utterance(start_ns=start_ns, end_ns=end_ns, text=text, words=words, **made)

    return utterance


@pytest.fixture(scope="session")
def suggested() -> Callable[..., Suggestion]:
    """Makes suggestions; times are in seconds."""

    def suggestion(time_s: float, withdrawn_s: float | None = None) -> Suggestion:
        offered = withdrawn_s is None
        status = SuggestionStatus.OFFERED if offered else SuggestionStatus.WITHDRAWN
        return Suggestion(
            seconds_to_ns(time_s if withdrawn_s is None else withdrawn_s),
            f"t{round(time_s * 1000)}",
            status,
            'And the "lake"?',
            "en",
            "lake",
            "because",
            ("S1",),
            Trigger.SILENCE,
            0.7,
            0.5,
            "topic_bank",
            seconds_to_ns(time_s + 10),
        )

    return suggestion
