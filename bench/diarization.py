"""Who said what, live, beside what can be had at best from the same utterances and the same windows.

The utterances come from the real voice activity: see `takes`. Spectral clustering and perfect labels are in
`spectral`. Prints a row for each recording and each folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import spectral
import speaker_errors
import tables
import takes
from speaker_errors import Errors, errors

from stalk_ros.clock import ns_to_seconds
from stalk_ros.speakers import SpeakerParameters, SpeakerStage
from stalk_ros.speakers.backends.ge2e import GE2E

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable
    from pathlib import Path

    from pyannote.core import Annotation
    from takes import Settled, Take

    from stalk_ros.speakers import SpeakerEmbedder


@dataclass(frozen=True)
class Way:
    """One way to tell who spoke: its errors, None where the truth does not know them, and its voices."""

    errors: Errors | None
    voices: int


@dataclass(frozen=True)
class Result:
    """A recording: live, by spectral clustering, by perfect labels for utterances and for windows.

    ``settled_s`` is how long after the end of an utterance its speaker was final, at most.
    """

    take: Take
    live: Way
    settled_s: float
    clustered: Way
    whole: Way
    split: Way


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    engine = takes.Remembering(GE2E())
    print(f"Engine: {engine.name}\n")
    report_takes(takes.takes(options.data), engine)


def report_takes(recordings: Iterable[Take], engine: SpeakerEmbedder) -> None:
    """The same with recordings and an engine at hand."""
    tables.head(
        *("recording", "s", "DER %", "missed", "false alarm", "confused", "voices", "settled after (s)"),
        *("spectral DER %", "voices", "perfect labels of utterances DER %", "of windows DER %"),
    )
    folders: dict[Path, list[Result]] = {}
    for take in recordings:
        result = measure(take, engine)
        folders.setdefault(take.path.parent, []).append(result)
        tables.row(*_cells(take.path.stem, [result]))
    for folder, results in folders.items():
        if len(results) > 1:
            tables.row(*_cells(f"all of {folder.name}", results))


def measure(take: Take, engine: SpeakerEmbedder) -> Result:
    """Tell who spoke in a recording, in each way."""
    settled = live(take, engine)
    utterances = [item.utterance for item in settled]
    whole = [(ns_to_seconds(said.start_ns), ns_to_seconds(said.end_ns)) for _, said in take.utterances]
    split = [cell.span_s for cell in spectral.cells(take, engine.calibration.window_s)]
    return Result(
        take,
        Way(_errors(take, speaker_errors.heard(utterances)), len({u.speaker_id for u in utterances} - {""})),
        max((item.after_s for item in settled), default=0.0),
        _way(take, spectral.clustered(take, engine)),
        _way(take, spectral.perfect(take, whole)),
        _way(take, spectral.perfect(take, split)),
    )


def live(
    take: Take, engine: SpeakerEmbedder, parameters: SpeakerParameters = SpeakerParameters()
) -> list[Settled]:
    """What a fresh session makes of a recording."""
    (settled,) = takes.attributed(SpeakerStage(parameters, engine), [take])
    return settled


def _way(take: Take, heard: Annotation | None) -> Way:
    return Way(None, 0) if heard is None else Way(_errors(take, heard), len(heard.labels()))


def _errors(take: Take, heard: Annotation) -> Errors | None:
    return None if take.known is None else errors(take.known, heard, take.duration_s)


def _cells(name: str, results: list[Result]) -> list[str]:
    live = _sum([result.live for result in results])
    parts = [live.missed_s, live.false_alarm_s, live.confused_s] if live else []
    return [
        name,
        f"{sum(result.take.duration_s for result in results):.0f}",
        _rate(live),
        *([tables.percent(part / live.speech_s) for part in parts] if live else [""] * 3),
        _voices(results, [result.live for result in results]),
        f"{max(result.settled_s for result in results):.2f}",
        _rate(_sum([result.clustered for result in results])),
        _voices(results, [result.clustered for result in results]),
        _rate(_sum([result.whole for result in results])),
        _rate(_sum([result.split for result in results])),
    ]


def _sum(ways: list[Way]) -> Errors | None:
    """The errors of all whose truth is known, None without any."""
    scored = [way.errors for way in ways if way.errors is not None]
    return sum(scored, Errors()) if scored else None


def _rate(errors: Errors | None) -> str:
    return tables.percent(errors.rate if errors else None)


def _voices(results: list[Result], ways: list[Way]) -> str:
    """Found and true ones of one recording; of how many recordings they are right."""
    if len(results) == 1:
        return f"{ways[0].voices} of {results[0].take.voices}"
    right = sum(way.voices == result.take.voices for way, result in zip(ways, results, strict=True))
    return f"right in {right} of {len(results)}"
