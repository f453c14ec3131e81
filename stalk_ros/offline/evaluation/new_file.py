"""Files that are written at the end of long work."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class NewFile:
    """A file that is there as a whole or not at all; what it replaces stays until then.

    Raises:
        UserError: it cannot be written, which is known before there is anything to write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        with self._said():
            if path.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._draft.touch()

    def write(self, content: bytes) -> None:
        """Write all of it.

        Raises:
            UserError: it cannot be written.
        """
        with self._said():
            self._draft.write_bytes(content)
            self._draft.replace(self._path)

    def close(self) -> None:
        """Leave nothing behind that is not complete."""
        self._draft.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UserError(f"cannot write '{self._path}': {error.strerror}") from None
