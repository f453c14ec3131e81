"""Curves of measures over the values of a parameter."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.evaluation.figures import Figure
    from stalk_ros.offline.evaluation.runs import Run

_FORMATS = (".svg", ".png", ".pdf")
_PANEL_INCHES = (6.4, 2.6)


def check_format(path: Path) -> None:
    """Make sure that it can be drawn.

    Raises:
        UserError: it is none of the formats.
    """
    if path.suffix.lower() not in _FORMATS:
        raise UserError(f"--plot draws {', '.join(_FORMATS)}, not '{path}'")


def plotted(parameter: str, default: Any, runs: dict[Any, Run], figures: list[Figure], path: Path) -> bytes:
    """A file with a panel for each measure: the values, their 95 % intervals, and where the default is.

    Args:
        parameter: its name, for the axis.
        default: its default.
        runs: each value to what was measured.
        figures: the measures.
        path: tells the format by its suffix.
    """
    import matplotlib
    from matplotlib.figure import Figure as Drawing

    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in runs)
    values = list(runs)
    places = dict(zip(values, values if numbers else range(len(values)), strict=True))
    width, height = _PANEL_INCHES
    drawing = Drawing(figsize=(width, height * len(figures)), layout="constrained")
    panels = drawing.subplots(len(figures), sharex=True, squeeze=False)[:, 0]
    for panel, figure in zip(panels, figures, strict=True):
        _draw(panel, figure, {places[value]: run for value, run in runs.items()}, "o-" if numbers else "o")
        if default in places:
            panel.axvline(places[default], color="0.5", linestyle="--", linewidth=1, label="default")
        panel.legend(frameon=False)
    panels[-1].set_xlabel(parameter)
    if not numbers:
        panels[-1].set_xticks(list(places.values()), [str(value) for value in places])
    drawn = io.BytesIO()
    form = path.suffix.lower().removeprefix(".")
    # Without a date and with numbers that do not change, the same runs make the same file.
    with matplotlib.rc_context({"svg.hashsalt": "stalk_ros"}):
        drawing.savefig(drawn, format=form, metadata={} if form == "png" else {_DATE[form]: None})
    return drawn.getvalue()


_DATE = {"svg": "Date", "pdf": "CreationDate"}


def _draw(panel: Any, figure: Figure, runs: dict[Any, Run], style: str) -> None:
    found = {place: figure.of(run.scores) for place, run in sorted(runs.items())}
    measured = {place: interval for place, interval in found.items() if interval is not None}
    values = [figure.scale * interval.value for interval in measured.values()]
    ends = [
        (interval.value, interval.value) if interval.low is None else (interval.low, interval.high)
        for interval in measured.values()
    ]
    lengths = [
        [abs(figure.scale * end - value) for value, end in zip(values, side, strict=True)]
        for side in zip(*ends, strict=True)
    ]
    panel.errorbar(list(measured), values, lengths or None, fmt=style, capsize=3, label="95 % interval")
    panel.set_ylabel(figure.title)
    panel.grid(alpha=0.3)
