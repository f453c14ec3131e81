"""``stalk sweep``: what a parameter does."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from stalk_ros.errors import UserError
from stalk_ros.offline.configuration import NODES, load
from stalk_ros.offline.evaluation.command import NO_PARTIALS, announced
from stalk_ros.offline.evaluation.evaluating import fill
from stalk_ros.offline.evaluation.figures import MEASURES, measure_figure
from stalk_ros.offline.evaluation.new_file import NewFile
from stalk_ros.offline.evaluation.packages import check_packages, load_packages
from stalk_ros.offline.evaluation.plot import check_format, plotted
from stalk_ros.offline.evaluation.runs import Run, check_replaceable
from stalk_ros.offline.evaluation.tables import Table
from stalk_ros.offline.progress import Terminal, progress

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.evaluation.figures import Figure

_FORMAT = "stalk_ros sweep"
_SHOWN = ("WER", "DER", "cpWER", "lapse precision", "lapse recall")
_MOST_VALUES = 100
_NUMBER = r"\s*([-+]?\d*\.?\d+)\s*"
_RANGE = re.compile(f"{_NUMBER}:{_NUMBER}:{_NUMBER}")


@dataclass(frozen=True)
class Sweep:
    """Values of a parameter, each in a configuration that differs in nothing else.

    Attributes:
        parameter: "node.name".
        default: its default.
        configurations: each value to its configuration, in the order in which they are measured.
    """

    parameter: str
    default: Any
    configurations: dict[Any, Configuration]

    @classmethod
    def read(cls, text: str, params_file: Path | None, assignments: tuple[str, ...]) -> Sweep:
        """Make it from "node.name=V1,V2,…" or "node.name=FIRST:LAST:STEP"; the other parameters as in `load`.

        Raises:
            UserError: there is no such parameter, a value is wrong, or there are not several.
        """
        target, _, values = text.partition("=")
        if target.strip() and not values:
            raise UserError(f"'{text}' names no values: {text.strip(' =')}=V1,V2,… or =FIRST:LAST:STEP")
        parameter = target.strip()
        node, _, name = parameter.partition(".")
        configurations: dict[Any, Configuration] = {}
        for value in _values(values):
            configuration = load(params_file, (NO_PARTIALS, *assignments, f"{parameter}={value}"))
            configurations[getattr(getattr(configuration, node), name)] = configuration
        if len(configurations) < 2:
            raise UserError(f"'{text}' names one value; a sweep has several: V1,V2 or FIRST:LAST:STEP")
        default = next(field.default for field in dataclasses.fields(NODES[node]) if field.name == name)
        return cls(parameter, default, configurations)


def sweep(
    folder: Path,
    swept: Sweep,
    measures: list[str],
    plot: Path | None = None,
    save: Path | None = None,
    topic: str = "",
) -> None:
    """Measure the recordings below a folder with each value, print the table and plot the curves.

    Args:
        folder: holds audio files or bags with their references beside them.
        swept: the values.
        measures: what to show, names of `MEASURES`; empty = the most important ones.
        plot: where to draw the curves, SVG, PNG or PDF, if anywhere.
        save: where to write the runs, if anywhere.
        topic: the audio topic of bags that have more than one.

    Raises:
        UserError: there is nothing to measure, something is missing, or some recordings failed.
        KeyboardInterrupt: it was interrupted; the message says what became of what had been measured.
    """
    check_packages()
    figures = [measure_figure(name) for name in measures] or [MEASURES[name] for name in _SHOWN]
    if plot is not None:
        check_format(plot)
    if save is not None:
        check_replaceable(save, _FORMAT)
    found = announced(folder, topic)
    load_packages()
    runs: dict[Any, Run] = {}
    with contextlib.ExitStack() as stack:
        drawing, file = (
            stack.enter_context(contextlib.closing(NewFile(path))) if path is not None else None
            for path in (plot, save)
        )
        interrupted = False
        console = Terminal()
        try:
            with progress(swept.parameter, found.duration_s * len(swept.configurations), console) as advance:
                for value, configuration in swept.configurations.items():
                    run = Run.begin(folder, configuration)
                    fill(run, found, configuration, advance)
                    runs[value] = run
        except KeyboardInterrupt:
            interrupted = True
        shown = [figure for figure in figures if any(figure.of(run.scores) for run in runs.values())]
        if shown:
            sweep_table(swept, runs, shown).show(console)
            if file is not None:
                file.write(_content(swept, runs))
            if drawing is not None and plot is not None:
                drawing.write(plotted(swept.parameter, swept.default, runs, shown, plot))
    _end(swept, runs, shown, interrupted)


def sweep_table(swept: Sweep, runs: dict[Any, Run], figures: list[Figure]) -> Table:
    """A row for each value."""
    rows = [
        (
            f"{value} (default)" if value == swept.default else str(value),
            *(figure.cell(figure.of(run.scores)) for figure in figures),
        )
        for value, run in runs.items()
    ]
    count = len(next(iter(runs.values())).recordings)
    columns = (swept.parameter, *(figure.title for figure in figures))
    return Table(f"{swept.parameter} (recordings: {count})", columns, tuple(rows))


def _end(swept: Sweep, runs: dict[Any, Run], shown: list[Figure], interrupted: bool) -> None:
    if interrupted:
        raise KeyboardInterrupt(
            f"{len(runs)} of {len(swept.configurations)} values were measured"
            + ("; what is printed was written to the files too" if shown else "")
        )
    if failed := dict.fromkeys(name for run in runs.values() for name in run.failures):
        raise UserError(f"{len(failed)} recordings could not be measured: {', '.join(failed)}")
    if not shown:
        raise UserError("the references know nothing of what is to be shown; choose another --measure")


def _values(text: str) -> list[str]:
    found = _RANGE.fullmatch(text)
    if found is None:
        return text.split(",")
    first, last, step = map(Decimal, found.groups())
    count = int((last - first) / step) + 1 if step else 0
    if not 0 < count <= _MOST_VALUES:
        raise UserError(f"the range '{text}' has no values, or more than {_MOST_VALUES}: FIRST:LAST:STEP")
    return [str(first + number * step) for number in range(count)]


def _content(swept: Sweep, runs: dict[Any, Run]) -> bytes:
    content = {
        "format": _FORMAT,
        "version": 1,
        "parameter": swept.parameter,
        "default": swept.default,
        "runs": [{"value": value, "run": run.content()} for value, run in runs.items()],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
