"""Speech to text: the protocol of the engines, and utterances out of what they say."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from stalk_ros.backends import Backend
from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Utterance, Word, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Segment:
    """The audio of one utterance, for the engine.

    Somebody speaks from ``start_ns`` to ``end_ns``; ``audio`` (float32 mono 16 kHz) begins a little earlier,
    at ``audio_start_ns``. ``final`` is false while the speech goes on.
    """

    utterance_id: str
    start_ns: int
    end_ns: int
    audio_start_ns: int
    audio: npt.NDArray[np.float32] = field(repr=False)
    final: bool = True


@dataclass(frozen=True)
class TranscribedWord:
    """A word with its times in seconds from the start of the audio and its probability in [0, 1]."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class Removal:
    """Text that the engine wrote although nobody said it; ``kind`` is "no speech", "phantom" or "loop"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Transcript:
    """What an engine understood.

    ``text`` is "" when there was nothing, ``language`` is BCP 47, ``removed`` is what is not in the text
    because the engine invented it.
    """

    text: str
    words: tuple[TranscribedWord, ...]
    language: str
    confidence: float
    removed: tuple[Removal, ...] = ()


class Transcriber(Backend, Protocol):
    """An ASR engine, made from the stage's parameters. One thread at a time calls it.

    Attributes:
        window_s: seconds of audio that a pass computes on at least, however little it is given: 30 for
            Whisper, 0 for an engine whose work grows with the audio. Tells what a partial costs.
    """

    window_s: float

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """Understand one utterance.

        The result depends on the arguments alone, in particular not on what was transcribed before.

        Args:
            audio: float32 mono 16 kHz in [-1, 1], one dimension, not empty.
            context: what was said just before in the same breath, where a long utterance was cut; "" else.
        """


class UtteranceWriter:
    """Turns segments of speech into utterances.

    Partials follow LocalAgreement-2 (Liu et al. 2020, "Low-latency sequence-to-sequence speech recognition
    and translation by partial hypothesis selection"): only the words that two successive passes agree on are
    out, and what is out stays as it is until the final.
    """

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber
        self._partial_of = ""
        self._previous: tuple[Word, ...] = ()
        self._agreed: tuple[Word, ...] = ()

    def write(self, segment: Segment) -> Utterance | None:
        """The utterance in a segment; None when nothing (or, for a partial, nothing new) was understood."""
        transcript = self._transcriber.transcribe(segment.audio)
        text = unicodedata.normalize("NFC", transcript.text).strip()
        words = tuple(_word(word, segment) for word in transcript.words)
        if not segment.final:
            return self._partial(segment, transcript, words)
        if not text:
            return None
        return _utterance(segment, transcript, text, words)

    def _partial(self, segment: Segment, transcript: Transcript, words: tuple[Word, ...]) -> Utterance | None:
        if self._partial_of != segment.utterance_id:
            self._partial_of, self._previous, self._agreed = segment.utterance_id, (), ()
        common = _agreement(self._previous, words)
        self._previous = words
        if common <= len(self._agreed):
            return None
        self._agreed += words[len(self._agreed) : common]
        text = joined((word.text for word in self._agreed), transcript.language)
        return _utterance(segment, transcript, text, self._agreed)


def _utterance(segment: Segment, transcript: Transcript, text: str, words: tuple[Word, ...]) -> Utterance:
    return Utterance(
        segment.utterance_id,
        segment.start_ns,
        segment.end_ns,
        text,
        words,
        transcript.language,
        transcript.confidence,
        final=segment.final,
    )


def _word(word: TranscribedWord, segment: Segment) -> Word:
    """The word in absolute time; the pre-roll may lead an engine to start it before anybody spoke."""

    def placed(seconds: float) -> int:
        return min(max(segment.audio_start_ns + seconds_to_ns(seconds), segment.start_ns), segment.end_ns)

    text = unicodedata.normalize("NFC", word.text)
    return Word(text, placed(word.start_s), placed(word.end_s), word.probability)


def _agreement(one: Sequence[Word], other: Sequence[Word]) -> int:
    """Length of the common beginning of two word sequences."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a.text != b.text:
            return index
    return min(len(one), len(other))
