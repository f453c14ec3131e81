from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDER = """
import json, sys
with open(sys.argv[1], "w") as file:
    json.dump([sys.argv[2:], sys.stdin.buffer.read().decode()], file)
"""


class Recorder:
    """A program that writes down its arguments and its standard input."""

    def __init__(self, folder: Path) -> None:
        self._output = folder / "output.json"
        program = folder / "record.py"
        program.write_text(RECORDER, encoding="utf-8")
        self.command = shlex.join([sys.executable, str(program), str(self._output)])

    def recorded(self) -> tuple[list[str], str]:
        arguments, given = json.loads(self._output.read_text())
        return arguments, given


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """Makes a template that runs a shell script, with the sentence as its argument."""

    def make(text: str) -> str:
        path = tmp_path / "script.sh"
        path.write_text(text, encoding="utf-8")
        return f"sh {shlex.quote(str(path))} {{text}}"

    return make
