"""SQLite files of rosbag2, whole or damaged."""

from __future__ import annotations

import sqlite3
import struct
from array import array
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from stalk_ros.offline.bags.storage import Content, DamagedFileError, Message, Topic, topic_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

MAGIC = b"SQLite format 3\0"

_JOURNALS = ("-wal", "-journal")
_FARTHEST_SKIP = 1 << 20


class SqliteFile:
    """A `stalk_ros.offline.bags.storage.Storage`.

    Rows are looked up one by one, in the order of their times: only those on damaged pages are lost, and
    what an index tells does not matter.

    Raises:
        DamagedFileError: nothing in it can be read.
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._faults = {"is cut off": _is_cut(path)}
        self._lost: set[int] = set()
        self.topics: dict[Topic, Content] = {}
        try:
            with closing(self._connect()) as database:
                self._topics = _topics(database)
                definitions = _definitions(database)
                counted = self._count(database)
        except sqlite3.Error as error:
            raise DamagedFileError(f"it is no bag, or damaged: {error}") from None
        for topic_id, topic in self._topics.items():
            content = self.topics.setdefault(topic, Content(definition=definitions.get(topic.type, "")))
            content.add(counted.get(topic_id, Content()))

    @property
    def problem(self) -> str:
        """See `Storage.problem`."""
        told = [fault for fault, is_so in self._faults.items() if is_so]
        if self._lost:
            told.append(f"has lost {len(self._lost)} messages")
        return " and ".join(told)

    def messages(self, topics: Collection[Topic]) -> Iterator[Message]:
        """See `Storage.messages`."""
        wanted = {topic_id: topic for topic_id, topic in self._topics.items() if topic in topics}
        with closing(self._connect()) as database:
            rows, kinds, times_ns = array("q"), array("q"), array("q")
            for row, topic_id, log_ns in self._rows(database):
                if topic_id in wanted:
                    rows.append(row)
                    kinds.append(topic_id)
                    times_ns.append(log_ns)
            for at in np.argsort(np.array(times_ns), kind="stable").tolist():
                data = _data(database, rows[at])
                if data is None:
                    self._lost.add(rows[at])
                else:
                    yield Message(times_ns[at], wanted[kinds[at]], data)

    def _connect(self) -> sqlite3.Connection:
        """Open the file, with what a recorder has left in a journal, if any, and change nothing."""
        journal = any(self._path.with_name(self._path.name + suffix).exists() for suffix in _JOURNALS)
        if journal:
            try:
                return _open(self._path, "mode=ro")
            except sqlite3.Error:
                self._faults["has a journal that cannot be read"] = True
        return _open(self._path, "immutable=1")

    def _count(self, database: sqlite3.Connection) -> dict[int, Content]:
        found: dict[int, Content] = {}
        for _, topic_id, log_ns in self._rows(database):
            content = found.get(topic_id)
            if content is None:
                content = found[topic_id] = Content(0, log_ns, log_ns)
            content.count += 1
            if log_ns < content.start_ns:
                content.start_ns = log_ns
            elif log_ns > content.end_ns:
                content.end_ns = log_ns
        return found

    def _rows(self, database: sqlite3.Connection) -> Iterator[tuple[int, int, int]]:
        """Number, topic and time of the messages as they were stored, also of those after a damaged page."""
        query = "SELECT id, topic_id, timestamp FROM messages NOT INDEXED WHERE id > ? ORDER BY id"
        last, skip = -1, 1
        while skip <= _FARTHEST_SKIP:
            try:
                for row in database.execute(query, (last,)):
                    last, skip = row[0], 1
                    if isinstance(row[1], int) and isinstance(row[2], int):
                        yield row
                    else:
                        self._lost.add(row[0])
                return
            except sqlite3.Error:  # noqa: PERF203 - what follows the damage is read on
                self._faults["is damaged"] = True
                last, skip = last + skip, 2 * skip


def _open(path: Path, option: str) -> sqlite3.Connection:
    # Threads take turns: whoever reads ahead may leave the rest to another.
    uri = f"file:{quote(str(path.resolve()))}?{option}"
    database = sqlite3.connect(uri, uri=True, check_same_thread=False)
    try:
        database.text_factory = lambda text: text.decode(errors="replace")
        # Otherwise a file that is shorter than it says is refused as a whole.
        database.execute("PRAGMA writable_schema = ON")
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= {"messages", "topics"}:
            raise sqlite3.DatabaseError("it has no messages and topics")
    except sqlite3.Error:
        database.close()
        raise
    return database


def _topics(database: sqlite3.Connection) -> dict[int, Topic]:
    rows = database.execute("SELECT id, name, type, serialization_format FROM topics")
    return {row[0]: topic_of(*map(str, row[1:])) for row in rows if isinstance(row[0], int)}


def _definitions(database: sqlite3.Connection) -> dict[str, str]:
    """The definitions of types, which bags have since ROS 2 Iron."""
    try:
        rows = database.execute("SELECT topic_type, encoded_message_definition FROM message_definitions")
        return {str(name): str(text) for name, text in rows}
    except sqlite3.Error:
        return {}


def _data(database: sqlite3.Connection, row: int) -> bytes | None:
    try:
        found: Any = database.execute("SELECT data FROM messages WHERE id = ?", (row,)).fetchone()
    except sqlite3.Error:
        return None
    return found[0] if found and isinstance(found[0], bytes) else None


def _is_cut(path: Path) -> bool:
    """Whether the file is shorter than its header says, https://www.sqlite.org/fileformat2.html."""
    with path.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:
            return True
        page, pages = *struct.unpack_from(">H", head, 16), *struct.unpack_from(">I", head, 28)
        size = (1 << 16 if page == 1 else page) * pages
        return bool(path.stat().st_size < size)
