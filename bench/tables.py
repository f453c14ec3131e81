"""Markdown tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

Result = TypeVar("Result")


def row(*cells: object) -> None:
    """Print a row, at once."""
    print(f"| {' | '.join(str(cell) for cell in cells)} |", flush=True)


def head(*cells: str) -> None:
    """Print the row that opens a table."""
    row(*cells)
    print("|" + "---|" * len(cells), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, each row as soon as it is there."""
    head(*columns)
    for cells in rows:
        row(*cells)


def by_recording(measured: Iterable[tuple[Path, Result]], tell: Callable[[str, list[Result]], None]) -> None:
    """Tell what came out of each recording as soon as it is there, and then of each folder of several.

    Args:
        measured: recordings with what came out of them.
        tell: prints a row of this name for the results of one recording or more.
    """
    folders: dict[Path, list[Result]] = {}
    for path, result in measured:
        folders.setdefault(path.parent, []).append(result)
        tell(path.stem, [result])
    for folder, results in folders.items():
        if len(results) > 1:
            tell(f"all of {folder.name}", results)


def percent(share: float | None) -> str:
    """A share in per cent; "" for None."""
    return "" if share is None else f"{100 * share:.1f}"


def quantiles(seconds: Sequence[float]) -> str:
    """Median and 90th percentile; "" without any."""
    return f"{np.median(seconds):.2f} / {np.percentile(seconds, 90):.2f}" if len(seconds) else ""
