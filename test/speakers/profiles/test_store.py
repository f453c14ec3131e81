from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stalk_ros.errors import UserError
from stalk_ros.speakers.profiles.store import ProfileStore, store_path

ROOT = Path(__file__).parents[3]


def names(store: ProfileStore) -> list[str]:
    return [f"{profile.speaker_id} {profile.name}" for profile in store.profiles()]


def script(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process with a store in ``store`` and speech in ``voice``."""
    begin = """
        import sys, numpy as np
        from pathlib import Path
        from stalk_ros.speakers.profiles.store import ProfileStore
        from stalk_ros.speakers.resemblance import Speech
        store = ProfileStore(Path(sys.argv[1]), "ge2e-1")
        rows = np.eye(256, dtype=np.float32)[:4]
        voice = Speech.of(rows, ~np.eye(4, dtype=bool))
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(begin) + textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def test_what_is_enrolled_is_there_again(store, path: Path, voice) -> None:
    heard = voice(1)
    profile = store.enrol(" Ann  Lee ", heard, 4, 1_000)
    assert (profile.speaker_id, profile.name) == ("S4", "Ann Lee")
    (again,) = ProfileStore(path, "ge2e-1").profiles()
    assert (again.key, again.speaker_id, again.name) == (profile.key, "S4", "Ann Lee")
    assert (again.enrolled_ns, again.updated_ns) == (1_000, 1_000)
    assert (again.voice.count, again.voice.pairs, again.voice.cosines) == (
        heard.count,
        heard.pairs,
        heard.cosines,
    )
    np.testing.assert_array_equal(again.voice.total, heard.total)


def test_nothing_is_written_before_somebody_is_enrolled(store, path: Path, voice) -> None:
    def refuse(_: Any) -> None:
        raise UserError("no")

    assert store.profiles() == []
    store.learn({5: voice(1)}, 1)
    for attempt in (
        lambda: store.rename(5, "Ann"),
        lambda: store.forget(5),
        lambda: store.named("Ann"),
        lambda: store.enrol("", voice(1), 1, 1),
        lambda: store.enrol("Ann", voice(1), 1, 1, refuse),
    ):
        with pytest.raises(UserError):
            attempt()
    assert not path.parent.exists()


def test_a_name_that_is_known_adds_to_the_voice(store, voice) -> None:
    first = store.enrol("Ann", voice(1), 1, 10)
    second = store.enrol(" ann", voice(2), 7, 20)
    assert (second.key, second.speaker_id, second.name) == (first.key, "S1", "Ann")
    (ann,) = store.profiles()
    assert ann.voice.count == 20
    assert (ann.enrolled_ns, ann.updated_ns) == (10, 20)
    np.testing.assert_allclose(ann.voice.total, voice(1).total + voice(2).total)


def test_an_id_that_is_taken_becomes_the_next_free_one(store, voice) -> None:
    for name, wanted, given in (("A", 2, "S2"), ("B", 2, "S3"), ("C", 1, "S1"), ("D", 1, "S4")):
        assert store.enrol(name, voice(1), wanted, 0).speaker_id == given


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (" \n", "a name is needed"),
        ("x" * 81, "a name has at most 80 characters, not 81"),
        ("Ann\x1b[2J", "characters that cannot be shown"),
        ("s12", "unknown voices are called so"),
    ],
)
def test_not_everything_is_a_name(store, voice, name: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        store.enrol(name, voice(1), 1, 0)
    key = store.enrol("민수 Æ 'quoted'; DROP TABLE speaker", voice(1), 1, 0).key
    with pytest.raises(UserError, match=reason):
        store.rename(key, name)


def test_a_name_belongs_to_one_person(store, voice) -> None:
    ann, bob = (store.enrol(name, voice(1), 1, 0) for name in ("Ann", "Bob"))
    with pytest.raises(UserError, match=r"somebody else is called 'Ann' \(S1\)"):
        store.rename(bob.key, "ANN")
    store.rename(ann.key, "ANN")
    store.rename(bob.key, "Ben")
    assert names(store) == ["S1 ANN", "S2 Ben"]
    assert store.named("ben").key == store.named("S2").key == bob.key
    with pytest.raises(UserError, match="nobody is called 'Bob'; enrolled are: 'ANN', 'Ben'"):
        store.named("Bob")


def test_who_is_forgotten_is_gone_and_does_not_come_back_by_learning(store, voice) -> None:
    ann = store.enrol("Ann", voice(1), 1, 0)
    store.forget(ann.key)
    bob = store.enrol("Bob", voice(2), 1, 0)
    store.learn({ann.key: voice(1)}, 5)
    (left,) = store.profiles()
    assert (left.key, left.name, left.voice.count, left.updated_ns) == (bob.key, "Bob", 10, 0)
    for attempt in (lambda: store.forget(ann.key), lambda: store.rename(ann.key, "Eve")):
        with pytest.raises(UserError, match="forgotten meanwhile"):
            attempt()


def test_a_change_by_another_process_shows(store, path: Path, voice) -> None:
    assert store.changed() == (store.profiles() != [])
    assert not store.changed()
    other = ProfileStore(path, "ge2e-1")
    ann = other.enrol("Ann", voice(1), 1, 0)
    for change in (
        lambda: other.learn({ann.key: voice(1)}, 1),
        lambda: other.rename(ann.key, "Eve"),
        lambda: other.forget(ann.key),
        path.unlink,
    ):
        assert store.changed()
        store.profiles()
        assert not store.changed()
        change()
    assert store.changed()
    assert store.profiles() == []


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_only_its_owner_can_read_it_from_the_first_byte_on(path: Path, voice, umask: int) -> None:
    """Also the journal, which holds what the file held before."""
    store = ProfileStore(path, "ge2e-1")
    before = os.umask(umask)
    try:
        with store._database.writing(make=True) as connection:
            connection.execute("UPDATE model SET id = 'x'")
            connection.execute("PRAGMA cache_spill = 1")
            connection.execute("PRAGMA cache_size = 0")
            connection.execute("INSERT INTO speaker SELECT 1, 1, 'a', 'a', 1, zeroblob(99999), 0, 0, 0, 0")
            modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {path.name: 0o600, f"{path.name}-journal": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("dimension", [192, 256, 512])
def test_nothing_of_who_is_forgotten_is_left_in_the_file(store, path: Path, voice, dimension: int) -> None:
    def traces(speech: Any, *texts: str) -> bool:
        data = path.read_bytes()
        pieces = speech.total.tobytes()
        return any(text.encode() in data for text in texts) or any(
            pieces[at : at + 8] in data for at in range(0, len(pieces), 8)
        )

    people = [store.enrol(f"Person{number}", voice(number, 10, dimension), 1, 0) for number in range(9)]
    ann = people[4]
    store.learn({person.key: voice(1, 5, dimension) for person in people}, 1)
    (enrolled,) = [profile for profile in store.profiles() if profile.key == ann.key]
    assert not traces(ann.voice), "a voice that has changed is not kept as it was"
    assert traces(enrolled.voice, "Person4")
    store.rename(ann.key, "Somebodyelse")
    assert not traces(ann.voice, "Person4", "person4")
    store.forget(ann.key)
    assert not traces(enrolled.voice, "Person4", "Somebodyelse", "somebodyelse")
    assert len(store.profiles()) == 8
    for person in people[:4] + people[5:]:
        store.forget(person.key)
    assert b"erson" not in path.read_bytes()


def test_two_processes_that_enrol_at_once_lose_nothing(store, path: Path) -> None:
    code = """
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(25):
            store.enrol(f"{sys.argv[2]}{number}", voice, 1, 0)
            store.enrol("Both", voice, 1, 0)
    """
    processes = [script(code, path, who) for who in "AB"]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        finished(process)
    profiles = store.profiles()
    assert sorted(profile.number for profile in profiles) == list(range(1, 52))
    assert {profile.name for profile in profiles} == {
        "Both",
        *(f"{who}{number}" for who in "AB" for number in range(25)),
    }
    (both,) = [profile for profile in profiles if profile.name == "Both"]
    assert both.voice.count == 50 * 4


def test_nobody_else_writes_between_what_is_read_and_what_is_written(store, path: Path, voice) -> None:
    def check(_: Any) -> None:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            other.execute("SELECT * FROM speaker")
            with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                other.execute("BEGIN IMMEDIATE")
        checked.append(True)

    checked: list[bool] = []
    store.enrol("Ann", voice(1), 1, 0)
    store.enrol("Ann", voice(1), 1, 0, check)
    assert checked


def test_a_process_that_is_killed_while_it_writes_changes_nothing(store, path: Path, voice) -> None:
    ann = store.enrol("Ann", voice(1), 1, 0)
    before = path.read_bytes()
    code = """
        with store._database.writing() as connection:
            connection.execute("PRAGMA cache_size = 0")
            connection.execute("DELETE FROM speaker")
            for number in range(50):
                row = (number, number, str(number), str(number), 1.0, voice.total.tobytes(), 0.0, 0.0, 0, 0)
                connection.execute(f"INSERT INTO speaker VALUES ({', '.join('?' * 10)})", row)
            print("written", flush=True)
            sys.stdin.readline()
    """
    process = script(code, path)
    assert process.stdout.readline() == "written\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert path.with_name(f"{path.name}-journal").exists(), "it was killed before its transaction ended"
    assert path.read_bytes() != before
    assert [profile.key for profile in store.profiles()] == [ann.key]
    assert path.read_bytes() == before
    store.enrol("Bob", voice(2), 1, 0)
    assert names(store) == ["S1 Ann", "S2 Bob"]


def test_a_process_that_is_killed_before_it_writes_leaves_no_damage(store, path: Path, voice) -> None:
    path.parent.mkdir()
    path.touch()
    assert store.profiles() == []
    assert store.enrol("Ann", voice(1), 1, 0).speaker_id == "S1"


def refusal(action: Any) -> str:
    """The one line that says why."""
    with pytest.raises(UserError) as refused:
        action()
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_the_store_of_another_model_is_refused(store, path: Path, voice) -> None:
    store.enrol("Ann", voice(1), 1, 0)
    before = path.read_bytes()
    other = ProfileStore(path, "wespeaker-2")
    for action in (other.profiles, lambda: other.enrol("Bob", voice(2), 1, 0)):
        assert refusal(action) == (
            f"the voices in '{path}' are of model 'ge2e-1' and mean nothing to 'wespeaker-2', which is in "
            "use: choose the other model or another file, or enrol everybody again"
        )
    assert path.read_bytes() == before
    assert ProfileStore(path, "").model_id() == "ge2e-1"


@pytest.mark.parametrize(
    ("pragma", "reason"),
    [
        ("user_version = 2", "was written by a newer version of stalk_ros (schema 2, this one knows 1)"),
        ("application_id = 0", "is a database of another program"),
    ],
)
def test_a_file_of_the_future_or_of_another_program_is_refused(
    store, path: Path, voice, pragma: str, reason: str
) -> None:
    store.enrol("Ann", voice(1), 1, 0)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA {pragma}")
    before = path.read_bytes()
    for action in (store.profiles, lambda: store.enrol("Bob", voice(2), 1, 0)):
        assert refusal(action).startswith(f"'{path}' {reason}")
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused_and_left_as_it_is(store, path: Path, voice) -> None:
    store.enrol("Ann", voice(1), 1, 0)
    whole = path.read_bytes()
    for ruin in (b"RIFF" + whole[4:], whole[:100] + b"\xff" * 100 + whole[200:], whole[: len(whole) // 2]):
        path.write_bytes(ruin)
        for action in (store.profiles, lambda: store.enrol("Bob", voice(2), 1, 0)):
            reason = refusal(action)
            assert reason.startswith("cannot ")
            assert reason.endswith("; move it away to begin anew, or put back a copy of it")
        assert path.read_bytes() == ruin


@pytest.mark.parametrize(
    "damage",
    [
        "total = zeroblob(2048)",
        "total = x'00'",
        "total = x'000000000000f07f000000000000f03f'",
        "total = 'text'",
        "count = 'many'",
        "count = -1",
        "pairs = 9e999",
        "cosines = 1e9",
        "name = x'00'",
        "number = 'one'",
        "updated_ns = 'never'",
    ],
)
def test_what_is_no_voice_is_refused(store, path: Path, voice, damage: str) -> None:
    store.enrol("Ann", voice(1), 1, 0)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE speaker SET {damage}")
    assert "it holds what is no voice; move it away" in refusal(store.profiles)


def test_a_locked_file_is_waited_for_and_then_refused(store, path: Path, voice, monkeypatch) -> None:
    monkeypatch.setattr("stalk_ros.speakers.profiles.database._PATIENCE_S", 0.05)
    ann = store.enrol("Ann", voice(1), 1, 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert names(store) == ["S1 Ann"], "who only reads needs not wait for who only plans to write"
        assert refusal(lambda: store.learn({ann.key: voice(1)}, 1)) == (
            f"cannot write the enrolled voices in '{path}': database is locked; another process has it: "
            "try again"
        )
        connection.execute("COMMIT")
        connection.execute("BEGIN EXCLUSIVE")
        assert "cannot read" in refusal(store.profiles)


def test_what_is_not_permitted_is_refused(open_folder: Path, voice, unprivileged) -> None:
    folder = open_folder / "mine"
    store = ProfileStore(folder / "voices.sqlite3", "ge2e-1")
    ann = store.enrol("Ann", voice(1), 1, 0)
    store.path.chmod(0o444)
    folder.chmod(0o555)
    with unprivileged():
        assert names(store) == ["S1 Ann"], "a store that cannot be written can be used"
        remedy = "; see to its permissions and the space on the disk, or choose another file"
        for action in (
            lambda: store.learn({ann.key: voice(1)}, 1),
            lambda: ProfileStore(folder / "other.sqlite3", "ge2e-1").enrol("Bob", voice(2), 1, 0),
            lambda: ProfileStore(folder / "new" / "other.sqlite3", "ge2e-1").enrol("Bob", voice(2), 1, 0),
        ):
            assert refusal(action).endswith(remedy)
    folder.chmod(0o755)


@pytest.mark.parametrize("place", [".", "file/voices.sqlite3"])
def test_what_can_be_no_file_is_refused(tmp_path: Path, voice, place: str) -> None:
    (tmp_path / "file").write_text("")
    store = ProfileStore(tmp_path / place, "ge2e-1")
    reason = refusal(lambda: store.enrol("Ann", voice(1), 1, 0))
    assert reason.startswith(f"cannot write the enrolled voices in '{tmp_path / place}': ")


def test_any_path_will_do(tmp_path: Path, voice) -> None:
    store = ProfileStore(tmp_path / "50% of #us?mode=ro" / "ä b.sqlite3", "ge2e-1")
    store.enrol("Ann", voice(1), 1, 0)
    assert store.path.is_file()
    assert names(store) == ["S1 Ann"]


def test_each_model_has_its_file_where_data_belong(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert store_path("", "ge2e-1") == tmp_path / "stalk_ros" / "voices-ge2e-1.sqlite3"
    assert store_path("", "../a b") == tmp_path / "stalk_ros" / "voices-.._a_b.sqlite3"
    monkeypatch.setenv("HOME", "/home/ann")
    assert store_path("~/voices", "m") == Path("/home/ann/voices")
    for unset in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", unset)
        assert store_path("", "m") == Path("/home/ann/.local/share/stalk_ros/voices-m.sqlite3")


def test_without_a_home_nobody_is_enrolled_there(voice, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    store = ProfileStore(store_path("~nobodyofthatname/voices", "m"), "m")
    assert store.profiles() == []
    assert refusal(lambda: store.enrol("Ann", voice(1), 1, 0)).startswith(
        "there is no home folder for '~nobody"
    )
    assert not list(tmp_path.iterdir())
