from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.audio import AudioChunk
from stalk_ros.offline.configuration import load
from stalk_ros.offline.conversation import Conversation
from stalk_ros.offline.exports import JsonLines, created
from stalk_ros.offline.times import RecordingTime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

S = 1_000_000_000
NOW_NS = 1_700_000_000 * S


def stream(start_ns: int, length_s: float, first: int = 0, frame_id: str = "mic") -> Iterator[AudioChunk]:
    """Chunks of 0.1 s at 1 kHz."""
    for at in range(0, round(length_s * 1000), 100):
        samples = np.zeros(min(100, round(length_s * 1000) - at), np.int16)
        yield AudioChunk(samples, 1000, 1, first + at, start_ns + at * S // 1000, frame_id)


def end() -> AudioChunk:
    return AudioChunk(np.zeros(0, np.int16), 1000, 1, 0, 0, "mic")


def heard(*parts: Any) -> RecordingTime:
    times = RecordingTime()
    for part in parts:
        for chunk in [part] if isinstance(part, AudioChunk) else part:
            times.hear(chunk)
    return times


@pytest.mark.parametrize("start_ns", [0, NOW_NS, -5 * S, 1])
def test_time_counts_from_the_first_sample_whatever_the_stamps(start_ns) -> None:
    times = heard(stream(start_ns, 5.0, first=160_000), end())
    assert times.seconds(start_ns) == 0.0
    assert times.seconds(start_ns + 1_234_567_890) == 1.235
    assert times.streams == [(0.0, 5.0)]
    assert times.end_s == 5.0
    assert times.origin_ns == start_ns


def test_nothing_heard_has_no_streams() -> None:
    times = heard(end())
    assert (times.streams, times.end_s, times.origin_ns, times.seconds(2 * S)) == ([], 0.0, 0, 2.0)


def test_there_is_no_negative_zero() -> None:
    assert str(heard(stream(NOW_NS, 1.0)).seconds(NOW_NS - 100_000)) == "0.0"


def test_a_stream_follows_after_the_break_that_the_stamps_tell() -> None:
    times = heard(stream(NOW_NS, 5.0), end(), stream(NOW_NS + 3605 * S, 5.0), end())
    assert times.streams == [(0.0, 5.0), (3605.0, 3610.0)]
    assert times.seconds(NOW_NS + 3606 * S) == 3606.0


@pytest.mark.parametrize("start_s", [-5000.0, 0.0, 2.0, 4.95, 3605.1, 100_000.0])
def test_after_a_jump_of_the_clock_a_stream_begins_where_the_last_one_ended(start_s) -> None:
    start_ns = NOW_NS + round(start_s * S)
    times = heard(stream(NOW_NS, 5.0), end(), stream(start_ns, 5.0), end())
    assert times.streams == [(0.0, 5.0), (5.0, 10.0)]
    assert times.seconds(start_ns + S) == 6.0


def test_a_loop_that_nobody_ended_is_a_new_stream() -> None:
    times = heard(stream(NOW_NS, 5.0), stream(NOW_NS, 5.0), stream(NOW_NS, 5.0))
    assert times.streams == [(0.0, 5.0), (5.0, 10.0), (10.0, 15.0)]


def test_an_event_of_the_old_stream_keeps_its_time_when_the_new_one_has_begun() -> None:
    times = heard(stream(NOW_NS, 5.0), end(), stream(NOW_NS, 0.5))
    assert times.seconds(NOW_NS + 4 * S) == 4.0
    assert times.seconds(NOW_NS + S // 2) == 5.5
    late = times.around(NOW_NS + 4 * S)
    assert late.seconds(NOW_NS + 14 * S) == 14.0


def test_what_an_event_names_is_in_its_own_stream() -> None:
    times = heard(stream(NOW_NS, 5.0), end(), stream(NOW_NS - 100 * S, 20.0))
    assert times.around(NOW_NS - 81 * S).seconds(NOW_NS - 71 * S) == 34.0


def test_stamps_that_jitter_and_a_lost_chunk_are_no_break() -> None:
    chunks = list(stream(NOW_NS, 5.0))
    jittered = [
        AudioChunk(
            chunk.samples, 1000, 1, chunk.first_sample, chunk.stamp_ns + (number % 3 - 1) * 50_000_000, "mic"
        )
        for number, chunk in enumerate(chunks)
        if number != 20
    ]
    jittered[0] = chunks[0]
    assert heard(jittered).streams == [(0.0, 5.0)]


def test_a_long_gap_is_a_break() -> None:
    chunks = list(stream(NOW_NS, 5.0))
    assert heard(chunks[:10], chunks[30:]).streams == [(0.0, 1.0), (3.0, 5.0)]


def test_what_comes_twice_or_late_moves_nothing() -> None:
    chunks = list(stream(NOW_NS, 5.0))
    assert heard(chunks[:20], chunks[10], chunks[19], chunks[20:]).streams == [(0.0, 5.0)]


def test_another_microphone_begins_another_stream() -> None:
    times = heard(stream(NOW_NS, 2.0), stream(NOW_NS + 2 * S, 2.0, first=2000, frame_id="other"))
    assert times.streams == [(0.0, 2.0), (2.0, 4.0)]


@pytest.mark.parametrize(("samples", "rate_hz", "channels"), [(10, 0, 1), (10, 1000, 0), (5, 1000, 2)])
def test_what_can_be_no_audio_is_left_out(samples, rate_hz, channels) -> None:
    broken = AudioChunk(np.zeros(samples, np.int16), rate_hz, channels, 0, NOW_NS)
    assert heard(broken).streams == []


def test_a_chunk_of_another_format_is_refused_as_the_stages_refuse_it() -> None:
    chunks = list(stream(NOW_NS, 2.0))
    other = AudioChunk(np.zeros(4000, np.int16), 2000, 1, 2000, NOW_NS + 2 * S, "mic")
    assert heard(chunks, other).streams == [(0.0, 2.0)]


def test_ids_count_from_the_start_as_well() -> None:
    times = heard(stream(NOW_NS, 60.0), end(), stream(NOW_NS, 1.0))
    ms = NOW_NS // 1_000_000
    assert times.own_id(f"u{ms + 30_832}", NOW_NS + 30_832_000_000) == "u30832"
    assert times.own_id(f"t{ms + 34_112}-2", NOW_NS + 36 * S) == "t34112-2"
    assert times.own_id(f"u{ms + 500}", NOW_NS + S // 2) == "u60500"
    assert heard(stream(-5 * S, 5.0)).own_id("u-4168", -4_168_000_000) == "u832"


@pytest.mark.parametrize("start_ns", [0, NOW_NS + 1, NOW_NS + 999_999, NOW_NS + 300_000])
def test_ids_are_the_same_when_audio_begins_within_a_millisecond(start_ns) -> None:
    times = heard(stream(start_ns, 60.0))
    split_ns, offered_ns = start_ns + 39_022_600_000, start_ns + 34_112_000_000
    assert times.own_id(f"u{split_ns // 1_000_000}", split_ns) == "u39022"
    for time_ns in (offered_ns, offered_ns + 700_000_000):
        assert times.own_id(f"t{offered_ns // 1_000_000}", time_ns) == "t34112"


@pytest.mark.parametrize("foreign", ["", "u7", "turn-5", "u12abc", "t", "u٣x", "7"])
def test_ids_of_others_stay_as_they_are(foreign) -> None:
    assert heard(stream(NOW_NS, 5.0)).own_id(foreign, NOW_NS + S) == foreign


ENGINES = ("asr.backend=pocketsphinx", "diarization.backend=ge2e", "topic_recommender.backend=topic_bank")


def events_of(chunks: Iterator[AudioChunk], path: Path) -> list[str]:
    times = RecordingTime()
    export = JsonLines(created(path), times)
    conversation = Conversation(load(None, (*ENGINES, "asr.partials=false")))
    for chunk in chunks:
        times.hear(chunk)
        for event in conversation.feed(chunk):
            export.write(event)
    export.close()
    conversation.close()
    return path.read_text(encoding="utf-8").splitlines()


def cut(audio: np.ndarray, start_ns: int, samples: int) -> Iterator[AudioChunk]:
    for at in range(0, len(audio), samples):
        stamp_ns = start_ns + at * 62_500
        yield AudioChunk(audio[at : at + samples], 16_000, 1, at, stamp_ns, "mic")
    yield AudioChunk(audio[:0], 16_000, 1, len(audio), start_ns + len(audio) * 62_500, "mic")


def test_the_same_audio_gives_the_same_file_whenever_it_was_recorded(sample_audio, tmp_path) -> None:
    audio = np.round(sample_audio[28 * 16_000 : 38 * 16_000] * 32768).astype(np.int16)
    first = events_of(cut(audio, 0, 1600), tmp_path / "a.jsonl")
    assert {json.loads(line)["type"] for line in first} == {"voice_activity", "utterance", "suggestion"}
    for start_ns, samples in ((1_700_000_000_123_456_789, 1600), (-7_000_000, 777)):
        assert events_of(cut(audio, start_ns, samples), tmp_path / "b.jsonl") == first


def test_a_stream_that_comes_again_gives_the_same_again_later(sample_audio, tmp_path) -> None:
    audio = np.round(sample_audio[: 3 * 16_000] * 32768).astype(np.int16)
    once = events_of(cut(audio, NOW_NS, 1600), tmp_path / "a.jsonl")
    twice = events_of([*cut(audio, NOW_NS, 1600), *cut(audio, NOW_NS, 1600)], tmp_path / "b.jsonl")
    assert twice[: len(once)] == once
    assert len(twice) > len(once)
