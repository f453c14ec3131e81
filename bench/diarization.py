"""Who said what, live, beside what can be had at best from the same utterances and the same windows.

The utterances come from the real voice activity: see `takes`. Spectral clustering and perfect labels are in
`spectral`. Prints a row for each recording and each folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import spectral
import tables
import takes

from stalk_ros.clock import ns_to_seconds
from stalk_ros.offline.evaluation.measures.speakers import Errors, heard
from stalk_ros.speakers import SpeakerParameters, SpeakerStage

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from pyannote.core import Annotation
    from takes import Take

    from stalk_ros.speakers import SpeakerEmbedder


@dataclass(frozen=True)
class Way:
    """What one way to tell who spoke made of a recording."""

    errors: Errors
    voices: int


@dataclass(frozen=True)
class Result:
    """What each way made of a recording.

    Attributes:
        live: the stage, in a session of its own.
        settled_s: how long after the end of an utterance its speaker was final, at most.
        clustered: spectral clustering.
        whole: perfect labels of utterances.
        split: perfect labels of windows.
    """

    take: Take
    live: Way
    settled_s: float
    clustered: Way
    whole: Way
    split: Way


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    tell(takes.takes(options.data), takes.Remembering(takes.engine(options)))


def tell(recordings: Iterable[Take], engine: SpeakerEmbedder) -> None:
    """The report on recordings at hand."""
    tables.head(
        *("recording", "s", "DER %", "missed", "false alarm", "confused", "voices", "settled after (s)"),
        *("spectral: DER %", "voices", "perfect labels of utterances: DER %", "of windows: DER %"),
    )
    tables.by_recording(((take.path, measure(take, engine)) for take in recordings), _row)


def measure(take: Take, engine: SpeakerEmbedder) -> Result:
    """Tell who spoke in a recording in each way."""
    way, settled_s = live(take, engine, SpeakerParameters())
    whole_s = [(ns_to_seconds(said.start_ns), ns_to_seconds(said.end_ns)) for said in take.utterances]
    split_s = [cell.span_s for cell in spectral.cells(take, engine.calibration.window_s)]
    return Result(
        take,
        way,
        settled_s,
        _way(take, spectral.clustered(take, engine)),
        _way(take, spectral.perfect(take, whole_s)),
        _way(take, spectral.perfect(take, split_s)),
    )


def live(take: Take, engine: SpeakerEmbedder, parameters: SpeakerParameters) -> tuple[Way, float]:
    """What the stage makes of a recording in a new session, and when that is settled: see `Result`."""
    (settled,) = takes.attributed(SpeakerStage(parameters, engine), [take])
    utterances = [item.utterance for item in settled]
    voices = {utterance.speaker_id for utterance in utterances} - {""}
    way = Way(take.errors(heard(utterances)), len(voices))
    return way, max((item.after_s for item in settled), default=0.0)


def together(ways: Iterable[Way]) -> Errors:
    """The errors of all recordings."""
    return sum((way.errors for way in ways), Errors())


def _way(take: Take, heard: Annotation) -> Way:
    return Way(take.errors(heard), len(heard.labels()))


def _row(name: str, results: list[Result]) -> None:
    live = together(result.live for result in results)
    tables.row(
        name,
        f"{sum(result.take.duration_s for result in results):.0f}",
        *map(tables.percent, (live.rate, *live.parts)),
        _voices(results, [result.live for result in results]),
        f"{max(result.settled_s for result in results):.2f}",
        tables.percent(together(result.clustered for result in results).rate),
        _voices(results, [result.clustered for result in results]),
        tables.percent(together(result.whole for result in results).rate),
        tables.percent(together(result.split for result in results).rate),
    )


def _voices(results: list[Result], ways: list[Way]) -> str:
    """Found and true ones of one recording; of how many recordings they are right."""
    if len(results) == 1:
        return f"{ways[0].voices} of {results[0].take.voices}"
    right = sum(way.voices == result.take.voices for way, result in zip(ways, results, strict=True))
    return f"right in {right} of {len(results)}"
