"""The files that a run writes."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.errors import UserError
from stalk_ros.offline.bags import BagWriter
from stalk_ros.offline.exports import FORMATS, created
from stalk_ros.offline.interrupts import undivided
from stalk_ros.offline.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.offline.exports import Context, Export


@dataclass(frozen=True)
class Outputs:
    """What a run is to write, and where.

    Attributes:
        files: name of a format, one of `FORMATS`, to a file.
        bag: a folder for a bag with everything that the nodes would publish.
        report: a file for the report.
        with_sound: the report has the audio in it.
    """

    files: dict[str, Path] = field(default_factory=dict)
    bag: Path | None = None
    report: Path | None = None
    with_sound: bool = False

    @property
    def paths(self) -> list[Path]:
        """Where it all goes."""
        return [*self.files.values(), *(path for path in (self.bag, self.report) if path is not None)]

    def check(self, recording: Path) -> None:
        """Make sure that nothing is overwritten that is still needed, and that all of it makes sense.

        Links and hard links count as the file they lead to.

        Raises:
            UserError: two of the outputs are one file, or one is the recording or within it.
        """
        if self.with_sound and self.report is None:
            raise UserError("--with-sound is for a report: add --report FILE")
        for one, other in itertools.combinations([recording, *self.paths], 2):
            if _same(one, other):
                what = "the recording" if one is recording else f"the output '{one}'"
                raise UserError(f"the output '{other}' would overwrite {what}: choose another name")
        within = [path for path in self.paths if recording.resolve() in path.resolve().parents]
        if recording.is_dir() and within:
            raise UserError(f"'{within[0]}' would be written into the recording '{recording}'")

    @contextlib.contextmanager
    def opened(self, context: Context) -> Iterator[list[Export]]:
        """Everything that is to be written; completed in the end, whatever happens until then.

        Raises:
            UserError: something cannot be written.
        """
        with contextlib.ExitStack() as stack:
            exports: list[Export] = []
            for export in self._begun(context):
                stack.callback(_complete, export)
                exports.append(export)
            yield exports

    def _begun(self, context: Context) -> Iterator[Export]:
        for name, path in self.files.items():
            yield FORMATS[name](created(path), context)
        if self.bag is not None:
            yield BagWriter(self.bag)
        if self.report is not None:
            yield Report(created(self.report), context, self.with_sound)


def _complete(export: Export) -> None:
    with undivided():
        export.close()


def _same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()
