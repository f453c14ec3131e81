"""Whether utterances are marked in which two people speak at once, and whether both are named.

The utterances and the voices are those of the part `words`. An utterance is overlapped when the truth has two
people speak at once in it for 0.1 s or more; voices stand for those people who match them best over all.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import recordings
import tables
import takes
import truth
import words

from stalk_ros.clock import ns_to_seconds

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stalk_ros.events import Utterance
    from stalk_ros.speakers import SpeakerEmbedder

_LEAST_S = 0.1


@dataclass(frozen=True)
class Result:
    """Seconds of overlap, and numbers of utterances; ``rightly`` named are only such as speak."""

    overlap_s: float = 0.0
    in_marked_s: float = 0.0
    utterances: int = 0
    overlapped: int = 0
    marked: int = 0
    right: int = 0
    named: int = 0
    rightly: int = 0

    def __add__(self, other: Result) -> Result:
        """Both together."""
        return Result(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


def report(options: Namespace) -> None:
    """Measure, and print a row for each recording and each folder."""
    tables.head(
        "recording",
        "overlap, s",
        "of it in marked utterances, s",
        "utterances",
        "overlapped",
        "marked",
        "of them rightly",
        "naming others",
        "of them rightly",
    )
    engine = takes.engine(options)
    found = [path for path in recordings.recordings(options.data) if words.spoken(path)]
    tables.by_recording(((path, measure(path, engine)) for path in found), _row)


def measure(path: Path, engine: SpeakerEmbedder) -> Result:
    """Listen to a recording, and compare its marks with the truth."""
    utterances = words.attributed(path, engine)
    people = words.people(path, utterances)
    return sum((_judged(path, utterance, people) for utterance in utterances), Result())


def _judged(path: Path, utterance: Utterance, people: dict[str, str]) -> Result:
    start_s, end_s = ns_to_seconds(utterance.start_ns), ns_to_seconds(utterance.end_ns)
    together_s = 0.0
    speaking: set[str] = set()
    for one, other in combinations(truth.known(path).spans or (), 2):
        shared_s = min(one[1], other[1], end_s) - max(one[0], other[0], start_s)
        if one[2] != other[2] and shared_s > 0:
            together_s += shared_s
            speaking |= {one[2], other[2]}
    overlapped, marked = together_s >= _LEAST_S, utterance.overlapped
    others = {people.get(speaker) for speaker in utterance.overlapping_speaker_ids}
    return Result(
        together_s,
        together_s * marked,
        1,
        overlapped,
        marked,
        overlapped and marked,
        bool(others),
        bool(others) and others <= speaking - {people.get(utterance.speaker_id)},
    )


def _row(name: str, results: list[Result]) -> None:
    result = sum(results, Result())
    tables.row(name, f"{result.overlap_s:.1f}", f"{result.in_marked_s:.1f}", *astuple(result)[2:])
