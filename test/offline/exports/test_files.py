from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.exports import created
from stalk_ros.offline.exports.files import put_in_order


def test_an_output_gets_its_folder_and_takes_any_text(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "out.jsonl"
    with created(path) as file:
        file.write("caf\udce9 안녕")
    assert path.read_text(encoding="utf-8") == "caf? 안녕"


def test_an_output_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "out.jsonl"):
        with pytest.raises(
            UserError, match=r"^cannot write '.+': (Is a directory|Not a directory|File exists)$"
        ):
            created(path)


def test_a_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot write"):
        created(tmp_path / "a\0b")


def ordered(path: Path, text: str = "c\nb 안\na\n") -> None:
    with created(path) as file:
        file.write(text)
        put_in_order(file, lambda line: line[0])


def test_lines_are_sorted_and_equal_ones_stay(tmp_path: Path) -> None:
    ordered(tmp_path / "out", "b2\na2\nb1\na1\na2\n")
    assert (tmp_path / "out").read_text() == "a2\na1\na2\nb2\nb1\n"
    assert [*tmp_path.iterdir()] == [tmp_path / "out"]


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "folder" / "link"
    link.parent.mkdir()
    real.touch()
    real.chmod(0o640)
    link.symlink_to(real)
    ordered(link)
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "a\nb 안\nc\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_file_with_two_names_stays_one_file(tmp_path: Path) -> None:
    (tmp_path / "one").touch()
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    ordered(tmp_path / "one")
    assert (tmp_path / "two").samefile(tmp_path / "one")
    assert (tmp_path / "two").read_text(encoding="utf-8") == "c\nb 안\na\n"


def test_a_file_that_was_moved_stays_as_it_is(tmp_path: Path) -> None:
    with created(tmp_path / "out") as file:
        file.write("b\na\n")
        (tmp_path / "out").rename(tmp_path / "moved")
        put_in_order(file, lambda line: line)
    assert (tmp_path / "moved").read_text() == "b\na\n"
    assert [*tmp_path.iterdir()] == [tmp_path / "moved"]


def test_a_pipe_gets_the_lines_as_they_come(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text(encoding="utf-8")))
    reader.start()
    ordered(tmp_path / "pipe")
    reader.join()
    assert read == ["c\nb 안\na\n"]


def test_what_the_shell_redirects_stays_its_file(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from stalk_ros.offline.exports.files import created, put_in_order\n"
        "file = created(Path('/dev/stdout')); file.write('b\\na\\n')\n"
        "put_in_order(file, str); file.close()"
    )
    with (tmp_path / "out").open("w") as out:
        number = os.fstat(out.fileno()).st_ino
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out").stat().st_ino == number
    assert (tmp_path / "out").read_text() == "b\na\n"


def test_where_there_is_no_room_for_another_the_file_is_as_it_was(tmp_path, monkeypatch) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="out' is complete, but not in the order of time: No space left"):
        ordered(tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "c\nb 안\na\n"
    assert [*tmp_path.iterdir()] == [tmp_path / "out"]
