"""What is held, with the processes that were started."""

from __future__ import annotations

import mmap
import subprocess
import sys
import threading

from stalk_ros.offline.evaluation import memory
from stalk_ros.offline.evaluation.memory import Peak, held_mib


def test_a_process_counts_with_those_it_has_started() -> None:
    before_mib = held_mib()
    holding = "import sys; held = bytearray(b'x') * 2**26; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holding]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with_it_mib = held_mib()
        process.communicate()
    assert with_it_mib - before_mib > 60
    assert held_mib() < with_it_mib - 60


def test_what_is_shared_counts_once(tmp_path) -> None:
    path = tmp_path / "shared"
    path.write_bytes(b"x" * 2**26)
    reading = f"import mmap; held = mmap.mmap(open({str(path)!r}, 'rb').fileno(), 0, prot=mmap.PROT_READ)"
    command = [sys.executable, "-c", f"{reading}; sum(held[::4096]); print(flush=True); input()"]
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        assert set(held[::4096]) == {ord("x")}
        alone_mib = held_mib()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            both_mib = held_mib()
            process.communicate(b"\n")
    assert both_mib < alone_mib + 48


def test_the_most_at_once_is_told(monkeypatch) -> None:
    looks = iter((10.0, 70.0, 30.0))
    seen = threading.Event()

    def look() -> float:
        mib = next(looks, None)
        if mib is None:
            seen.set()
        return mib or 20.0

    monkeypatch.setattr(memory, "held_mib", look)
    monkeypatch.setattr(memory, "_LOOK_S", 0.001)
    with Peak() as peak:
        assert seen.wait(10)
    assert peak.mib == 70.0
