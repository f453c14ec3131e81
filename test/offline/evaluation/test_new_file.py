from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.new_file import NewFile

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_there_stays_until_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("old")
    file = NewFile(path)
    assert path.read_text() == "old"
    file.write(b"new")
    file.close()
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_of_what_was_never_written(tmp_path: Path) -> None:
    NewFile(tmp_path / "deep" / "run.json").close()
    assert list((tmp_path / "deep").iterdir()) == []


def test_what_cannot_be_written_is_known_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "run.json", tmp_path):
        with pytest.raises(UserError, match="cannot write"):
            NewFile(path)
