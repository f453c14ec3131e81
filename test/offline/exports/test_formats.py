from __future__ import annotations

from types import SimpleNamespace

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.configuration import Configuration
from stalk_ros.offline.exports import FORMATS, Context, created


@pytest.fixture
def context(heard) -> Context:
    return Context(SimpleNamespace(name="meeting", problem=""), heard(60.0), Configuration(), {})


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_all_that_happens(name, context, tmp_path, said, suggested) -> None:
    export = FORMATS[name](created(tmp_path / "out"), context)
    export.robot_spoke(True)
    for event in (said(1, 2, "hello"), suggested(5), suggested(5, 6)):
        export.transcribed(event)
        export.write(event)
    export.close()
    assert "S1" in (tmp_path / "out").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_told_at_once(tmp_path) -> None:
    with pytest.raises(UserError, match="cannot write"):
        created(tmp_path)
