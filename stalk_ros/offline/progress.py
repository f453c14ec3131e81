"""How far long work is: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIRST_LINE_S = 10.0
_LINES_S = 60.0


class Terminal(Console):
    """A console that lets the command decide what to do when nobody reads on; Rich would exit with code 1."""

    def __init__(self) -> None:
        super().__init__(highlight=False, soft_wrap=True, emoji=False)

    def on_broken_pipe(self) -> None:
        """See `Console.on_broken_pipe`."""
        raise BrokenPipeError


def complain(problem: str) -> None:
    """Say on standard error what is wrong, while the work goes on; nothing where ``problem`` is ""."""
    if problem:
        print(f"stalk: {problem}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def progress(title: str, total_s: float, console: Console) -> Iterator[Callable[[float], None]]:
    """Show how far work is, and how much time it will take.

    On a terminal it is a bar below what is printed. Elsewhere it is a line on standard error for work that
    takes longer than ten seconds, then one a minute.

    Args:
        title: what is being done, such as "listening".
        total_s: how much there is to do, in seconds of audio.
        console: what else is printed goes there.

    Yields:
        To be called with the seconds of audio that have been done since the last call.
    """
    if not console.is_terminal:
        yield _Lines(title, total_s).advance
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total_s or None)
        yield lambda done_s: bar.advance(task, done_s)


class _Lines:
    def __init__(self, title: str, total_s: float) -> None:
        self._title = title
        self._total_s = total_s
        self._done_s = 0.0
        self._began_s = time.monotonic()
        self._due_s = self._began_s + _FIRST_LINE_S

    def advance(self, done_s: float) -> None:
        self._done_s += done_s
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + _LINES_S
        speed = self._done_s / (now_s - self._began_s)
        left = f", {clock((self._total_s - self._done_s) / speed)} left" if self._total_s and speed else ""
        total = f" of {clock(self._total_s)}" if self._total_s else ""
        print(
            f"{self._title}: {clock(self._done_s)}{total}, {speed:.1f} times real time{left}",
            file=sys.stderr,
            flush=True,
        )


def clock(seconds: float) -> str:
    """Hours, minutes and seconds, as a clock has them."""
    minutes, seconds = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
