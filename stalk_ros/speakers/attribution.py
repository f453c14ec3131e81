"""Utterances with their speakers: split where the voice changes, never inside a word.

The path knows which voices are heard, but where one takes over from the other it is certain only within half
a second. Whose each word is, is therefore the likeliest sequence of those voices over the words (Viterbi's
algorithm): a word goes to whom it sounds like, and a change is likelier in a pause and after a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.events import joined
from stalk_ros.speakers.clustering import STEP_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from stalk_ros.events import Utterance, Word
    from stalk_ros.speakers.clustering import VoicePath

    Array = npt.NDArray[np.float64]

SURE_AFTER_S = 1.0
"""Less speech than this is too short to be sure whose it is."""

_SAME_AGAIN = 0.5
"""Something short after a pause is about so often by who spoke before: 42 % of 386 utterances under 1 s that
follow 0.6 to 2 s after another in eight meetings (AMI corpus, which joins what one person says with pauses of
up to 1 s) and in 25 consultations (PriMock57)."""

_TOLERANCE_NS = 500_000_000
"""A word has one of the voices that the path has this close to it."""

_PAUSE_NS = 100_000_000

_CHANGE = -1.1
"""Logarithm of the odds of a change between two words: about four places are within the tolerance of it."""

_AT_PAUSE, _WITHOUT_PAUSE = 1.6, -0.6
"""What a pause adds to them: half of the changes in those dialogues leave 0.1 s or more between the words, a
tenth of the other places in read speech do."""

_AT_SENTENCE_END, _WITHIN_SENTENCE = 2.8, -2.2
"""What the end of a sentence adds to them: 90 % of the turns in those dialogues end with one, of the words
within turns 5 % do."""

_SENTENCE_ENDS = tuple(".?!…。？！")
_CLOSING = "\"'”’»」』)）"
_UNHEARD = 1e-9


@dataclass(frozen=True)
class _Place:
    """A stretch of the utterance with what is said in it: one word, or all of it when no words are known."""

    start_ns: int
    end_ns: int
    words: tuple[Word, ...]


@dataclass(frozen=True)
class _Track:
    """Whose voice is heard in each step of the path.

    Attributes:
        speakers: ids, each once.
        heard: place of a speaker among them, per step.
        probabilities: of each speaker in each step by itself, [steps, speakers].
    """

    speakers: list[str]
    heard: npt.NDArray[np.intp]
    probabilities: Array

    @classmethod
    def of(cls, path: VoicePath, names: Mapping[int, str]) -> _Track:
        """The path by speakers, of whom one may have several voices."""
        speakers = list(dict.fromkeys(names[voice] for voice in path.known.tolist()))
        places = np.array([speakers.index(names[voice]) for voice in path.known.tolist()])
        probabilities = np.zeros((len(path.voices), len(speakers)))
        np.add.at(probabilities.T, places, path.probabilities.T)
        return cls(speakers, places[np.searchsorted(path.known, path.voices)], probabilities)


@dataclass(frozen=True)
class _Part:
    """Consecutive words of one speaker, who begins at ``start_ns``, at the latest with the first word."""

    speaker: int
    start_ns: int
    words: tuple[Word, ...]


def attributed(
    utterance: Utterance, path: VoicePath, names: Mapping[int, str], before: str = ""
) -> list[Utterance]:
    """The utterance, or its parts, with their speakers.

    Args:
        utterance: as it was transcribed.
        path: whose voice is heard in it.
        names: speaker ids by the numbers of the voices that the path knows.
        before: the speaker of the utterance before, "" = nobody.

    Returns:
        One utterance, or several that cover it: the first keeps its id, the last its end.
    """
    track = _Track.of(path, names)
    parts = _parts(utterance, track, before)
    if len(parts) == 1 or not utterance.final:
        # A partial is one line that grows: it has the voice of its end.
        return [_named(utterance, utterance, track, parts[-1])]
    ends_ns = [*(part.start_ns for part in parts[1:]), utterance.end_ns]
    result: list[Utterance] = []
    for part, end_ns in zip(parts, ends_ns, strict=True):
        piece = part_of(utterance, part.start_ns, end_ns, part.words)
        result.append(_named(piece, utterance, track, part))
    return result


def part_of(utterance: Utterance, start_ns: int, end_ns: int, words: tuple[Word, ...]) -> Utterance:
    """A part of an utterance, with an id of its own unless it is the first one."""
    first = start_ns == utterance.start_ns
    return replace(
        utterance,
        utterance_id=utterance.utterance_id if first else f"u{start_ns // 1_000_000}",
        start_ns=start_ns,
        end_ns=end_ns,
        text=joined((word.text for word in words), utterance.language),
        words=words,
        confidence=float(np.mean([word.probability for word in words])),
    )


def _named(piece: Utterance, utterance: Utterance, track: _Track, part: _Part) -> Utterance:
    """The piece of the utterance with the speaker of its part."""
    steps = _steps(utterance, part.start_ns, piece.end_ns, len(track.heard))
    similarity = float(track.probabilities[steps, part.speaker].mean())
    certainty = min(1.0, ns_to_seconds(piece.end_ns - piece.start_ns) / SURE_AFTER_S)
    return replace(piece, speaker_id=track.speakers[part.speaker], speaker_confidence=similarity * certainty)


def _parts(utterance: Utterance, track: _Track, before: str) -> list[_Part]:
    """Runs of words of one speaker. A run that is left without time is part of its neighbour."""
    places = _places(utterance)
    parts: list[_Part] = []
    end_ns = utterance.start_ns
    for place, speaker in zip(places, _likeliest(utterance, places, track, before), strict=True):
        since_ns = (
            _since_ns(utterance, track, speaker, end_ns, place.start_ns) if parts else utterance.start_ns
        )
        if parts and since_ns == utterance.end_ns:
            speaker = parts[-1].speaker
        words = place.words
        while parts and (parts[-1].speaker == speaker or parts[-1].start_ns == since_ns):
            neighbour = parts.pop()
            since_ns, words = neighbour.start_ns, neighbour.words + words
        parts.append(_Part(speaker, since_ns, words))
        end_ns = place.end_ns
    return parts


def _places(utterance: Utterance) -> list[_Place]:
    """The words one after another inside the utterance: times that do not fit together are bent."""
    places: list[_Place] = []
    end_ns = utterance.start_ns
    for word in utterance.words:
        start_ns = min(max(end_ns, word.start_ns), utterance.end_ns)
        end_ns = min(max(start_ns, word.end_ns), utterance.end_ns)
        places.append(_Place(start_ns, end_ns, (word,)))
    return places or [_Place(utterance.start_ns, utterance.end_ns, ())]


def _likeliest(utterance: Utterance, places: Sequence[_Place], track: _Track, before: str) -> list[int]:
    """The speaker of each place."""
    evidence = _evidence(utterance, places, track)
    if utterance.end_ns - utterance.start_ns < seconds_to_ns(SURE_AFTER_S):
        evidence[0] += _prior(track.speakers, before)
    else:
        evidence[~_near(utterance, places, track)] = -np.inf
    total = np.zeros(len(track.speakers))
    origins: list[npt.NDArray[np.intp]] = []
    for cost, likelihoods in zip([0.0, *_costs(utterance.words)], evidence, strict=True):
        best = int(total.argmax())
        stay = total >= total[best] - cost
        origins.append(np.where(stay, np.arange(len(total)), best))
        total = np.where(stay, total, total[best] - cost) + likelihoods
    speakers = [int(total.argmax())]
    for origin in reversed(origins[1:]):
        speakers.append(int(origin[speakers[-1]]))
    return speakers[::-1]


def _evidence(utterance: Utterance, places: Sequence[_Place], track: _Track) -> Array:
    """Log-likelihoods of the speakers in each place, [places, speakers]."""
    edges_s = np.arange(len(track.heard) + 1) * STEP_S
    starts_s = np.array([[ns_to_seconds(place.start_ns - utterance.start_ns)] for place in places])
    ends_s = np.array([[ns_to_seconds(place.end_ns - utterance.start_ns)] for place in places])
    overlaps_s = np.minimum(ends_s, edges_s[1:]) - np.maximum(starts_s, edges_s[:-1])
    logarithms = np.log(np.maximum(track.probabilities, _UNHEARD))
    likelihoods: Array = np.maximum(overlaps_s, 0.0) / STEP_S @ logarithms
    return likelihoods


def _prior(speakers: Sequence[str], before: str) -> Array:
    """Logarithms of how probable each speaker is in something short after a pause."""
    count = len(speakers)
    if before not in speakers or count == 1:
        return np.zeros(count)
    prior = np.full(count, (1 - _SAME_AGAIN) / (count - 1))
    prior[speakers.index(before)] = _SAME_AGAIN
    logarithms: Array = np.log(prior)
    return logarithms


def _near(utterance: Utterance, places: Sequence[_Place], track: _Track) -> npt.NDArray[np.bool_]:
    """Whether the path has a speaker close to each place, [places, speakers]."""
    near = np.zeros((len(places), len(track.speakers)), np.bool_)
    for row, place in enumerate(places):
        start_ns, end_ns = place.start_ns - _TOLERANCE_NS, place.end_ns + _TOLERANCE_NS
        near[row, track.heard[_steps(utterance, start_ns, end_ns, len(track.heard))]] = True
    return near


def _costs(words: Sequence[Word]) -> list[float]:
    """What a change of voice costs after each word but the last; it is never a gain."""
    ends = [word.text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS) for word in words]
    costs = []
    for number, (one, other) in enumerate(pairwise(words)):
        odds = _CHANGE + (_AT_PAUSE if other.start_ns - one.end_ns >= _PAUSE_NS else _WITHOUT_PAUSE)
        # An engine that never ends a sentence writes no punctuation.
        if any(ends):
            odds += _AT_SENTENCE_END if ends[number] else _WITHIN_SENTENCE
        costs.append(max(0.0, -odds))
    return costs


def _since_ns(utterance: Utterance, track: _Track, speaker: int, before_ns: int, after_ns: int) -> int:
    """Where the speaker begins between the end of a word and the start of the next one.

    That is the middle of a pause that the path is too coarse to divide.
    """
    if after_ns - before_ns <= _TOLERANCE_NS:
        return (before_ns + after_ns) // 2
    steps = _steps(utterance, before_ns, after_ns, len(track.heard))
    changed = np.flatnonzero(track.heard[steps] == speaker)
    step = steps.start + int(changed[0]) if len(changed) else steps.stop
    return min(max(utterance.start_ns + seconds_to_ns(step * STEP_S), before_ns), after_ns)


def _steps(utterance: Utterance, start_ns: int, end_ns: int, count: int) -> slice:
    """The steps from one time to another, at least one."""
    start_s, end_s = ns_to_seconds(start_ns - utterance.start_ns), ns_to_seconds(end_ns - utterance.start_ns)
    first = min(max(0, int(start_s / STEP_S)), count - 1)
    return slice(first, min(count, max(first + 1, int(np.ceil(end_s / STEP_S)))))
