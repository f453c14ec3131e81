"""What is won by waiting until the speaker of an utterance is final.

Each recording is a session of its own, once for each delay. ``--data DIR`` takes the recordings below DIR
instead of the sample, all together. Prints a row for each delay; ``--plot FILE`` draws them, beside what
spectral clustering and perfect labels make of the same utterances (see `spectral`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import diarization
import tables
import takes
from diarization import together

from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends.ge2e import GE2E

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

DELAYS_S = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
# Of Okabe and Ito's colours, which also those tell apart who see fewer.
_BLUE, _VERMILION, _GREEN = "#0072B2", "#D55E00", "#009E73"


def report(options: Namespace) -> None:
    """Measure, print and draw what came out."""
    engine = takes.Remembering(GE2E(SpeakerParameters()))
    heard = takes.chosen(options.data)
    tables.head(
        *("settle_s", "DER %", "missed", "false alarm", "confused", "voices right", "settled after (s)")
    )
    rates: list[float] = []
    for delay_s in DELAYS_S:
        results = [diarization.live(take, engine, SpeakerParameters(settle_s=delay_s)) for take in heard]
        errors = together(way for way, _ in results)
        rates.append(errors.rate or 0.0)
        tables.row(
            f"{delay_s:g}",
            *map(tables.percent, (errors.rate, *errors.parts)),
            f"{sum(way.voices == take.voices for (way, _), take in zip(results, heard, strict=True))}"
            f" of {len(heard)}",
            f"{max(settled_s for _, settled_s in results):.2f}",
        )
    at_once = [diarization.measure(take, engine) for take in heard]
    spectral = together(result.clustered for result in at_once).rate or 0.0
    perfect = together(result.split for result in at_once).rate or 0.0
    print(f"\nSpectral clustering {tables.percent(spectral)} %, perfect labels {tables.percent(perfect)} %")
    if options.plot:
        plot(options.plot, rates, spectral, perfect)


def plot(file: Path, rates: Sequence[float], spectral: float, perfect: float) -> None:
    """Draw the rates at `DELAYS_S` and, for comparison, the other two; the same bytes for the same rates."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "stalk_ros", "font.size": 11})
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(DELAYS_S, [100 * rate for rate in rates], "o-", color=_BLUE, label="live")
    axes.axhline(100 * spectral, ls="--", color=_VERMILION, label="spectral, of the whole recording")
    axes.axhline(100 * perfect, ls=":", color=_GREEN, label="perfect labels")
    default_s = SpeakerParameters().settle_s
    axes.axvline(default_s, lw=0.8, color="0.5")
    axes.text(default_s, 0.02, " default", color="0.4", transform=axes.get_xaxis_transform())
    axes.set_xscale("log")
    axes.set_xticks(DELAYS_S, [f"{delay_s:g}" for delay_s in DELAYS_S])
    axes.minorticks_off()
    axes.set_xlabel("audio after the end of an utterance until its speaker is final (s)")
    axes.set_ylabel("diarization error rate (%)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.15)
    axes.legend(frameon=False)
    figure.savefig(file, format="svg", metadata={"Date": None})
