"""The SQLite file of a store: made, opened, checked and locked, and what is wrong with it said in one line.

The file belongs to its owner alone, and what is deleted is overwritten. A rollback journal and not a
write-ahead log: it is gone with the end of each transaction, and with it what it held of somebody who is
forgotten.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_APPLICATION = int.from_bytes(b"StRv", "big")
"""Tells SQLite files of this kind from others."""

_SCHEMA = 1

_TABLES = """
CREATE TABLE model (id TEXT NOT NULL);
CREATE TABLE speaker (
  key INTEGER PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL,
  same_name TEXT NOT NULL UNIQUE,
  count REAL NOT NULL,
  total BLOB NOT NULL,
  pairs REAL NOT NULL,
  cosines REAL NOT NULL,
  enrolled_ns INTEGER NOT NULL,
  updated_ns INTEGER NOT NULL
);
"""

_PATIENCE_S = 2.0
"""How long to wait for another process that has the file; a transaction takes milliseconds."""

_CHANGES = slice(24, 28)
"""Where an SQLite file counts its changes, see https://www.sqlite.org/fileformat.html#file_change_counter."""


class GoneError(UserError):
    """A voice, or all of them, were forgotten by somebody else."""

    def __init__(self) -> None:
        super().__init__("that voice was forgotten meanwhile")


class Database:
    """One file, opened for as long as one transaction lasts.

    Args:
        path: the file.
        model_id: the model that the store in it must be of; "" = any.
    """

    def __init__(self, path: Path, model_id: str) -> None:
        self.path = path
        self._given_id = model_id

    def state(self) -> object:
        """What is another thing after every change of the file; None without one."""
        try:
            with self.path.open("rb") as file:
                return os.fstat(file.fileno()).st_ino, file.read(_CHANGES.stop)[_CHANGES]
        except OSError:
            return None

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A transaction that sees the file at one moment; None when there is nothing in it yet.

        Raises:
            UserError: the file is damaged, locked, not permitted, of a newer version or of another model.
        """
        with self._explained("read"):
            if not self.path.exists():
                yield None
                return
            with self._connected() as connection:
                connection.execute("BEGIN")
                yield connection if self._is_store(connection) else None

    @contextlib.contextmanager
    def writing(self, make: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else can write beside; it is undone by an exception.

        Args:
            make: make a store where there is none.

        Raises:
            GoneError: there is none, and none is to be made.
            UserError: see `reading`.
        """
        with self._explained("write"):
            if make:
                self._make_file()
            elif not self.path.exists():
                raise GoneError
            with self._connected() as connection:
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("BEGIN IMMEDIATE")
                if not self._is_store(connection):
                    if not make:
                        raise GoneError
                    self._make_tables(connection)
                yield connection
                connection.execute("COMMIT")

    def _make_file(self) -> None:
        if self.path.parts[0].startswith("~"):
            raise UserError(f"there is no home folder for '{self.path}': choose another file")
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # SQLite gives its journal the mode that it finds on the file.
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise sqlite3.OperationalError("it is a folder or a device, no file")
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)
        # Closing undoes what was not committed.
        with contextlib.closing(connection):
            yield connection

    def _is_store(self, connection: sqlite3.Connection) -> bool:
        """Whether there is a store in the file, of the right kind; false for an empty file."""
        application = _number(connection, "PRAGMA application_id")
        schema = _number(connection, "PRAGMA user_version")
        if application == schema == 0 and not _number(connection, "SELECT count(*) FROM sqlite_master"):
            return False
        if application != _APPLICATION:
            raise UserError(f"'{self.path}' is a database of another program: choose another file")
        if schema > _SCHEMA:
            raise UserError(
                f"'{self.path}' was written by a newer version of stalk_ros (schema {schema}, this one knows "
                f"{_SCHEMA}): update stalk_ros, or choose another file"
            )
        owner = model_of(connection)
        if self._given_id and owner != self._given_id:
            raise UserError(
                f"the voices in '{self.path}' are of model '{owner}' and mean nothing to '{self._given_id}', "
                "which is in use: choose the other model or another file, or enrol everybody again"
            )
        return True

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO model VALUES (?)", (self._given_id,))
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_SCHEMA}")

    @contextlib.contextmanager
    def _explained(self, action: str) -> Iterator[None]:
        """Say in one line what is wrong with the file, and what to do."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or str(error)
            raise UserError(
                f"cannot {action} the enrolled voices in '{self.path}': {reason}; {_remedy(error)}"
            ) from error


def _number(connection: sqlite3.Connection, query: str) -> int:
    value: int = connection.execute(query).fetchone()[0]
    return value


def model_of(connection: sqlite3.Connection) -> str:
    """The model that a store says it is of."""
    row = connection.execute("SELECT id FROM model").fetchone()
    if row is None or not isinstance(row[0], str):
        raise sqlite3.DatabaseError("it does not say of which model it is")
    return row[0]


def _remedy(error: sqlite3.Error | OSError) -> str:
    if "locked" in str(error):
        return "another process has it: try again"
    damaged = isinstance(error, sqlite3.DatabaseError) and (
        not isinstance(error, sqlite3.OperationalError) or "no such" in str(error)
    )
    if damaged:
        return "move it away to begin anew, or put back a copy of it"
    return "see to its permissions and the space on the disk, or choose another file"
