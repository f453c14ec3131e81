from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from stalk_ros.offline.bags.sqlite_file import SqliteFile
from stalk_ros.offline.bags.storage import DamagedFileError, Topic

TOPIC = Topic("/stalk/audio", "stalk_ros/msg/AudioChunk")
COUNT = 300


@pytest.fixture
def path(bench):
    return bench.file(bench.bag(bench.recorded(bench.chunks(COUNT)), storage="sqlite3"))


def read(path):
    file = SqliteFile(path)
    return [(message.log_ns, message.data) for message in file.messages([TOPIC])], file


def test_what_is_left_of_a_file_that_was_cut_off_is_read(path, tmp_path) -> None:
    everything, file = read(path)
    assert (len(everything), file.problem) == (COUNT, "")
    whole = path.read_bytes()
    cut = tmp_path / "cut.db3"
    counts = []
    for part in (0.25, 0.5, 0.75, 0.95):
        cut.write_bytes(whole[: int(len(whole) * part)])
        messages, file = read(cut)
        assert messages == everything[: len(messages)]
        assert "is cut off" in file.problem
        counts.append(len(messages) / COUNT)
    assert counts == pytest.approx([0.25, 0.5, 0.75, 0.95], abs=0.05)


def test_messages_after_a_damaged_page_are_read(path) -> None:
    everything, _ = read(path)
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // 4_096 * 4_096
    whole[middle : middle + 8 * 4_096] = b"\xff" * 8 * 4_096
    path.write_bytes(whole)
    messages, file = read(path)
    assert COUNT - 40 < len(messages) < COUNT
    assert messages[-1] == everything[-1]
    assert "damaged" in file.problem or "lost" in file.problem


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_what_a_recorder_that_was_killed_has_left_in_a_journal_is_read(path, tmp_path, mode) -> None:
    """And nothing is changed: whoever records may go on."""
    killed = tmp_path / "killed"
    killed.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA journal_mode = {mode}")
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("PRAGMA cache_size = 1")
        database.execute("BEGIN")
        rows = database.execute("SELECT topic_id, timestamp, data FROM messages").fetchall()
        later = [(topic, log_ns + 10**12, data) for topic, log_ns, data in rows]
        database.executemany("INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)", later)
        if mode == "WAL":
            database.execute("COMMIT")
        for file in path.parent.iterdir():
            if file.name.startswith(path.name) and not file.name.endswith("-shm"):
                shutil.copy(file, killed)
        if mode == "DELETE":
            database.execute("ROLLBACK")
    assert len(list(killed.iterdir())) == 2
    before = {file.name: file.read_bytes() for file in killed.iterdir()}
    messages, _ = read(killed / path.name)
    assert len(messages) >= (2 * COUNT if mode == "WAL" else COUNT)
    assert {name: (killed / name).read_bytes() for name in before} == before


def test_the_order_does_not_need_an_index(path) -> None:
    everything, _ = read(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP INDEX timestamp_idx")
        database.commit()
    assert read(path)[0] == everything


@pytest.mark.parametrize(
    "statement", ["DROP TABLE messages", "DROP TABLE topics", "ALTER TABLE topics DROP COLUMN type"]
)
def test_another_database_is_an_error(path, statement) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()
    with pytest.raises(DamagedFileError, match="no bag, or damaged"):
        SqliteFile(path)


def test_rows_of_other_kinds_are_left_out(path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE messages SET timestamp = 'late' WHERE id = 3")
        database.execute("UPDATE messages SET data = 'text' WHERE id = 5")
        database.execute("UPDATE messages SET topic_id = 99 WHERE id = 7")
        database.commit()
    messages, file = read(path)
    assert len(messages) == COUNT - 3
    assert file.problem == "has lost 2 messages"


def test_names_of_files_may_hold_anything(path, tmp_path) -> None:
    odd = tmp_path / "100%?#x.db3"
    shutil.copy(path, odd)
    assert len(read(odd)[0]) == COUNT
