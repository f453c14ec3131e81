"""Utterances with their speakers: split where the voice changes, never inside a word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.events import joined
from stalk_ros.speakers.clustering import STEP_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from stalk_ros.events import Utterance, Word
    from stalk_ros.speakers.clustering import VoicePath

_SURE_AFTER_S = 1.0
"""Less speech than this is too short to be sure whose it is."""


@dataclass
class _Part:
    """Consecutive words of one voice, which begins at ``start_ns``, at the latest at the first word."""

    voice: int
    start_ns: int
    words: list[Word]


def attributed(utterance: Utterance, path: VoicePath, names: Mapping[int, str]) -> list[Utterance]:
    """The utterance, or its parts, with their speakers.

    Args:
        utterance: as it was transcribed.
        path: whose voice is heard in it.
        names: speaker ids by number of the voice.

    Returns:
        One utterance, or several that cover it: the first keeps its id, the last its end.
    """
    parts = _parts(utterance, path)
    if len(parts) == 1 or not utterance.final:
        # A partial is one line that grows: it has the voice of its end.
        return [_named(utterance, path, slice(0, len(path.voices)), names, parts[-1].voice)]
    ends_ns = [*(part.start_ns for part in parts[1:]), utterance.end_ns]
    result: list[Utterance] = []
    for part, end_ns in zip(parts, ends_ns, strict=True):
        piece = replace(
            utterance,
            utterance_id=f"u{part.start_ns // 1_000_000}" if result else utterance.utterance_id,
            start_ns=part.start_ns,
            end_ns=end_ns,
            text=joined((word.text for word in part.words), utterance.language),
            words=tuple(part.words),
            confidence=float(np.mean([word.probability for word in part.words])),
        )
        steps = _span(utterance, part.start_ns, end_ns, len(path.voices))
        result.append(_named(piece, path, steps, names, part.voice))
    return result


def _parts(utterance: Utterance, path: VoicePath) -> list[_Part]:
    """Runs of words of one voice; a single one without words when the engine gave none.

    Times of words that do not fit together are bent: words are inside the utterance and follow each other. A
    run that is left without time is part of its neighbour.
    """
    parts: list[_Part] = []
    end_ns = utterance.start_ns
    for word in utterance.words:
        before_ns = end_ns
        start_ns = min(max(before_ns, word.start_ns), utterance.end_ns)
        end_ns = min(max(start_ns, word.end_ns), utterance.end_ns)
        voice = _most_heard(path.voices[_span(utterance, word.start_ns, word.end_ns, len(path.voices))])
        since_ns = _since_ns(utterance, path, voice, before_ns, start_ns) if parts else utterance.start_ns
        if parts and since_ns == utterance.end_ns:
            voice = parts[-1].voice
        words = [word]
        while parts and (parts[-1].voice == voice or parts[-1].start_ns == since_ns):
            neighbour = parts.pop()
            since_ns, words = neighbour.start_ns, neighbour.words + words
        parts.append(_Part(voice, since_ns, words))
    return parts or [_Part(_most_heard(path.voices), utterance.start_ns, [])]


def _most_heard(voices: npt.NDArray[np.intp]) -> int:
    return int(np.bincount(voices).argmax())


def _since_ns(utterance: Utterance, path: VoicePath, voice: int, before_ns: int, after_ns: int) -> int:
    """Where the voice begins between the end of a word and the start of the next one."""
    steps = _span(utterance, before_ns, after_ns, len(path.voices))
    changed = np.flatnonzero(path.voices[steps] == voice)
    step = steps.start + int(changed[0]) if len(changed) else steps.stop
    return min(max(utterance.start_ns + seconds_to_ns(step * STEP_S), before_ns), after_ns)


def _span(utterance: Utterance, start_ns: int, end_ns: int, count: int) -> slice:
    """The steps from one time to another, at least one."""
    start_s, end_s = ns_to_seconds(start_ns - utterance.start_ns), ns_to_seconds(end_ns - utterance.start_ns)
    first = min(max(0, int(start_s / STEP_S)), count - 1)
    return slice(first, min(count, max(first + 1, int(np.ceil(end_s / STEP_S)))))


def _named(
    utterance: Utterance, path: VoicePath, steps: slice, names: Mapping[int, str], voice: int
) -> Utterance:
    own = path.voices[steps] == voice
    similarity = float(path.confidences[steps][own].mean()) if own.any() else 0.0
    certainty = min(1.0, ns_to_seconds(utterance.end_ns - utterance.start_ns) / _SURE_AFTER_S)
    return replace(utterance, speaker_id=names[voice], speaker_confidence=similarity * certainty)
