"""The nodes as processes of their own, over DDS."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ament_index_python.packages import get_package_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROGRAMS = Path(get_package_prefix("stalk_ros")) / "lib" / "stalk_ros"


@pytest.fixture
def start(graph, tmp_path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts installed programs in the namespace /stalk; ends them, and shows what they said."""
    processes: list[tuple[str, subprocess.Popen[bytes]]] = []

    def run(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(PROGRAMS / name), *arguments]
        with (tmp_path / f"{name}.log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        processes.append((name, process))
        return process

    yield run
    for _, process in processes:
        process.terminate()
    codes = {name: process.wait(60.0) for name, process in processes}
    for name, _ in processes:
        print(f"--- {name}\n{(tmp_path / f'{name}.log').read_text()}")
    assert set(codes.values()) <= {0}, codes
