"""How long after it is said a word is out, in audio time, and what partials cost.

Computing takes no audio time here: a result is out when the stage yields its segment. Beside it stands how
long the engine still works on a final then. A final takes over the pass of a partial that heard the same
audio, so that pass counts as its own when the time of partials is compared with that of finals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import passes
import recordings
import tables
import word_times
from engines import engine
from oracle import oracle_stage
from playback import play

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_seconds
from stalk_ros.speech import SpeechParameters

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable
    from pathlib import Path

    from playback import Written

    from stalk_ros.offline.evaluation.references import TimedWord
    from stalk_ros.speech import Segment

_MARGIN_S = 0.3
"""Words this far outside of the detected speech still belong to it."""


@dataclass
class Result:
    """Seconds between what was said and what was written, over all utterances."""

    finals: list[float] = field(default_factory=list)
    computing: list[float] = field(default_factory=list)
    partials: list[float] = field(default_factory=list)
    partial_engine_s: float = 0.0
    final_engine_s: float = 0.0


def report(options: Namespace) -> None:
    """Measure with an engine that knows the truth and with the real one, folder by folder."""
    real = engine(options.whisper)
    folders: dict[Path, list[Path]] = {}
    for path in passes.written_down(options):
        folders.setdefault(path.parent, []).append(path)
    tables.head(
        "engine",
        "recordings",
        "utterances",
        "final after its last word, median / p90 s",
        "then computing, s",
        "with a partial",
        "first partial after the first word, s",
        "engine time of partials / of finals",
    )
    for folder, paths in folders.items():
        _row("oracle", folder.name, measure((path, _oracle(path)) for path in paths))
    for folder, paths in folders.items():
        results = ((path, passes.streamed(path, real).written) for path in paths)
        _row(real.name, folder.name, measure(results))


def measure(results: Iterable[tuple[Path, list[Written]]]) -> Result:
    """The delays in what was written down of recordings."""
    result = Result()
    for path, written in results:
        _add(path, written, result)
    return result


def _add(path: Path, written: list[Written], result: Result) -> None:
    first_partials: dict[str, float] = {}
    ended_s = len(recordings.samples(path)) / SAMPLE_RATE_HZ
    for before, item in zip([None, *written], written, strict=False):
        segment, at_s = item.segment, ns_to_seconds(item.at_ns)
        if not segment.final:
            result.partial_engine_s += item.engine_s
            if item.utterance:
                first_partials.setdefault(segment.utterance_id, at_s)
            continue
        result.final_engine_s += item.engine_s
        if before and _hears_the_same(before.segment, segment):
            result.final_engine_s += before.engine_s
            result.partial_engine_s -= before.engine_s
        said = _said(path, segment)
        if said:
            if at_s < ended_s:  # no final waits for more silence when the recording ends
                result.finals.append(at_s - max(word.end_s for word in said))
            result.computing.append(item.engine_s)
            if segment.utterance_id in first_partials:
                result.partials.append(first_partials[segment.utterance_id] - said[0].start_s)


def _said(path: Path, segment: Segment) -> list[TimedWord]:
    start_s, end_s = ns_to_seconds(segment.start_ns), ns_to_seconds(segment.end_ns)
    words = word_times.words(path)
    return [word for word in words if start_s - _MARGIN_S <= word.middle_s < end_s + _MARGIN_S]


def _hears_the_same(one: Segment, other: Segment) -> bool:
    return one.audio_start_ns == other.audio_start_ns and len(one.audio) == len(other.audio)


def _oracle(path: Path) -> list[Written]:
    audio = recordings.samples(path)
    stage = oracle_stage(audio, word_times.words(path), SpeechParameters(partials=True))
    return list(play(stage, audio))


def _row(name: str, folder: str, result: Result) -> None:
    oracle = name == "oracle"
    tables.row(
        name,
        folder,
        len(result.computing),
        tables.quantiles(result.finals),
        "" if oracle else tables.quantiles(result.computing),
        len(result.partials),
        tables.quantiles(result.partials),
        "" if oracle else f"{result.partial_engine_s / max(result.final_engine_s, 1e-9):.2f}",
    )
