"""Between the messages and the classes the stages use."""

from __future__ import annotations

import array
from typing import TYPE_CHECKING

import numpy as np
from builtin_interfaces.msg import Duration, Time
from std_msgs.msg import Header

import stalk_ros.msg as msg
from stalk_ros.audio import AudioChunk
from stalk_ros.clock import NANOSECONDS
from stalk_ros.events import (
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Trigger,
    Utterance,
    VoiceActivity,
    Word,
)

if TYPE_CHECKING:
    from typing import Any


def to_ns(stamp: Time | Duration) -> int:
    """A time or duration in nanoseconds."""
    return int(stamp.sec) * NANOSECONDS + int(stamp.nanosec)


def to_time(time_ns: int) -> Time:
    """Nanoseconds as a time."""
    sec, nanosec = divmod(time_ns, NANOSECONDS)
    return Time(sec=sec, nanosec=nanosec)


def to_duration(duration_ns: int) -> Duration:
    """Nanoseconds as a duration."""
    sec, nanosec = divmod(duration_ns, NANOSECONDS)
    return Duration(sec=sec, nanosec=nanosec)


def header(time_ns: int, frame_id: str) -> Header:
    """A header; ``frame_id`` is the microphone's name."""
    return Header(stamp=to_time(time_ns), frame_id=frame_id)


def chunk_to_msg(chunk: AudioChunk) -> msg.AudioChunk:
    """An `AudioChunk` as a message."""
    return msg.AudioChunk(
        header=header(chunk.stamp_ns, chunk.frame_id),
        first_sample=chunk.first_sample,
        sample_rate=chunk.sample_rate_hz,
        channels=chunk.channels,
        samples=array.array("h", chunk.samples.tobytes()),
    )


def chunk_from_msg(message: msg.AudioChunk) -> AudioChunk:
    """An `AudioChunk` from a message."""
    return AudioChunk(
        np.frombuffer(message.samples, np.int16),
        message.sample_rate,
        message.channels,
        message.first_sample,
        to_ns(message.header.stamp),
        message.header.frame_id,
    )


def activity_to_msg(activity: VoiceActivity, frame_id: str) -> msg.VoiceActivity:
    """A `VoiceActivity` as a message."""
    return msg.VoiceActivity(
        header=header(activity.time_ns, frame_id),
        speech=activity.speech,
        probability=activity.probability,
        duration=to_duration(activity.duration_ns),
        transcribed_until=to_time(activity.transcribed_until_ns),
        last_utterance_end=to_time(activity.last_utterance_end_ns),
        muted=activity.muted,
    )


def activity_from_msg(message: msg.VoiceActivity) -> VoiceActivity:
    """A `VoiceActivity` from a message."""
    return VoiceActivity(
        to_ns(message.header.stamp),
        message.speech,
        message.probability,
        to_ns(message.duration),
        to_ns(message.transcribed_until),
        to_ns(message.last_utterance_end),
        message.muted,
    )


def utterance_to_msg(utterance: Utterance, frame_id: str) -> msg.SpeakerUtterance:
    """An `Utterance` as a message."""
    return msg.SpeakerUtterance(
        header=header(utterance.start_ns, frame_id),
        utterance_id=utterance.utterance_id,
        duration=to_duration(utterance.end_ns - utterance.start_ns),
        speaker_id=utterance.speaker_id,
        speaker_name=utterance.speaker_name,
        speaker_confidence=utterance.speaker_confidence,
        overlapped=utterance.overlapped,
        overlapping_speaker_ids=list(utterance.overlapping_speaker_ids),
        text=utterance.text,
        language=utterance.language,
        confidence=utterance.confidence,
        words=[
            msg.Word(
                text=word.text,
                start=to_duration(word.start_ns - utterance.start_ns),
                end=to_duration(word.end_ns - utterance.start_ns),
                probability=word.probability,
            )
            for word in utterance.words
        ],
        final=utterance.final,
    )


def utterance_from_msg(message: msg.SpeakerUtterance) -> Utterance:
    """An `Utterance` from a message."""
    start_ns = to_ns(message.header.stamp)
    words = (
        Word(word.text, start_ns + to_ns(word.start), start_ns + to_ns(word.end), word.probability)
        for word in message.words
    )
    return Utterance(
        message.utterance_id,
        start_ns,
        start_ns + to_ns(message.duration),
        message.text,
        tuple(words),
        message.language,
        message.confidence,
        message.speaker_id,
        message.speaker_name,
        message.speaker_confidence,
        message.overlapped,
        tuple(message.overlapping_speaker_ids),
        message.final,
    )


def state_to_msg(state: ConversationState, frame_id: str) -> msg.ConversationState:
    """A `ConversationState` as a message."""
    return msg.ConversationState(
        header=header(state.time_ns, frame_id),
        silence=state.silence_s,
        awkwardness=state.awkwardness,
        reasons=list(state.reasons),
        speakers=list(state.speakers),
        talk_share=list(state.talk_share),
        robot_speaking=state.robot_speaking,
        barge_in=state.barge_in,
        topic=state.topic,
    )


def state_from_msg(message: msg.ConversationState) -> ConversationState:
    """A `ConversationState` from a message."""
    return ConversationState(
        to_ns(message.header.stamp),
        message.silence,
        message.awkwardness,
        tuple(message.reasons),
        tuple(message.speakers),
        tuple(message.talk_share),
        message.robot_speaking,
        message.topic,
        message.barge_in,
    )


def suggestion_to_msg(suggestion: Suggestion, frame_id: str) -> msg.TopicSuggestion:
    """A `Suggestion` as a message."""
    fields: dict[str, Any] = {
        name: getattr(suggestion, name)
        for name in (
            "suggestion_id",
            "text",
            "language",
            "topic",
            "rationale",
            "awkwardness",
            "confidence",
            "source",
        )
    }
    return msg.TopicSuggestion(
        header=header(suggestion.time_ns, frame_id),
        status=int(suggestion.status),
        addressed_to=list(suggestion.addressed_to),
        trigger=int(suggestion.trigger),
        valid_until=to_time(suggestion.valid_until_ns),
        **fields,
    )


def suggestion_from_msg(message: msg.TopicSuggestion) -> Suggestion:
    """A `Suggestion` from a message."""
    return Suggestion(
        to_ns(message.header.stamp),
        message.suggestion_id,
        SuggestionStatus(message.status),
        message.text,
        message.language,
        message.topic,
        message.rationale,
        tuple(message.addressed_to),
        Trigger(message.trigger),
        message.awkwardness,
        message.confidence,
        message.source,
        to_ns(message.valid_until),
    )
