"""Recordings as the diarization stage gets them, and what it makes of them.

The utterances are those of the asr stage with its real voice activity and endpointing, and with an engine
that takes no time: the one that knows the words where the truth knows when they are said, else one that hears
a word every 0.3 s. So they are split at word times as they are in the product.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import recordings
import stage
import truth
import word_times
from oracle import Oracle

from stalk_ros.audio import SAMPLE_RATE_HZ, Block
from stalk_ros.backends import backend_class
from stalk_ros.clock import ns_to_seconds, samples_to_ns
from stalk_ros.events import Utterance, VoiceActivity
from stalk_ros.offline.evaluation.measures.speakers import annotation, errors
from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends import BACKENDS
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage, TranscribedWord, Transcript
from stalk_ros.speech.backends.silero import SileroVad

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt
    from pyannote.core import Annotation

    from stalk_ros.offline.evaluation.measures.speakers import Errors
    from stalk_ros.speakers import SpeakerEmbedder, SpeakerStage

    Audio = npt.NDArray[np.float32]

_WORD_S = 0.3


@dataclass(frozen=True)
class Take:
    """A recording, or what became of it on some way to the microphone.

    Attributes:
        known: who spoke when; empty where the truth knows no more than how many there are.
        voices: how many voices there are.
        events: voice activity and final utterances, with the number of the block of 0.1 s that brought them.
    """

    path: Path
    audio: Audio
    known: Annotation
    voices: int
    events: list[tuple[int, Utterance | VoiceActivity]]

    @property
    def utterances(self) -> list[Utterance]:
        """What was said."""
        return [event for _, event in self.events if isinstance(event, Utterance)]

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return len(self.audio) / SAMPLE_RATE_HZ

    def errors(self, heard: Annotation) -> Errors:
        """How far it is from the truth."""
        return errors(self.known, heard, self.duration_s)


@dataclass(frozen=True)
class Settled:
    """An utterance or a part of one whose speaker is final, and when: in seconds after the whole ended."""

    utterance: Utterance
    after_s: float


class Remembering:
    """A `SpeakerEmbedder` that embeds each window once, whoever asks."""

    def __init__(self, engine: SpeakerEmbedder) -> None:
        self.memory: dict[bytes, npt.NDArray[np.float32]] = {}
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def embed(self, windows: Sequence[Audio]) -> npt.NDArray[np.float32]:
        """See `stalk_ros.speakers.embedding.SpeakerEmbedder.embed`."""
        keys = [hashlib.blake2b(np.ascontiguousarray(window), digest_size=16).digest() for window in windows]
        new = {key: window for key, window in zip(keys, windows, strict=True) if key not in self.memory}
        if new:
            self.memory.update(zip(new, self._engine.embed(list(new.values())), strict=True))
        return np.stack([self.memory[key] for key in keys])


class _Metronome(stage.OneWord):
    """A `Transcriber` that takes no time and hears a word every 0.3 s."""

    def transcribe(self, audio: Audio, context: str = "") -> Transcript:
        edges_s = np.arange(0.0, len(audio) / SAMPLE_RATE_HZ, _WORD_S)
        words = tuple(TranscribedWord("word", float(at_s), float(at_s) + _WORD_S, 1.0) for at_s in edges_s)
        return Transcript(" ".join(word.text for word in words), words, "en", 1.0)


def engine(options: Namespace) -> SpeakerEmbedder:
    """The engine that ``--embedder`` and ``--embedder-model`` name.

    Raises:
        UserError: it or its model is missing.
    """
    parameters = SpeakerParameters(backend=options.embedder, model=options.embedder_model)
    made: SpeakerEmbedder = backend_class("bench", BACKENDS, parameters.backend, parameters)(parameters)
    return made


def takes(data: Path | None) -> list[Take]:
    """The recordings whose voices the truth counts."""
    return [take(path) for path in recordings.recordings(data) if truth.voices(path)]


def folders(data: Path | None) -> list[list[Take]]:
    """The recordings of which the truth knows who speaks, by folder."""
    known = (take for take in takes(data) if take.known)
    return [list(group) for _, group in itertools.groupby(known, lambda take: take.path.parent)]


def chosen(data: Path | None) -> list[Take]:
    """The recordings below ``data``, or the sample without, of which the truth knows who speaks."""
    return [take for take in takes(data) if take.known and (data is None or take.path != recordings.SAMPLE)]


def take(path: Path, audio: Audio | None = None) -> Take:
    """A recording; ``audio`` is what is heard of it where that is not all."""
    audio = recordings.samples(path) if audio is None else audio
    words = word_times.words(path)
    engine = Oracle(audio, words) if words else _Metronome()
    speech = SpeechStage(SpeechParameters(partials=False), SileroVad(), engine)
    events: list[tuple[int, Utterance | VoiceActivity]] = []
    last = len(list(stage.blocks(audio))) - 1
    end = Block(np.zeros(0, np.float32), 0, restart=True)
    for number, block in enumerate(itertools.chain(stage.blocks(audio), [end])):
        for item in speech.listen(block):
            if isinstance(item, Segment):
                utterance = speech.transcribe(item)
                if utterance is not None:
                    events.append((min(number, last), utterance))
                item = speech.finish(item, utterance)
            events.append((min(number, last), item))
    return Take(path, audio, annotation(truth.known(path).spans or ()), truth.voices(path), events)


def attributed(
    speakers: SpeakerStage, session: Iterable[Take], one_stream: bool = False
) -> list[list[Settled]]:
    """What the stage makes of takes in one session, each a new stream or all of them one.

    Times are those within the take.
    """
    first_sample = 0
    settled: list[list[Settled]] = []
    for each in session:
        restart = first_sample == 0 or not one_stream
        settled.append(_attributed(speakers, each, first_sample, restart))
        first_sample += len(each.audio)
    return settled


def session_errors(session: Sequence[Take], spoken: Sequence[Annotation]) -> Errors:
    """The errors of a session with one mapping of voices for all takes."""
    duration_s = sum(each.duration_s for each in session)
    return errors(
        _in_a_row(session, [each.known for each in session]), _in_a_row(session, spoken), duration_s
    )


def _in_a_row(session: Sequence[Take], spoken: Sequence[Annotation]) -> Annotation:
    starts_s = np.cumsum([0.0, *(each.duration_s for each in session)])
    return annotation(
        (segment.start + start_s, segment.end + start_s, voice)
        for start_s, said in zip(starts_s, spoken, strict=False)
        for segment, _, voice in said.itertracks(yield_label=True)
    )


def _attributed(speakers: SpeakerStage, each: Take, first_sample: int, restart: bool) -> list[Settled]:
    begun_ns = samples_to_ns(first_sample, SAMPLE_RATE_HZ)
    coming = deque(each.events)
    settled: list[Settled] = []
    for number, block in enumerate(stage.blocks(each.audio, first_sample, restart)):
        speakers.hear(block)
        parts: list[Utterance] = []
        while coming and coming[0][0] == number:
            event = _later(coming.popleft()[1], begun_ns)
            if isinstance(event, Utterance):
                parts += speakers.attribute(event)
            else:
                speakers.follow(event)
            parts += speakers.settled()
        now_ns = block.end_ns - begun_ns
        finals = (_moved(part, -begun_ns) for part in parts if part.final)
        settled += [Settled(part, _since_s(each, part, now_ns)) for part in finals]
    if restart:
        finals = (_moved(part, -begun_ns) for part in speakers.finish())
        settled += [Settled(part, _since_s(each, part, now_ns)) for part in finals]
    return settled


def _since_s(each: Take, part: Utterance, now_ns: int) -> float:
    """How long ago the utterance ended that this is a part of."""
    whole = max((said for said in each.utterances if said.start_ns <= part.start_ns), key=_end_ns)
    return ns_to_seconds(now_ns - whole.end_ns)


def _end_ns(utterance: Utterance) -> int:
    return utterance.end_ns


def _later(event: Utterance | VoiceActivity, shift_ns: int) -> Utterance | VoiceActivity:
    """The same so much later."""
    if isinstance(event, VoiceActivity):
        last_ns = event.last_utterance_end_ns
        return replace(
            event,
            time_ns=event.time_ns + shift_ns,
            transcribed_until_ns=event.transcribed_until_ns + shift_ns,
            last_utterance_end_ns=last_ns and last_ns + shift_ns,
        )
    return _moved(event, shift_ns)


def _moved(utterance: Utterance, shift_ns: int) -> Utterance:
    start_ns = utterance.start_ns + shift_ns
    words = tuple(
        replace(word, start_ns=word.start_ns + shift_ns, end_ns=word.end_ns + shift_ns)
        for word in utterance.words
    )
    return replace(
        utterance,
        utterance_id=f"u{start_ns // 1_000_000}",
        start_ns=start_ns,
        end_ns=utterance.end_ns + shift_ns,
        words=words,
    )
