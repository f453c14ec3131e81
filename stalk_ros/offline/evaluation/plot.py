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
        _draw(panel, figure, {places[value]: run for value, run in runs.items()})
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


def _draw(panel: Any, figure: Figure, runs: dict[Any, Run]) -> None:
    measured = {
        place: found for place, run in sorted(runs.items()) if (found := figure.of(run.scores)) is not None
    }
    panel.plot(list(measured), [figure.scale * found.value for found in measured.values()], "o-", color="C0")
    sure = {
        place: (figure.scale * found.low, figure.scale * found.high)
        for place, found in measured.items()
        if found.low is not None and found.high is not None
    }
    if sure:
        lows, highs = zip(*sure.values(), strict=True)
        panel.fill_between(list(sure), lows, highs, color="C0", alpha=0.2, linewidth=0, label="95 %")
    panel.set_ylabel(figure.title)
    panel.grid(alpha=0.3)
