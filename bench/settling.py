"""What is won by waiting until the speaker of an utterance is final.

Each recording is a session of its own, once for each delay and condition (see `conditions`). ``--data DIR``
takes the recordings below DIR instead of the sample, all together. Prints a row for each delay; ``--plot
FILE`` draws them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import diarization
import tables
import takes
from conditions import CONDITIONS
from diarization import together

from stalk_ros.speakers import SpeakerParameters

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

DELAYS_S = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
# Of Okabe and Ito's colours, which also those tell apart who see fewer, with a mark each.
_LINES = {
    "as it is": ("#0072B2", "o"),
    "pink noise, 10 dB SNR": ("#D55E00", "s"),
    "telephone line": ("#009E73", "^"),
}


def report(options: Namespace) -> None:
    """Measure, print and draw what came out."""
    engine = takes.Remembering(takes.engine(options))
    recorded = takes.chosen(options.data)
    heard = {name: [takes.take(take.path, CONDITIONS[name](take)) for take in recorded] for name in _LINES}
    tables.head("settle_s", *(f"{name}: {figure}" for name in _LINES for figure in ("DER %", "voices right")))
    rates: dict[str, list[float]] = {name: [] for name in _LINES}
    for delay_s in DELAYS_S:
        cells = []
        for name, altered in heard.items():
            ways = [
                diarization.live(take, engine, SpeakerParameters(settle_s=delay_s))[0] for take in altered
            ]
            rates[name].append(together(ways).rate or 0.0)
            right = sum(way.voices == take.voices for way, take in zip(ways, altered, strict=True))
            cells += [tables.percent(rates[name][-1]), f"{right} of {len(altered)}"]
        tables.row(f"{delay_s:g}", *cells)
    if options.plot:
        plot(options.plot, rates)


def plot(file: Path, rates: dict[str, list[float]]) -> None:
    """Draw the rates at `DELAYS_S`; the same bytes for the same rates."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "stalk_ros", "font.size": 11})
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name, (colour, mark) in _LINES.items():
        axes.plot(DELAYS_S, [100 * rate for rate in rates[name]], f"{mark}-", color=colour, label=name)
    axes.set_xscale("log")
    axes.set_xticks(DELAYS_S, [f"{delay_s:g}" for delay_s in DELAYS_S])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("settle_s: audio after an utterance that may change its speaker (s)")
    axes.set_ylabel("diarization error rate (%)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(file, format="svg", metadata={"Date": None})
