"""``stalk models``: for people on a terminal, in plain lines everywhere else."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich import progress
from rich.console import Console
from rich.table import Table

from stalk_ros.errors import UserError
from stalk_ros.model import HubModel, offline
from stalk_ros.models.hub import damaged, fetch
from stalk_ros.models.registry import MODELS, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.model import Model, State
    from stalk_ros.models.hub import Report


def show(everything: bool = False) -> None:
    """Print what models there are: as a table on a terminal, else a line each with tabs between the columns.

    Args:
        everything: also those that are not here and that nothing takes by itself.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    table = Table("model", "for", "", "size", "where", box=None, pad_edge=False, header_style="dim")
    table.columns[3].justify = "right"
    table.columns[4].overflow = "fold"
    hidden = 0
    for model in MODELS:
        state = model.state()
        if not (everything or model.default) and state.problem == "not here":
            hidden += 1
            continue
        where = str(state.path) if state.path else state.problem
        cells = (model.name, model.stage, "default" if model.default else "", _size(model, state), where)
        if console.is_terminal:
            table.add_row(*cells, style=None if state.path else "dim")
        else:
            print(*cells, sep="\t")
    if console.is_terminal:
        console.print(table)
    if hidden:
        print(f"and {hidden} more: stalk models list --all", file=sys.stderr)


def path(name: str) -> Path:
    """The folder of a model, or its file where it has only one.

    Args:
        name: a name of the list or a Hugging Face repository.

    Raises:
        UserError: there is no such model or it is not here; says how to get it.
    """
    return named(name).located()


def pull(names: list[str]) -> None:
    """Make sure that models are here and whole; ask the network only for what is not.

    Args:
        names: names of the list or Hugging Face repositories.

    Raises:
        UserError: there is no such model, or it is not here and cannot be fetched; says why.
        KeyboardInterrupt: the user does not want to wait; what has come stays.
    """
    models = [named(name) for name in names]
    try:
        for model in models:
            _pull(model)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("pull again to go on from where it stopped") from None


def _pull(model: Model) -> None:
    if isinstance(model, HubModel):
        with _progress(model) as report:
            wrong = damaged([*model.present().values()], report)
            if wrong or not model.state().path:
                if offline():
                    what = "is damaged" if wrong else f"is {model.state().problem}"
                    raise UserError(f"model '{model.name}' {what}, and HF_HUB_OFFLINE forbids to fetch it")
                for blob in wrong:
                    blob.unlink()
                fetch(model, report)
    print(f"{model.name} is here: {model.located()}")


def _size(model: Model, state: State) -> str:
    if state.path:
        return _bytes(state.size_bytes())
    return _bytes(model.megabytes * 1e6) if isinstance(model, HubModel) and model.megabytes else ""


def _bytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


@contextlib.contextmanager
def _progress(model: HubModel) -> Iterator[Report]:
    """A bar for what is being done on a terminal, else a line for every tenth of it."""
    console = Console()
    if not console.is_terminal:
        yield _Lines(model)
        return
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, progress.TaskID] = {}

        def report(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = bars.add_task(f"{doing} {model.name}", total=total, completed=done)
            bars.update(tasks[doing], completed=done)

        yield report


class _Lines:
    """Progress for a log: a line when something begins, and for every tenth of what takes long."""

    def __init__(self, model: HubModel) -> None:
        self._model = model
        self._said = ("", 0)

    def __call__(self, doing: str, done: int, total: int) -> None:
        said = (doing, 10 * done // max(total, 1) if doing == "fetching" else 0)
        if said != self._said and done < total:
            with contextlib.suppress(BrokenPipeError):  # who does not read on still wants the model
                print(f"{doing} {self._model.name}: {_bytes(done)} of {_bytes(total)}", flush=True)
        self._said = said
