"""Enrolled voices on disk: one file for each embedding model.

Nothing is written, not even an empty file, before somebody is enrolled.
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
from stalk_ros.speakers.profiles.database import Database, GoneError, model_of
from stalk_ros.speakers.profiles.profile import Profile, called, checked_name, names, same_name
from stalk_ros.speakers.resemblance import Speech

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_COLUMNS = "key, number, name, count, total, pairs, cosines, enrolled_ns, updated_ns"

_PREFIX, _SUFFIX = "voices-", ".sqlite3"
"""Of the name of a file that nobody has chosen; between them is the model."""

_FLOAT = np.dtype("<f8")

_MEMORY = 1000.0
"""Windows that a voice weighs at most, of which old ones count less: it may change over the years."""


class ProfileStore:
    """The voices in one file, and those who have them.

    Every method but `changed` raises `UserError` when the file cannot be used: it is damaged, locked by
    another process, not permitted, of a newer version, or of another model.

    Args:
        path: the file.
        model_id: the model whose embeddings it holds, see `SpeakerEmbedder.model_id`; "" = whichever it is.
    """

    def __init__(self, path: Path, model_id: str) -> None:
        self.path = path
        self._model_id = model_id
        self._database = Database(path, model_id)
        self._seen: object = None

    def changed(self) -> bool:
        """Whether the file is another one than when `profiles` last read it. Costs little."""
        return self._database.state() != self._seen

    def model_id(self) -> str:
        """The model whose embeddings the file holds; as it was given where there is none."""
        with self._database.reading() as connection:
            return model_of(connection) if connection else self._model_id

    def profiles(self) -> list[Profile]:
        """Everybody, in the order of their enrolment."""
        # Taken before it is read; what could not be read is still to be.
        state = self._database.state()
        with self._database.reading() as connection:
            profiles = self._all(connection) if connection else []
        self._seen = state
        return profiles

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
        with self._database.writing(make=True) as connection:
            profiles = self._all(connection)
            self._require_size(voice, profiles)
            check(profiles)
            known = called(profiles, name)
            if known:
                return self._update(connection, known, voice, time_ns)
            number = _free(number, {profile.number for profile in profiles})
            profile = Profile(secrets.randbits(62), number, name, voice, time_ns, time_ns)
            self._insert(connection, profile)
            return profile

    def add(self, profiles: Iterable[Profile]) -> None:
        """Take over profiles of another store, all or none; a number that is taken becomes the next one."""
        with self._database.writing(make=True) as connection:
            present = self._all(connection)
            taken = {profile.number for profile in present}
            for profile in profiles:
                if called(present, profile.name):
                    raise UserError(
                        f"'{profile.name}' is enrolled already: forget or rename one of the two first"
                    )
                self._require_size(profile.voice, present)
                number = _free(profile.number, taken)
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
        with contextlib.suppress(GoneError), self._database.writing() as connection:
            for profile in self._all(connection):
                if profile.key in heard:
                    self._update(connection, profile, heard[profile.key], time_ns)

    def rename(self, key: int, name: str) -> None:
        """Give somebody another name."""
        name = checked_name(name)
        with self._database.writing() as connection:
            profiles = self._all(connection)
            other = called(profiles, name)
            if other and other.key != key:
                raise UserError(f"somebody else is called '{other.name}' ({other.speaker_id})")
            values = (name, same_name(name), key)
            changed = connection.execute("UPDATE speaker SET name = ?, same_name = ? WHERE key = ?", values)
            _require(changed)

    def forget(self, key: int) -> None:
        """Erase somebody, down to the bytes of the file."""
        with self._database.writing() as connection:
            _require(connection.execute("DELETE FROM speaker WHERE key = ?", (key,)))

    def others(self) -> list[Path]:
        """The stores of other models, where nobody has chosen a place for this one."""
        if not self.path.name.startswith(_PREFIX):
            return []
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
        self._require_size(voice, [profile])
        voice = profile.voice + voice
        voice = voice.weighing(min(1.0, _MEMORY / voice.count))
        updated_ns = max(time_ns, profile.updated_ns)
        connection.execute(
            "UPDATE speaker SET count = ?, total = ?, pairs = ?, cosines = ?, updated_ns = ? WHERE key = ?",
            (*_sums(voice), updated_ns, profile.key),
        )
        return Profile(profile.key, profile.number, profile.name, voice, profile.enrolled_ns, updated_ns)

    def _require_size(self, voice: Speech, profiles: Iterable[Profile]) -> None:
        if any(profile.voice.total.shape != voice.total.shape for profile in profiles):
            raise UserError(f"'{self.path}' holds embeddings of another size")

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


def _free(number: int, taken: set[int]) -> int:
    """The first number from this one on that is not taken."""
    while number in taken:
        number += 1
    return number


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


def _require(changed: sqlite3.Cursor) -> None:
    if changed.rowcount == 0:
        raise GoneError
