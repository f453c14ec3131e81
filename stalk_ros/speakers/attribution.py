"""Utterances with their speakers: split where the voice changes, never inside a word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.speakers.clustering import STEP_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.events import Utterance, Word
    from stalk_ros.speakers.clustering import VoicePath

_UNSPACED = ("ja", "zh", "yue", "th", "lo", "my", "km")
"""Languages written without spaces between words."""

_SURE_AFTER_S = 1.0
"""Less speech than this is too short to be sure whose it is."""


@dataclass
class _Part:
    voice: int
    words: list[Word]


def attributed(utterance: Utterance, path: VoicePath, names: Sequence[str]) -> list[Utterance]:
    """The utterance, or its parts, with their speakers.

    Args:
        utterance: as it was transcribed.
        path: whose voice is heard in it.
        names: speaker ids by voice index.

    Returns:
        One utterance, or several that cover it: the first keeps its id, the last its end.
    """
    parts = _parts(utterance, path)
    if not utterance.final:
        # A partial is one line that grows: it has the voice of its end.
        return [_named(utterance, path, slice(0, len(path.voices)), names, parts[-1].voice)]
    if len(parts) == 1:
        whole = slice(0, len(path.voices))
        return [_named(utterance, path, whole, names, parts[0].voice)]
    edges_ns = [utterance.start_ns]
    for before, after in pairwise(parts):
        edges_ns.append(_edge_ns(utterance, path, before, after))
    edges_ns.append(utterance.end_ns)
    space = "" if utterance.language.split("-")[0] in _UNSPACED else " "
    result = []
    for number, part in enumerate(parts):
        start_ns, end_ns = edges_ns[number], edges_ns[number + 1]
        piece = replace(
            utterance,
            utterance_id=utterance.utterance_id if number == 0 else f"u{start_ns // 1_000_000}",
            start_ns=start_ns,
            end_ns=end_ns,
            text=space.join(word.text for word in part.words),
            words=tuple(part.words),
            confidence=float(np.mean([word.probability for word in part.words])),
        )
        steps = _span(utterance, start_ns, end_ns, len(path.voices))
        result.append(_named(piece, path, steps, names, part.voice))
    return result


def _parts(utterance: Utterance, path: VoicePath) -> list[_Part]:
    """Runs of words of one voice; a single one without words when the engine gave none."""
    parts: list[_Part] = []
    for word in utterance.words:
        steps = path.voices[_span(utterance, word.start_ns, word.end_ns, len(path.voices))]
        voice = int(np.bincount(steps).argmax())
        if parts and parts[-1].voice == voice:
            parts[-1].words.append(word)
        else:
            parts.append(_Part(voice, [word]))
    return parts or [_Part(int(np.bincount(path.voices).argmax()), [])]


def _edge_ns(utterance: Utterance, path: VoicePath, before: _Part, after: _Part) -> int:
    """Where the voice changes, but between the words."""
    first_ns, last_ns = before.words[-1].end_ns, after.words[0].start_ns
    steps = _span(utterance, before.words[-1].start_ns, after.words[0].end_ns, len(path.voices))
    changed = np.flatnonzero(path.voices[steps] == after.voice)
    step = steps.start + int(changed[0]) if len(changed) else steps.stop
    change_ns = utterance.start_ns + seconds_to_ns(step * STEP_S)
    return min(max(change_ns, first_ns), max(first_ns, last_ns))


def _span(utterance: Utterance, start_ns: int, end_ns: int, count: int) -> slice:
    """The steps from one time to another, at least one."""
    start_s, end_s = ns_to_seconds(start_ns - utterance.start_ns), ns_to_seconds(end_ns - utterance.start_ns)
    first = min(max(0, int(start_s / STEP_S)), count - 1)
    return slice(first, min(count, max(first + 1, int(np.ceil(end_s / STEP_S)))))


def _named(
    utterance: Utterance, path: VoicePath, steps: slice, names: Sequence[str], voice: int
) -> Utterance:
    own = path.voices[steps] == voice
    similarity = float(path.confidences[steps][own].mean()) if own.any() else 0.0
    certainty = min(1.0, ns_to_seconds(utterance.end_ns - utterance.start_ns) / _SURE_AFTER_S)
    return replace(utterance, speaker_id=names[voice], speaker_confidence=similarity * certainty)
