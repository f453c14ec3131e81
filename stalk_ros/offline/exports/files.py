"""New files."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def created(path: Path) -> IO[str]:
    """A new text file; its folder is made when it is missing.

    Raises:
        UserError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return NewText(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"cannot write '{path}': {reason}") from None


class NewText(io.TextIOWrapper):
    """A text file that says which one it is when it cannot be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("wb"), encoding="utf-8", errors="replace", newline="\n")

    def write(self, text: str, /) -> int:
        """See `io.TextIOBase.write`."""
        with self._said():
            return super().write(text)

    def flush(self) -> None:
        """See `io.IOBase.flush`."""
        with self._said():
            super().flush()

    def close(self) -> None:
        """See `io.IOBase.close`."""
        with self._said():
            super().close()

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise  # who reads has seen enough
        except OSError as error:
            raise UserError(f"cannot write '{self.name}': {error.strerror}") from None


def put_in_order(file: IO[str], place: Callable[[str], Any]) -> None:
    """Sort the lines of a file that was written by `created`; equal ones keep their order.

    The file is complete at every moment: its lines are written anew beside it, and then take its place. It
    stays as it is where that cannot be: a pipe, a terminal, or a file that somebody else has under another
    name. In memory are the places, not the text.

    Args:
        file: open for writing, and still to be closed.
        place: of a line, to sort by.

    Raises:
        UserError: there is no room for the second file.
    """
    file.flush()
    path = _own_path(file)
    if path is None:
        return
    index = _index(path, place)
    ordered = sorted(index, key=lambda entry: entry[0])
    if ordered == index:
        return
    try:
        _rewrite(path, [offset for _, offset in ordered])
    except OSError as error:
        raise UserError(f"'{path}' is complete, but not in the order of time: {error.strerror}") from None


def _own_path(file: IO[str]) -> Path | None:
    """Where the file is, links followed; None where it is not this program's alone."""
    try:
        status = os.fstat(file.fileno())
    except OSError:  # it is in memory
        return None
    shared = any(_is_open_as(status, number) for number in (0, 1, 2))
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or shared:
        return None
    path = Path(os.path.realpath(file.name))
    try:
        return path if os.path.samestat(path.stat(), status) else None
    except OSError:  # somebody has moved it
        return None


def _is_open_as(status: os.stat_result, number: int) -> bool:
    try:
        return os.path.samestat(os.fstat(number), status)
    except OSError:
        return False


def _index(path: Path, place: Callable[[str], Any]) -> list[tuple[Any, int]]:
    """Place and offset of each line."""
    index, offset = [], 0
    with path.open("rb") as file:
        for line in file:
            index.append((place(line.decode()), offset))
            offset += len(line)
    return index


def _rewrite(path: Path, offsets: list[int]) -> None:
    status = path.stat()
    beside: dict[str, Any] = {"dir": path.parent, "prefix": f".{path.name[:64]}.", "delete": False}
    with path.open("rb") as old, tempfile.NamedTemporaryFile(**beside) as new:
        try:
            for offset in offsets:
                old.seek(offset)
                new.write(old.readline())
            new.flush()
            own = os.fstat(new.fileno())
            if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
                os.fchown(new.fileno(), status.st_uid, status.st_gid)
            os.fchmod(new.fileno(), stat.S_IMODE(status.st_mode))
            os.fsync(new.fileno())
            Path(new.name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(new.name).unlink()
            raise
