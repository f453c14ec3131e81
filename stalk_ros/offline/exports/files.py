"""New files."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def created(path: Path) -> IO[str]:
    """A new text file; its folder is made when it is missing.

    Raises:
        UserError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"cannot write '{path}': {error.strerror}") from None
