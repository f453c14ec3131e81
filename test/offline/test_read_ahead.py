"""Listening ahead of the conversation."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stalk_ros.audio import AudioChunk, AudioFile, AudioStream
from stalk_ros.errors import UserError
from stalk_ros.offline.configuration import load
from stalk_ros.offline.conversation import Conversation
from stalk_ros.offline.read_ahead import read_ahead
from stalk_ros.offline.recording import RobotSpeech
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage

if TYPE_CHECKING:
    from pathlib import Path


class Engines:
    """Stands in for engines side by side: remembers what it is to expect, and is busy when it is told to."""

    def __init__(self, limit: int) -> None:
        self.expected: list[bytes] = []
        self.asked = 0
        self._limit = limit

    @property
    def busy(self) -> bool:
        return len(self.expected) - self.asked >= self._limit

    def expect(self, audio: np.ndarray) -> None:
        self.expected.append(audio.tobytes())


def segments(items, parameters: SpeechParameters) -> list[bytes]:
    """What the conversation asks for."""
    conversation = SpeechStage.without_engine(parameters)
    stream, found = AudioStream(), []
    for item in items:
        if isinstance(item, RobotSpeech):
            conversation.robot_spoke(item.speaking)
            continue
        for block in stream.push(item):
            found += [
                part.audio.tobytes() for part in conversation.listen(block) if isinstance(part, Segment)
            ]
    return found


def beginning(sample: Path, seconds: float) -> list[AudioChunk]:
    chunks = list(AudioFile(sample).chunks())
    return [*chunks[: round(seconds * 10)], chunks[-1]]


def test_it_expects_just_what_the_conversation_will_ask_for(sample: Path) -> None:
    chunks = beginning(sample, 30)
    items = [*chunks[:50], RobotSpeech(True), *chunks[50:100], RobotSpeech(False), *chunks[100:]]
    parameters = SpeechParameters(partials=False)
    engines = Engines(1000)
    assert list(read_ahead(items, parameters, engines)) == items
    assert engines.expected == segments(items, parameters)
    assert len(engines.expected) >= 4


def test_it_waits_while_the_engines_have_enough_to_do(sample: Path) -> None:
    chunks = beginning(sample, 20)
    engines = Engines(2)
    ahead = read_ahead(iter(chunks), SpeechParameters(partials=False), engines)
    next(ahead)
    assert len(engines.expected) == 2
    for _ in ahead:
        if engines.busy:
            engines.asked += 1
    assert len(engines.expected) > 3


def test_the_audio_of_an_utterance_is_not_kept(sample: Path) -> None:
    class Forgetful(Engines):
        """Knows which audio is still there."""

        def expect(self, audio: np.ndarray) -> None:
            super().expect(audio)
            alive.append(weakref.ref(audio))

    alive: list[weakref.ref] = []
    chunks = beginning(sample, 30)
    ahead = read_ahead(chunks, SpeechParameters(partials=False), Forgetful(1000))
    for _ in chunks:
        next(ahead)
    assert len(alive) >= 4
    assert [audio for audio in alive if audio() is not None] == []


def test_silence_is_not_read_to_its_end(sample: Path) -> None:
    silent = AudioChunk(np.zeros(16_000, np.int16), 16_000, 1, 0, 0)
    given = []

    def silence():
        for second in range(1000):
            given.append(second)
            yield AudioChunk(silent.samples, 16_000, 1, second * 16_000, second * 10**9)

    next(read_ahead(silence(), SpeechParameters(partials=False), Engines(2)))
    assert len(given) <= 125


def test_the_events_are_the_same_as_without(sample: Path) -> None:
    def run(ahead: bool) -> list:
        conversation = Conversation(load(None, ("asr.partials=false", "asr.backend=pocketsphinx")))
        chunks = beginning(sample, 15)
        items = conversation.ahead(chunks) if ahead else iter(chunks)
        events = [event for item in items for event in conversation.feed(item)]
        conversation.close()
        return events

    assert run(True) == run(False)


def test_what_comes_before_a_damage_is_there_before_the_error(sample: Path) -> None:
    chunks = beginning(sample, 3)

    def damaged():
        yield from chunks
        raise UserError("it is damaged")

    ahead, got = read_ahead(damaged(), SpeechParameters(partials=False), Engines(2)), []
    with pytest.raises(UserError, match="it is damaged"):
        got.extend(ahead)
    assert got == chunks
