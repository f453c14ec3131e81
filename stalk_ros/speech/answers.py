"""What an engine may answer: everything else is an error here, before it can do harm further on."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stalk_ros.errors import EngineError
from stalk_ros.speech.transcription import Removal, TranscribedWord, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
"""What a terminal, a file or ROS 2 would not take as text."""


def checked(transcript: Transcript, duration_s: float, engine: str) -> Transcript:
    """The transcript in Python's own types: text in NFC, words in order and within the audio.

    Args:
        transcript: what the engine answered.
        duration_s: length of the audio that it was given.
        engine: its name, for the message.

    Raises:
        EngineError: something has the wrong type, or a number is not finite.
    """
    try:
        return replace(
            transcript,
            text=_text(transcript.text),
            words=tuple(_words(transcript.words, duration_s)),
            language=_text(transcript.language),
            confidence=_share(transcript.confidence),
            removed=tuple(Removal(_text(item.kind), _text(item.text)) for item in transcript.removed),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise EngineError(f"engine '{engine}' did not answer with a transcript: {error}") from error


def _words(words: Iterable[TranscribedWord], duration_s: float) -> Iterator[TranscribedWord]:
    begun_s = 0.0
    for word in words:
        begun_s = max(begun_s, _seconds(word.start_s, duration_s))
        end_s = max(begun_s, _seconds(word.end_s, duration_s))
        yield TranscribedWord(_text(word.text), begun_s, end_s, _share(word.probability))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", value)).strip()


def _seconds(value: Any, duration_s: float) -> float:
    return min(max(_number(value), 0.0), duration_s)


def _share(value: Any) -> float:
    return min(max(_number(value), 0.0), 1.0)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no finite number")
    return number
