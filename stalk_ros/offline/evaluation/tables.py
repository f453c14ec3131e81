"""Tables: for people on a terminal, Markdown everywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table as RichTable

from stalk_ros.offline.evaluation.figures import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from stalk_ros.offline.evaluation.figures import Figure
    from stalk_ros.offline.evaluation.runs import Measured, Run


@dataclass(frozen=True)
class Table:
    """Rows of text, each with a cell for every column; the first column names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def show(self, console: Console) -> None:
        """Print it."""
        if console.is_terminal:
            self._show_rich(console)
            return
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        print(f"\n## {self.title}\n")
        for line in lines:
            print(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |", flush=True)

    def _show_rich(self, console: Console) -> None:
        shown = RichTable(
            title=escape(self.title),
            title_justify="left",
            title_style="bold",
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            show_edge=False,
        )
        for number, column in enumerate(self.columns):
            shown.add_column(escape(column), justify="right" if number else "left", overflow="fold")
        for row in self.rows:
            shown.add_row(*map(escape, row))
        console.print("", shown, soft_wrap=False)


def run_tables(run: Run) -> list[Table]:
    """What was measured: a row for each recording, each folder of several, and all of several folders."""
    groups = list(_groups(run.recordings))
    return [
        table
        for title, figures in SECTIONS.items()
        if (table := _section(title, figures, groups)) is not None
    ]


def notes(run: Run) -> list[str]:
    """What the tables do not say of the run, in lines: how to read them, memory, the machine."""
    grown = ", ".join(f"{node} {run.memory_mib[node]:.0f}" for node in run.engines if node in run.memory_mib)
    machine = ", ".join(f"{name} {value}" for name, value in run.machine.items())
    engines = ", ".join(f"{node} {engine}" for node, engine in run.engines.items())
    before_mib, peak_mib = (run.memory_mib.get(name, 0.0) for name in ("before", "peak"))
    return [
        "In brackets: 95 % intervals over recordings. "
        "RTF: seconds by the clock for a second of audio; of engines that work side by side, which may keep "
        "each other waiting, they are added up.",
        f"Memory of all processes, what they share counted once: at most {peak_mib:.0f} MiB, "
        f"{before_mib:.0f} MiB of it Python and what scores; loading one engine each took, in MiB: {grown}.",
        f"Engines: {engines}. {run.began}, {machine}.",
    ]


def _section(
    title: str, figures: tuple[Figure, ...], groups: list[tuple[str, list[Measured]]]
) -> Table | None:
    """The columns that some recording has; None where none has any."""
    measured = [recording for _, recordings in groups for recording in recordings]
    kept = [
        figure
        for figure in figures
        if any(figure.of([recording.scores]) is not None for recording in measured)
    ]
    if not kept:
        return None
    rows = [
        (
            name,
            f"{sum(recording.duration_s for recording in recordings):.0f}",
            *(figure.cell(figure.of([recording.scores for recording in recordings])) for figure in kept),
        )
        for name, recordings in groups
    ]
    return Table(title, ("recording", "s", *(figure.title for figure in kept)), tuple(rows))


def _groups(recordings: list[Measured]) -> Iterator[tuple[str, list[Measured]]]:
    folders: dict[str, list[Measured]] = {}
    for recording in recordings:
        yield recording.name, [recording]
        folders.setdefault(str(PurePosixPath(recording.name).parent), []).append(recording)
    for folder, within in folders.items():
        if len(within) > 1 and len(folders) > 1:
            yield f"all of {folder}", within
    if len(recordings) > 1:
        yield "all", recordings
