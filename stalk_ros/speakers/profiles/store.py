"""Enrolled voices on disk: one SQLite file for each embedding model.

Nothing is written, not even an empty file, before somebody is enrolled. The file belongs to its owner alone,
and what is forgotten is overwritten. A rollback journal and not a write-ahead log: it is gone with the end of
each transaction, and with it what it held of somebody who is forgotten.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.errors import UserError
from stalk_ros.speakers.profiles.profile import (
    Profile,
    called,
    checked_name,
    names,
    same_name,
)
from stalk_ros.speakers.resemblance import Speech

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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

_COLUMNS = "key, number, name, count, total, pairs, cosines, enrolled_ns, updated_ns"

_PREFIX, _SUFFIX = "voices-", ".sqlite3"
"""Of the name of a file that nobody has chosen; between them is the model."""

_FLOAT = np.dtype("<f8")

_MEMORY = 1000.0
"""Windows that a voice weighs at most, of which old ones count less: it may change over the years."""

_PATIENCE_S = 2.0
"""How long to wait for another process that has the file; a transaction takes milliseconds."""

_CHANGES = slice(24, 28)
"""Where an SQLite file counts its changes, see https://www.sqlite.org/fileformat.html#file_change_counter."""


class _GoneError(UserError):
    """A voice, or all of them, were forgotten by somebody else."""

    def __init__(self) -> None:
        super().__init__("that voice was forgotten meanwhile")


class ProfileStore:
    """Reads and writes one file; opens it for as long as one operation lasts.

    Every method but `changed` raises `UserError` when the file cannot be used: it is damaged, locked by
    another process, not permitted, of a newer version, or of another model.

    Args:
        path: the file.
        model_id: the model whose embeddings it holds, see `SpeakerEmbedder.model_id`; "" = whichever it is.
    """

    def __init__(self, path: Path, model_id: str) -> None:
        self.path = path
        self._model_id = model_id
        self._seen: object = None

    def changed(self) -> bool:
        """Whether the file is another one than when `profiles` last read it. Costs little."""
        return self._state() != self._seen

    def model_id(self) -> str:
        """The model whose embeddings the file holds; as it was given where there is none."""
        with self._reading() as connection:
            return _model_of(connection) if connection else self._model_id

    def profiles(self) -> list[Profile]:
        """Everybody, in the order of their enrolment."""
        self._seen = self._state()
        with self._reading() as connection:
            return self._all(connection) if connection else []

    def enrol(
        self,
        name: str,
        voice: Speech,
        number: int,
        time_ns: int,
        check: Callable[[Sequence[Profile]], None] = lambda profiles: None,
    ) -> Profile:
        """Remember a voice, or more of the one that has this name.

        Args:
            name: of the person.
            voice: what was heard.
            number: the number it should have; when it is taken, it gets the next one that is free.
            time_ns: audio time.
            check: shown everybody who is enrolled, before anything is written; may raise `UserError`.
        """
        name = checked_name(name)
        if not self.path.exists():
            check(())
        with self._writing(make=True) as connection:
            profiles = self._all(connection)
            check(profiles)
            known = called(profiles, name)
            if known:
                return self._update(connection, known, voice, time_ns)
            taken = {profile.number for profile in profiles}
            while number in taken:
                number += 1
            profile = Profile(secrets.randbits(62), number, name, voice, time_ns, time_ns)
            self._insert(connection, profile)
            return profile

    def add(self, profiles: Iterable[Profile]) -> None:
        """Take over profiles of another store, all or none; a number that is taken becomes the next one."""
        with self._writing(make=True) as connection:
            present = self._all(connection)
            taken = {profile.number for profile in present}
            for profile in profiles:
                if called(present, profile.name):
                    raise UserError(
                        f"'{profile.name}' is enrolled already: forget or rename one of the two first"
                    )
                number = profile.number
                while number in taken:
                    number += 1
                taken.add(number)
                added = Profile(
                    secrets.randbits(62),
                    number,
                    checked_name(profile.name),
                    profile.voice,
                    profile.enrolled_ns,
                    profile.updated_ns,
                )
                self._insert(connection, added)
                present.append(added)

    def learn(self, heard: Mapping[int, Speech], time_ns: int) -> None:
        """Add speech to voices, by their keys; who was forgotten meanwhile stays forgotten."""
        with contextlib.suppress(_GoneError), self._writing() as connection:
            for profile in self._all(connection):
                if profile.key in heard:
                    self._update(connection, profile, heard[profile.key], time_ns)

    def rename(self, key: int, name: str) -> None:
        """Give somebody another name."""
        name = checked_name(name)
        with self._writing() as connection:
            profiles = self._all(connection)
            other = called(profiles, name)
            if other and other.key != key:
                raise UserError(f"somebody else is called '{other.name}' ({other.speaker_id})")
            values = (name, same_name(name), key)
            changed = connection.execute("UPDATE speaker SET name = ?, same_name = ? WHERE key = ?", values)
            _require(changed)

    def forget(self, key: int) -> None:
        """Erase somebody, down to the bytes of the file."""
        with self._writing() as connection:
            _require(connection.execute("DELETE FROM speaker WHERE key = ?", (key,)))

    def others(self) -> list[Path]:
        """The stores beside this one, which are those of other models."""
        return sorted(path for path in self.path.parent.glob(f"{_PREFIX}*{_SUFFIX}") if path != self.path)

    def named(self, name: str) -> Profile:
        """Who is called so, or has this id.

        Raises:
            UserError: nobody; says who there is.
        """
        profiles = self.profiles()
        for profile in profiles:
            if name.strip() == profile.speaker_id or same_name(name) == same_name(profile.name):
                return profile
        raise UserError(f"nobody is called '{name}'; {names(profiles)}")

    def _update(
        self, connection: sqlite3.Connection, profile: Profile, voice: Speech, time_ns: int
    ) -> Profile:
        if voice.total.shape != profile.voice.total.shape:
            raise UserError(f"'{self.path}' holds embeddings of another size")
        voice = profile.voice + voice
        voice = voice.weighing(min(1.0, _MEMORY / voice.count))
        updated_ns = max(time_ns, profile.updated_ns)
        connection.execute(
            "UPDATE speaker SET count = ?, total = ?, pairs = ?, cosines = ?, updated_ns = ? WHERE key = ?",
            (*_sums(voice), updated_ns, profile.key),
        )
        return Profile(profile.key, profile.number, profile.name, voice, profile.enrolled_ns, updated_ns)

    def _insert(self, connection: sqlite3.Connection, profile: Profile) -> None:
        connection.execute(
            f"INSERT INTO speaker ({_COLUMNS}, same_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                profile.key,
                profile.number,
                profile.name,
                *_sums(profile.voice),
                profile.enrolled_ns,
                profile.updated_ns,
                same_name(profile.name),
            ),
        )

    def _all(self, connection: sqlite3.Connection) -> list[Profile]:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM speaker ORDER BY enrolled_ns, number").fetchall()
        profiles = [_profile(*row) for row in rows]
        if None in profiles or len({len(profile.voice.total) for profile in profiles if profile}) > 1:
            raise sqlite3.DatabaseError("it holds what is no voice")
        return [profile for profile in profiles if profile]

    def _state(self) -> object:
        """What is another thing after every change of the file; None without one."""
        try:
            with self.path.open("rb") as file:
                return os.fstat(file.fileno()).st_ino, file.read(_CHANGES.stop)[_CHANGES]
        except OSError:
            return None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """A transaction that sees the file at one moment; None when there is nothing in it yet."""
        with self._explained("read"):
            if not self.path.exists():
                yield None
                return
            with self._connected() as connection:
                connection.execute("BEGIN")
                yield connection if self._is_store(connection) else None

    @contextlib.contextmanager
    def _writing(self, make: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else can write beside; it is undone by an exception.

        Args:
            make: make a store where there is none; otherwise `_GoneError` is raised there.
        """
        with self._explained("write"):
            if make:
                self._make_file()
            elif not self.path.exists():
                raise _GoneError
            with self._connected() as connection:
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("BEGIN IMMEDIATE")
                if not self._is_store(connection):
                    if not make:
                        raise _GoneError
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
        owner = _model_of(connection)
        if self._model_id and owner != self._model_id:
            raise UserError(
                f"the voices in '{self.path}' are of model '{owner}' and mean nothing to '{self._model_id}', "
                "which is in use: choose the other model or another file, or enrol everybody again"
            )
        return True

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO model VALUES (?)", (self._model_id,))
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_SCHEMA}")

    @contextlib.contextmanager
    def _explained(self, action: str) -> Iterator[None]:
        """Say in one line what is wrong with the file, and what to do."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UserError(
                f"cannot {action} the enrolled voices in '{self.path}': {reason}; {_remedy(error)}"
            ) from error


def store_path(chosen: str, model_id: str) -> Path:
    """The file with the enrolled voices of a model.

    Args:
        chosen: the path that somebody has chosen; "" = the place for data of the XDG base directories.
        model_id: the model.
    """
    if chosen:
        return _at_home(chosen)
    data = os.environ.get("XDG_DATA_HOME", "")
    # A path that is not absolute is to be ignored, says the specification.
    folder = Path(data) if Path(data).is_absolute() else _at_home("~/.local/share")
    return folder / "stalk_ros" / f"{_PREFIX}{re.sub(r'[^A-Za-z0-9._-]', '_', model_id)}{_SUFFIX}"


def _at_home(path: str) -> Path:
    """A path whose ``~`` is a folder, unless there is none: then nothing can be kept there."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _profile(
    key: Any, number: Any, name: Any, count: Any, total: Any, pairs: Any, cosines: Any, *times_ns: Any
) -> Profile | None:
    """A row as a profile; None for one that is none."""
    if not isinstance(total, bytes) or len(total) % _FLOAT.itemsize or not isinstance(name, str):
        return None
    voice = Speech(count, np.frombuffer(total, _FLOAT).astype(np.float64), pairs, cosines)
    whole = all(isinstance(value, int) for value in (key, number, *times_ns))
    return Profile(key, number, name, voice, *times_ns) if whole and is_voice(voice) else None


def is_voice(voice: Speech) -> bool:
    """Whether these can be the sums of embeddings of length 1."""
    numbers = (voice.count, voice.pairs, voice.cosines)
    return (
        all(isinstance(number, (int, float)) and np.isfinite(number) for number in numbers)
        and voice.count > 0
        and voice.pairs >= 0
        and abs(voice.cosines) <= voice.pairs * 1.001
        and len(voice.total) > 0
        and bool(np.isfinite(voice.total).all())
        and 0 < float(np.linalg.norm(voice.total)) <= voice.count * 1.001
    )


def _sums(voice: Speech) -> tuple[float, bytes, float, float]:
    return voice.count, voice.total.astype(_FLOAT).tobytes(), voice.pairs, voice.cosines


def _number(connection: sqlite3.Connection, query: str) -> int:
    value: int = connection.execute(query).fetchone()[0]
    return value


def _model_of(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT id FROM model").fetchone()
    if row is None or not isinstance(row[0], str):
        raise sqlite3.DatabaseError("it does not say of which model it is")
    return row[0]


def _require(changed: sqlite3.Cursor) -> None:
    if changed.rowcount == 0:
        raise _GoneError


def _remedy(error: sqlite3.Error | OSError) -> str:
    if "locked" in str(error):
        return "another process has it: try again"
    damaged = isinstance(error, sqlite3.DatabaseError) and (
        not isinstance(error, sqlite3.OperationalError) or "no such" in str(error)
    )
    if damaged:
        return "move it away to begin anew, or put back a copy of it"
    return "see to its permissions and the space on the disk, or choose another file"
