"""What Whisper writes although nobody said it.

Whisper learnt from the subtitles of films and videos. Where there is nothing to understand it writes what
stood there ("Thank you for watching", the credit of whoever made the subtitles), what it was given as said
before, or one thing again and again. All of this can be said too, so nothing is removed for its words alone:
Whisper's own scores must speak against it. Of these no speech, log-probability and compression are of a whole
window (what Whisper understands at once), times and probability of each word.

Sources: A. Radford et al. (2022), "Robust speech recognition via large-scale weak supervision", section 4.5;
M. Barański et al. (2025), "Investigation of Whisper ASR hallucinations induced by non-speech audio".
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
import zlib
from dataclasses import replace
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

from stalk_ros.speech.transcription import Removal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NO_SPEECH = 0.6
"""Whisper's threshold. Its base model gave 0.64 to 0.94 to noises and silence and 0.44 at most to speech.

The turbo model gives almost 0 to anything, so with it only the other scores tell.
"""

_UNSURE = -1.0
"""Whisper's threshold of the average log-probability; the base model gave speech -0.8 and more."""

_REPETITIVE = 2.4
"""Whisper's threshold of the compression ratio, above which a text repeats itself more than speech does."""

_IMPROBABLE, _HASTY_S, _DRAWN_S = 0.15, 0.066, 3.0
"""A word of such a probability, as short as this or as long as this was not said.

From here a word is anomalous to OpenAI's own search for hallucinations (``word_anomaly_score``, used with
``hallucination_silence_threshold``): the times of invented words are crammed together or drawn out.
"""

_PACE_S = 0.133
"""Nobody says one word again and again faster; the same source finds shorter words anomalous."""


def heard_nothing(segment: Any) -> bool:
    """Whether a window has no speech: Whisper hears none and fails to understand it.

    Whisper takes a low log-probability for failing. A loop fails too, only does each repetition make the next
    one more probable; Whisper would try again at another temperature until it is rid of the loop.
    """
    failed = segment.avg_logprob <= _UNSURE or segment.compression_ratio > _REPETITIVE
    return bool(segment.no_speech_prob > _NO_SPEECH and failed)


def without_inventions(
    segments: Iterable[Any], before: Sequence[str] = ()
) -> tuple[list[Any], tuple[Removal, ...]]:
    """What was said, and what was not.

    Args:
        segments: of faster-whisper, in order and with words.
        before: texts that the engine was given as said before. It repeats the end of them over noise.

    Returns:
        The segments that stay, unchanged but for loops, of which one occurrence stays; and what was removed.
    """
    echoes = tuple(filter(None, map(_letters, before)))
    kept: list[Any] = []
    removed: list[Removal] = []
    for _, window in groupby(segments, key=lambda segment: segment.seek):
        said, inventions = _part(list(window), echoes)
        kept += said
        removed += inventions
    return kept, tuple(removed)


def _part(window: list[Any], echoes: Sequence[str]) -> tuple[list[Any], list[Removal]]:
    """The same for one window, the segments of which share its scores."""
    scores = window[0]
    if heard_nothing(scores):
        kind = "no speech" if scores.avg_logprob <= _UNSURE else "loop"
        return [], [Removal(kind, _text(window))]
    removed: list[Removal] = []
    if scores.compression_ratio > _REPETITIVE:
        window, repetitions = _without_loops(window)
        removed = [Removal("loop", text) for text in repetitions]
    phantoms = [_is_phantom(segment.text, echoes) for segment in window]
    # A window's scores tell of a phantom where there is nothing else in the window that they could tell of.
    doubted = all(phantoms) and (scores.no_speech_prob > _NO_SPEECH or scores.avg_logprob <= _UNSURE)
    said = []
    for segment, phantom in zip(window, phantoms, strict=True):
        if phantom and (doubted or all(map(_is_impossible, segment.words))):
            removed.append(Removal("phantom", segment.text.strip()))
        else:
            said.append(segment)
    return said, removed


def _is_impossible(word: Any) -> bool:
    duration_s = word.end - word.start
    return bool(word.probability < _IMPROBABLE or duration_s < _HASTY_S or duration_s > _DRAWN_S)


def _is_phantom(text: str, echoes: Sequence[str]) -> bool:
    """Whether a text is a phantom, once or repeated, or has no letter at all, like the notes of a song."""
    letters = _letters(text)
    if not letters:
        return True
    phrase = letters[: (letters + letters).find(letters, 1)]
    return bool(_phantoms().fullmatch(phrase)) or any(echo.endswith(phrase) for echo in echoes)


@functools.cache
def _phantoms() -> re.Pattern[str]:
    """The table, whichever the language: Whisper writes them in others than the one it is to understand.

    They are what users of openai/whisper, whisper.cpp and faster-whisper report; ``*`` is a name or a year.
    """
    path = resources.files("stalk_ros.speech.backends").joinpath("whisper_phantoms.json")
    table: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    phrases = {".{1,20}".join(map(_letters, phrase.split("*"))) for of in table.values() for phrase in of}
    return re.compile("|".join(sorted(phrases)))


def _letters(text: str) -> str:
    """Letters, marks and digits alone, so that no way of writing makes a difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LMN")


def _text(segments: Iterable[Any]) -> str:
    return "".join(segment.text for segment in segments).strip()


def _without_loops(window: list[Any]) -> tuple[list[Any], list[str]]:
    """Leave one occurrence of the longest repetition, and so on until the text compresses as speech does."""
    words = [(number, word) for number, segment in enumerate(window) for word in segment.words]
    removed = []
    while _compression_ratio(word for _, word in words) > _REPETITIVE:
        loop = _longest_loop([word for _, word in words])
        if loop is None:
            break
        removed.append("".join(word.word for _, word in words[loop]).strip())
        del words[loop]
    if _compression_ratio(word for _, word in words) > _REPETITIVE:
        for index, (number, word) in enumerate(words):
            shorter, rest = _without_stutter(word)
            if rest:
                words[index] = number, shorter
                removed.append(rest)
    if not removed:
        return window, []
    said: list[list[Any]] = [[] for _ in window]
    for number, word in words:
        said[number].append(word)
    return [
        replace(segment, words=left, text="".join(word.word for word in left))
        for segment, left in zip(window, said, strict=True)
        if left
    ], removed


def _compression_ratio(words: Iterable[Any]) -> float:
    """As Whisper computes it."""
    text = "".join(word.word for word in words).strip().encode()
    return len(text) / len(zlib.compress(text))


def _longest_loop(words: Sequence[Any]) -> slice | None:
    """What comes after the first occurrence in the longest run of the same words, three times or more.

    The last time may be incomplete where the text ends with it.
    """
    indices = [index for index, word in enumerate(words) if _letters(word.word)]
    texts = [_letters(words[index].word) for index in indices]
    loops = []
    for period in range(1, len(texts) // 3 + 1):
        for first, end in _runs(texts, period):
            if end < len(texts):
                end -= (end - first) % period
            times = (end - first) / period + 1
            taken_s = words[indices[end - 1]].end - words[indices[first - period]].start
            one_word = len(set(texts[first - period : first])) == 1
            if times >= 3 and not (one_word and taken_s / times >= _PACE_S):
                loops.append((first, end))
    if not loops:
        return None
    first, end = max(loops, key=lambda loop: loop[1] - loop[0])
    return slice(indices[first], indices[end] if end < len(indices) else len(words))


def _runs(texts: Sequence[str], period: int) -> Iterator[tuple[int, int]]:
    """Where each text is the same as the one ``period`` before it: the first, and the one after the last."""
    at = period
    for same, pairs in groupby(zip(texts, texts[period:], strict=False), key=lambda pair: pair[0] == pair[1]):
        end = at + len(list(pairs))
        if same:
            yield at, end
        at = end


def _without_stutter(word: Any) -> tuple[Any, str]:
    """The same within a word, where a language has no spaces or the engine sees none; and what was cut."""
    loop = re.search(r"(.{1,8}?)\1{3,}", word.word)
    if loop is None:
        return word, ""
    times = len(loop[0]) / len(loop[1])
    if (word.end - word.start) / times >= _PACE_S:
        return word, ""
    shorter = word.word[: loop.end(1)] + word.word[loop.end() :]
    return replace(word, word=shorter), word.word[loop.end(1) : loop.end()]
