"""The stages wired in one thread, without ROS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stalk_ros.audio import AudioChunk, AudioStream
from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity
from stalk_ros.offline.read_ahead import read_ahead
from stalk_ros.speakers import SpeakerStage
from stalk_ros.speech import Segment, SideBySide, SpeechStage
from stalk_ros.topics import TopicStage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stalk_ros.audio import Block
    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.recording import Item

    Event = VoiceActivity | Utterance | ConversationState | Suggestion

_MOST_ENGINES = 4
"""So many work side by side at most: PocketSphinx takes 140 MB each."""


class Conversation:
    """A recording in, events out, as the four nodes would publish them.

    Args:
        configuration: parameters of the stages.
        transcribed: called with each utterance as the asr node publishes it, before its speaker is known.

    Raises:
        UserError: an engine or its model is missing.
    """

    def __init__(
        self, configuration: Configuration, transcribed: Callable[[Utterance], None] | None = None
    ) -> None:
        self._stream = AudioStream()
        # What is partial is not known ahead.
        cores = 1 if configuration.asr.partials else min(_MOST_ENGINES, len(os.sched_getaffinity(0)))
        self._speech = SpeechStage.load(configuration.asr, cores)
        self._speakers = SpeakerStage.load(configuration.diarization)
        self._topics = TopicStage.load(configuration.topic_recommender, patient=True)
        self._transcribed = transcribed

    @property
    def engines(self) -> dict[str, str]:
        """The name of each node to that of its engine."""
        return {
            "asr": self._speech.engine.name,
            "diarization": self._speakers.engine.name,
            "topic_recommender": self._topics.engine.name,
        }

    def calls(self) -> Iterator[tuple[str, object, str]]:
        """What takes the time: a name, an engine, and the name of the method that is called."""
        yield "voice activity", self._speech.detector, "probability"
        asr = self._speech.engine
        for engine in asr.engines if isinstance(asr, SideBySide) else (asr,):
            yield "speech to text", engine, "transcribe"
        yield "speaker embedding", self._speakers.engine, "embed"
        yield "topics", self._topics.engine, "recommend"
        yield "topics", self._topics.engine, "summarize"

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
        self._speech.close()

    def ahead(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items of a recording, for `feed`; read ahead where that uses more processor cores."""
        engine = self._speech.engine
        if isinstance(engine, SideBySide):
            return read_ahead(items, self._speech.parameters, engine)
        return iter(items)

    def feed(self, item: Item) -> Iterator[Event]:
        """Add what comes next; yields voice activity, attributed utterances, states and suggestions.

        Raises:
            MalformedAudioError: the chunk is refused.
        """
        if not isinstance(item, AudioChunk):
            self._speech.robot_spoke(item.speaking)
            yield from self._suggest(self._topics.robot_spoke(item.speaking))
            return
        for block in self._stream.push(item):
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
            if self._transcribed is not None:
                self._transcribed(utterance)
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
