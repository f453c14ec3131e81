"""Enrolling somebody from an audio file."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from stalk_ros.audio import AudioFile, AudioStream
from stalk_ros.errors import UserError
from stalk_ros.events import Utterance, Word
from stalk_ros.speakers import SpeakerStage
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.speakers import SpeakerParameters

_STEP_NS = 250_000_000


def enroll(name: str, path: Path, parameters: SpeakerParameters) -> str:
    """Enrol who speaks in a file; returns the id of the voice.

    Args:
        name: of the person, who may be enrolled already.
        path: the audio file.
        parameters: choose the engine and the store.

    Raises:
        UserError: the file cannot be read, holds too little speech or several voices, or see `People.enrol`.
    """
    audio = AudioFile(path, start_ns=time.time_ns())
    speakers = SpeakerStage.load(parameters)
    speech = SpeechStage.without_engine(SpeechParameters(partials=False))
    stream = AudioStream()
    for chunk in audio.chunks():
        for block in stream.push(chunk):
            speakers.hear(block)
            for item in speech.listen(block):
                if isinstance(item, Segment):
                    speakers.attribute(_utterance(item))
    try:
        return speakers.enrolments.from_all(name)
    except UserError as error:
        raise UserError(f"'{path}': {error}") from None


def _utterance(segment: Segment) -> Utterance:
    """A segment with a word in every step, so that it is split where the voice changes."""
    edges_ns = [*range(segment.start_ns, segment.end_ns, _STEP_NS), segment.end_ns]
    words = tuple(Word("word", start_ns, end_ns, 1.0) for start_ns, end_ns in itertools.pairwise(edges_ns))
    return Utterance("", segment.start_ns, segment.end_ns, "words", words)
