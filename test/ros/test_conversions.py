from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.audio import AudioChunk
from stalk_ros.events import (
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Trigger,
    Utterance,
    VoiceActivity,
    Word,
)
from stalk_ros.ros import conversions

NOW_NS = 1_795_400_000_123_456_789


def test_audio_survives_to_the_sample() -> None:
    samples = np.array([0, 1, -1, 32767, -32768, 42], np.int16)
    chunk = AudioChunk(samples, 48_000, 2, 2**40, NOW_NS, "head")
    back = conversions.chunk_from_msg(conversions.chunk_to_msg(chunk))
    np.testing.assert_array_equal(back.samples, samples)
    assert (back.sample_rate_hz, back.channels, back.first_sample) == (48_000, 2, 2**40)
    assert (back.stamp_ns, back.frame_id) == (NOW_NS, "head")


EVENTS = [
    (
        VoiceActivity(NOW_NS, True, 0.5, 250_000_000, NOW_NS - 1, NOW_NS - 2),
        conversions.activity_to_msg,
        conversions.activity_from_msg,
    ),
    (
        Utterance(
            "u1",
            NOW_NS,
            NOW_NS + 1_500_000_001,
            "안녕하세요, hello",
            (Word("안녕하세요,", NOW_NS, NOW_NS + 7, 0.25), Word("hello", NOW_NS + 8, NOW_NS + 9, 1.0)),
            "ko",
            0.5,
            "S2",
            "Mina",
            0.75,
            True,
            ("S1", "S3"),
            False,
        ),
        conversions.utterance_to_msg,
        conversions.utterance_from_msg,
    ),
    (
        ConversationState(
            NOW_NS, 2.5, 0.5, ("a silence of 2.5 s",), ("S1", "S2"), (0.25, 0.75), True, "piano"
        ),
        conversions.state_to_msg,
        conversions.state_from_msg,
    ),
    (
        Suggestion(
            NOW_NS,
            "t1",
            SuggestionStatus.WITHDRAWN,
            "How is the piano?",
            "en",
            "piano",
            "S1 said so",
            ("S1",),
            Trigger.REQUEST,
            0.5,
            0.25,
            "topic_bank",
            NOW_NS + 5,
        ),
        conversions.suggestion_to_msg,
        conversions.suggestion_from_msg,
    ),
]


@pytest.mark.parametrize(("event", "to_msg", "from_msg"), EVENTS, ids=lambda case: type(case).__name__)
def test_events_survive_to_the_nanosecond(event: object, to_msg: object, from_msg: object) -> None:
    message = to_msg(event, "head")
    assert message.header.frame_id == "head"
    assert from_msg(message) == event
