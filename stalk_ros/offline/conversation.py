"""The stages wired in one thread, without ROS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.audio import AudioStream
from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity
from stalk_ros.speakers import SpeakerStage
from stalk_ros.speech import Segment, SpeechStage
from stalk_ros.topics import TopicStage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.audio import AudioChunk, Block
    from stalk_ros.offline.configuration import Configuration

    Event = VoiceActivity | Utterance | ConversationState | Suggestion


class Conversation:
    """Audio chunks in, events out, as the four nodes would publish them.

    Raises:
        UserError: an engine or its model is missing.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._stream = AudioStream()
        self._speech = SpeechStage.load(configuration.asr)
        self._speakers = SpeakerStage.load(configuration.diarization)
        self._topics = TopicStage.load(configuration.topic_recommender, patient=True)

    @property
    def warning(self) -> str:
        """What keeps people from being recognised, "" = nothing."""
        return self._speakers.people.warning

    @property
    def problem(self) -> str:
        """Why the latest suggestion is not the engine's, "" = it is."""
        return self._topics.drafter.problem

    def close(self) -> None:
        """End what runs beside this thread."""
        self._topics.close()

    def feed(self, chunk: AudioChunk) -> Iterator[Event]:
        """Add a chunk; yields voice activity, attributed utterances, states and suggestions as they happen.

        Raises:
            MalformedAudioError: the chunk is refused.
        """
        for block in self._stream.push(chunk):
            yield from self._hear(block)

    def _hear(self, block: Block) -> Iterator[Event]:
        self._speakers.hear(block)
        yield from self._say(self._speakers.settled())
        for item in self._speech.listen(block):
            if isinstance(item, Segment):
                yield from self._write(item)
            else:
                yield item
                yield from self._follow(item)

    def _write(self, segment: Segment) -> Iterator[Event]:
        utterance = self._speech.transcribe(segment)
        if utterance is not None:
            yield from self._say(self._speakers.attribute(utterance))
        if segment.final:
            yield from self._follow(self._speech.finish(segment, utterance))

    def _follow(self, activity: VoiceActivity) -> Iterator[Event]:
        self._speakers.follow(activity)
        yield from self._say(self._speakers.settled())
        yield from self._suggest(self._topics.heard(activity))

    def _say(self, utterances: list[Utterance]) -> Iterator[Event]:
        for utterance in utterances:
            yield utterance
            yield from self._suggest(self._topics.said(utterance))

    def _suggest(self, told: list[ConversationState | Suggestion]) -> Iterator[Event]:
        for event in told:
            yield event
            if isinstance(event, Suggestion):
                self._speakers.offered(event)
