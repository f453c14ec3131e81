"""What a change costs that should change nothing: the level, noise, a telephone line.

The altered audio goes through all of it, voice activity too, so beside the live stage stand spectral
clustering and perfect labels for the windows of the same utterances (see `spectral`). Each recording is a
session of its own. Prints a row for each folder and condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import alterations
import diarization
import numpy as np
import tables
import takes
from diarization import together

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from alterations import Audio
    from diarization import Result
    from takes import Take

_SNR_DB = 10.0

CONDITIONS: dict[str, Callable[[Take], Audio]] = {
    "as it is": lambda take: take.audio,
    "12 dB louder": lambda take: alterations.louder(take.audio, 12.0),
    "12 dB quieter": lambda take: alterations.louder(take.audio, -12.0),
    "white noise, 10 dB SNR": lambda take: _noisy(take, slope=0.0),
    "pink noise, 10 dB SNR": lambda take: _noisy(take, slope=1.0),
    "telephone line": lambda take: alterations.telephoned(take.audio),
}
"""The first is what the others are compared with."""


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    engine = takes.Remembering(takes.engine(options))
    tables.head(
        *("folder", "condition", "clipped %", "DER %", "difference", "missed", "false alarm", "confused"),
        *("voices right", "spectral: DER %", "perfect labels of windows: DER %"),
    )
    for folder in takes.folders(options.data):
        rates: list[float] = []
        for condition, alter in CONDITIONS.items():
            altered = [takes.take(take.path, alter(take)) for take in folder]
            results = [diarization.measure(take, engine) for take in altered]
            rates.append(together(result.live for result in results).rate or 0.0)
            _row(condition, results, rates[-1] - rates[0])


def _row(condition: str, results: list[Result], difference: float) -> None:
    live = together(result.live for result in results)
    tables.row(
        results[0].take.path.parent.name,
        condition,
        f"{100 * np.mean([alterations.clipped(result.take.audio) for result in results]):.2f}",
        tables.percent(live.rate),
        f"{100 * difference:+.1f}",
        *map(tables.percent, live.parts),
        f"{sum(result.live.voices == result.take.voices for result in results)} of {len(results)}",
        tables.percent(together(result.clustered for result in results).rate),
        tables.percent(together(result.split for result in results).rate),
    )


def _noisy(take: Take, slope: float) -> Audio:
    spoken_s = [(segment.start, segment.end) for segment in take.known.get_timeline()]
    return alterations.noisy(take.audio, spoken_s, _SNR_DB, slope)
