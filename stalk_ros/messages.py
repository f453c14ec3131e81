"""Between the messages in ``msg/``, whichever library has made them, and the classes the stages use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

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
    import numpy.typing as npt


class MessageLibrary(Protocol):
    """What makes messages, such as rclpy or a reader of bags."""

    def make(self, name: str, **fields: Any) -> Any:
        """A message of a type such as ``std_msgs/msg/Header``."""

    def numbers(self, values: npt.NDArray[Any]) -> Any:
        """An array of numbers as a field of a message."""


class Messages:
    """Makes messages out of events and audio.

    ``frame_id`` is the microphone's name.
    """

    def __init__(self, library: MessageLibrary) -> None:
        self._make = library.make
        self._numbers = library.numbers

    def time(self, time_ns: int) -> Any:
        """Nanoseconds as a ``builtin_interfaces/Time``."""
        sec, nanosec = divmod(time_ns, NANOSECONDS)
        return self._make("builtin_interfaces/msg/Time", sec=sec, nanosec=nanosec)

    def duration(self, duration_ns: int) -> Any:
        """Nanoseconds as a ``builtin_interfaces/Duration``."""
        sec, nanosec = divmod(duration_ns, NANOSECONDS)
        return self._make("builtin_interfaces/msg/Duration", sec=sec, nanosec=nanosec)

    def header(self, time_ns: int, frame_id: str) -> Any:
        """A ``std_msgs/Header``."""
        return self._make("std_msgs/msg/Header", stamp=self.time(time_ns), frame_id=frame_id)

    def chunk(self, chunk: AudioChunk) -> Any:
        """An ``AudioChunk``."""
        return self._make(
            "stalk_ros/msg/AudioChunk",
            header=self.header(chunk.stamp_ns, chunk.frame_id),
            first_sample=chunk.first_sample,
            sample_rate=chunk.sample_rate_hz,
            channels=chunk.channels,
            samples=self._numbers(chunk.samples),
        )

    def activity(self, activity: VoiceActivity, frame_id: str) -> Any:
        """A ``VoiceActivity``."""
        return self._make(
            "stalk_ros/msg/VoiceActivity",
            header=self.header(activity.time_ns, frame_id),
            speech=activity.speech,
            probability=activity.probability,
            duration=self.duration(activity.duration_ns),
            transcribed_until=self.time(activity.transcribed_until_ns),
            last_utterance_end=self.time(activity.last_utterance_end_ns),
            muted=activity.muted,
        )

    def utterance(self, utterance: Utterance, frame_id: str) -> Any:
        """A ``SpeakerUtterance``."""
        return self._make(
            "stalk_ros/msg/SpeakerUtterance",
            header=self.header(utterance.start_ns, frame_id),
            utterance_id=utterance.utterance_id,
            duration=self.duration(utterance.end_ns - utterance.start_ns),
            speaker_id=utterance.speaker_id,
            speaker_name=utterance.speaker_name,
            speaker_confidence=utterance.speaker_confidence,
            overlapped=utterance.overlapped,
            overlapping_speaker_ids=list(utterance.overlapping_speaker_ids),
            text=utterance.text,
            language=utterance.language,
            confidence=utterance.confidence,
            words=[self._word(word, utterance.start_ns) for word in utterance.words],
            final=utterance.final,
        )

    def state(self, state: ConversationState, frame_id: str) -> Any:
        """A ``ConversationState``."""
        return self._make(
            "stalk_ros/msg/ConversationState",
            header=self.header(state.time_ns, frame_id),
            silence=state.silence_s,
            awkwardness=state.awkwardness,
            reasons=list(state.reasons),
            speakers=list(state.speakers),
            talk_share=self._numbers(np.array(state.talk_share, np.float32)),
            robot_speaking=state.robot_speaking,
            barge_in=state.barge_in,
            topic=state.topic,
        )

    def suggestion(self, suggestion: Suggestion, frame_id: str) -> Any:
        """A ``TopicSuggestion``."""
        return self._make(
            "stalk_ros/msg/TopicSuggestion",
            header=self.header(suggestion.time_ns, frame_id),
            suggestion_id=suggestion.suggestion_id,
            status=int(suggestion.status),
            text=suggestion.text,
            language=suggestion.language,
            topic=suggestion.topic,
            rationale=suggestion.rationale,
            addressed_to=list(suggestion.addressed_to),
            trigger=int(suggestion.trigger),
            awkwardness=suggestion.awkwardness,
            confidence=suggestion.confidence,
            source=suggestion.source,
            valid_until=self.time(suggestion.valid_until_ns),
        )

    def _word(self, word: Word, start_ns: int) -> Any:
        return self._make(
            "stalk_ros/msg/Word",
            text=word.text,
            start=self.duration(word.start_ns - start_ns),
            end=self.duration(word.end_ns - start_ns),
            probability=word.probability,
        )


def to_ns(stamp: Any) -> int:
    """A ``builtin_interfaces/Time`` or ``Duration`` in nanoseconds."""
    return int(stamp.sec) * NANOSECONDS + int(stamp.nanosec)


def chunk_from_msg(message: Any) -> AudioChunk:
    """An `AudioChunk` from a message."""
    return AudioChunk(
        np.frombuffer(message.samples, np.int16),
        message.sample_rate,
        message.channels,
        message.first_sample,
        to_ns(message.header.stamp),
        message.header.frame_id,
    )


def activity_from_msg(message: Any) -> VoiceActivity:
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


def utterance_from_msg(message: Any) -> Utterance:
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


def state_from_msg(message: Any) -> ConversationState:
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


def suggestion_from_msg(message: Any) -> Suggestion:
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
