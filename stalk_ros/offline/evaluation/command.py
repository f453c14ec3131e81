"""``stalk evaluate`` and ``stalk compare``."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from stalk_ros.errors import UserError
from stalk_ros.offline.configuration import load
from stalk_ros.offline.evaluation.comparison import comparison
from stalk_ros.offline.evaluation.corpus import corpus
from stalk_ros.offline.evaluation.evaluating import fill
from stalk_ros.offline.evaluation.new_file import NewFile
from stalk_ros.offline.evaluation.packages import check_packages, load_packages
from stalk_ros.offline.evaluation.runs import RUN_FORMAT, Run, check_replaceable, read_run
from stalk_ros.offline.evaluation.tables import notes, run_tables
from stalk_ros.offline.progress import Terminal, complain, progress

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.evaluation.corpus import Corpus

NO_PARTIALS = "asr.partials=false"
"""As `stalk run` has it, whatever a robot's params file says: they take time and change nothing else."""


def evaluate(
    folder: Path,
    configuration: Configuration,
    save: Path | None = None,
    against: Path | None = None,
    topic: str = "",
) -> None:
    """Measure the recordings below a folder, and print and save what comes out.

    Args:
        folder: holds audio files or bags with their references beside them.
        configuration: parameters of the stages.
        save: where to write the run, if anywhere.
        against: a saved run to compare with, or a params file, which is then measured too.
        topic: the audio topic of bags that have more than one.

    Raises:
        UserError: there is nothing to measure, something is missing, or some recordings failed.
        KeyboardInterrupt: it was interrupted; the message says what became of what had been measured.
    """
    check_packages()
    is_parameters = against is not None and against.suffix.lower() in (".yaml", ".yml")
    other = load(against, (NO_PARTIALS,)) if is_parameters else None
    baseline = read_run(against) if against is not None and not is_parameters else None
    found = announced(folder, topic)
    load_packages()
    run, console = Run.begin(folder, configuration), Terminal()
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(contextlib.closing(_reserved(save))) if save is not None else None
        total_s = found.duration_s * (2 if other else 1)
        try:
            with progress("evaluating", total_s, console) as advance:
                fill(run, found, configuration, advance)
                if other is not None:
                    baseline = Run.begin(folder, other)
                    fill(baseline, found, other, advance)
        except KeyboardInterrupt:
            _conclude(run, file, console)
            measured = f"{len(run.recordings)} of {len(found.known)} recordings were measured"
            place = f"; they are in '{save}'" if save and run.recordings else ""
            raise KeyboardInterrupt(measured + place) from None
        _conclude(run, file, console)
    if baseline is not None and against is not None and run.recordings:
        _compare(baseline, run, (against.name, "this run"), console)
    if failed := {**run.failures, **(baseline.failures if other and baseline else {})}:
        raise UserError(f"{len(failed)} recordings could not be measured: {', '.join(failed)}")


def compare(first: Path, second: Path) -> None:
    """Print two saved runs side by side.

    Raises:
        UserError: one of them is no saved run, or they have no recording in common.
    """
    check_packages()
    one, other = read_run(first), read_run(second)
    titles = (first.name, second.name) if first.name != second.name else (str(first), str(second))
    _compare(one, other, titles, Terminal())


def announced(folder: Path, topic: str) -> Corpus:
    """The recordings below a folder, see `corpus`; what is wrong with some of them is told.

    Raises:
        UserError: see `corpus`.
    """
    found = corpus(folder, topic)
    for name, problem in found.failures.items():
        complain(f"{name}: {problem}")
    if found.unknown:
        complain(f"without a reference, left out: {', '.join(found.unknown)}")
    if found.orphans:
        complain(f"references without a recording: {', '.join(found.orphans)}")
    return found


def _reserved(save: Path) -> NewFile:
    check_replaceable(save, RUN_FORMAT)
    return NewFile(save)


def _conclude(run: Run, file: NewFile | None, console: Terminal) -> None:
    if not run.recordings:
        return
    if file is not None:
        file.write(json.dumps(run.content(), ensure_ascii=False, indent=1).encode())
    for table in run_tables(run):
        table.show(console)
    print("", *notes(run), sep="\n", flush=True)


def _compare(one: Run, other: Run, titles: tuple[str, str], console: Terminal) -> None:
    table, remarks = comparison(one, other, titles)
    table.show(console)
    if remarks:
        print("\n" + "\n".join(f"- {remark}" for remark in remarks), flush=True)
