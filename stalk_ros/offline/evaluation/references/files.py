"""Reading the files that people wrote, and saying where they are broken."""

from __future__ import annotations

import codecs
import math
from typing import TYPE_CHECKING, NoReturn, TypeVar

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Row = TypeVar("Row")

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_of(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark.

    Raises:
        UserError: it cannot be read, or is in another encoding.
    """
    try:
        content = path.read_bytes()
        return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except OSError as error:
        raise UserError(f"the reference '{path}' cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"the reference '{path}', line {line}: it is not UTF-8; save it in this encoding"
        ) from error


def rows(path: Path, read: Callable[[list[str]], Row | None]) -> list[Row]:
    """What ``read`` makes of the fields of each line, without those of which it makes None.

    Empty lines and comments, which begin with ``;;``, are left out. ``read`` may raise a ValueError that says
    what is wrong with the line.

    Raises:
        UserError: the file or a line of it cannot be read.
    """
    found = []
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        fields = line.split()
        if not fields or line.lstrip().startswith(";;"):
            continue
        try:
            row = read(fields)
        except ValueError as error:
            broken(path, f"line {number}", str(error))
        if row is not None:
            found.append(row)
    return found


def of_recording(path: Path, name: str, found: Sequence[tuple[str, Row]]) -> Iterator[Row]:
    """The rows of a recording, in a file that begins each with the name of a recording.

    A file with rows of only one recording is taken for this one's, whatever the name there is.

    Raises:
        UserError: there are several, and this is none of them.
    """
    names = {of.lower() for of, _ in found}
    if len(names) > 1 and name.lower() not in names:
        raise UserError(f"the reference '{path}' is of several recordings, and none of them is '{name}'")
    yield from (row for of, row in found if len(names) == 1 or of.lower() == name.lower())


def span_s(start: object, end: object) -> tuple[float, float]:
    """Start and end in seconds.

    Raises:
        ValueError: that is no stretch of time.
    """
    try:
        start_s, end_s = float(start), float(end)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{start!r} and {end!r} are not seconds") from None
    if not (math.isfinite(end_s) and 0 <= start_s <= end_s):
        raise ValueError(f"from {start_s:g} to {end_s:g} s is no stretch of time")
    return start_s, end_s


def broken(path: Path, where: str, why: str) -> NoReturn:
    """Say what is wrong, and where.

    Raises:
        UserError: always.
    """
    raise UserError(f"the reference '{path}', {where}: {why}")
