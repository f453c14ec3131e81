"""Programs that are told to end, at any moment."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ament_index_python.packages import get_package_prefix

SAMPLE = Path(__file__).parents[3] / "samples" / "conversation.flac"
PROGRAMS = Path(get_package_prefix("stalk_ros")) / "lib" / "stalk_ros"
PLAYED = ("--ros-args", "-p", f"source:={SAMPLE}")
NODES = (
    "asr",
    "audio_capture",
    "audio_common_in",
    "audio_common_out",
    "conversation",
    "diarization",
    "monitor",
    "ros4hri",
    "speak_suggestions",
    "topic_recommender",
)
START_S = 1.5
"""A start takes about so long on an idle machine: the moments of the signals are spread over it."""

LOADING = """
import sys
import threading

class Loading:
    @classmethod
    def missing(cls, parameters):
        return ""

    def __init__(self, parameters):
        print("loading", file=sys.stderr, flush=True)
        threading.Event().wait()
"""


def started(name: str, *arguments: str) -> subprocess.Popen[str]:
    """A program in a process group of its own, as a terminal has it, once it heeds signals.

    Before, Python itself is starting, which a signal ends in Python's own way.
    """
    command = [sys.executable, str(PROGRAMS / name), *arguments]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return process
        lasts(process, 0.002)
    raise AssertionError(f"{name} ended: {process.communicate()[1]}")


def lasts(process: subprocess.Popen[str], time_s: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(time_s)


def told(process: subprocess.Popen[str], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its code, and what it said that no program should."""
    try:
        _, said = process.communicate(timeout=60.0)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, said if "Traceback" in said or "Exception" in said else ""


def signalled(name: str, seed: int, moment_s: float, *arguments: str) -> tuple[int, str]:
    """What becomes of a program with a signal at a moment of its start, and perhaps another one after it."""
    chance = random.Random(seed)
    process = started(name, *arguments)
    lasts(process, moment_s)
    for _ in range(chance.choice((1, 2))):
        told(process, chance.choice((signal.SIGINT, signal.SIGTERM)))
        lasts(process, chance.uniform(0.0, 0.2))
    return ended(process)


@pytest.mark.parametrize("name", NODES)
def test_a_signal_at_any_moment_of_the_start_ends_it_with_code_0(domain_id, name) -> None:
    count = 20 if name == "conversation" else 3
    arguments = PLAYED if name in ("conversation", "audio_capture") else ()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        outcomes = [
            pool.submit(signalled, name, number, START_S * number / count, *arguments)
            for number in range(count)
        ]
    assert {outcome.result() for outcome in outcomes} == {(0, "")}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("program", ["asr", "conversation"])
def test_a_model_that_never_loads_does_not_hold_up_the_end(
    domain_id, tmp_path, monkeypatch, number, program
) -> None:
    information = tmp_path / "loading-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: loading\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[stalk_ros.transcribers]\nloading = loading:Loading\n")
    (tmp_path / "loading.py").write_text(LOADING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    params_file = tmp_path / "params.yaml"
    params_file.write_text(yaml.safe_dump({"/**/asr": {"ros__parameters": {"backend": "loading"}}}))
    process = started(program, "--ros-args", "--params-file", str(params_file))
    assert process.stderr
    while process.stderr.readline().strip() != "loading":
        assert process.poll() is None
    told(process, number)
    told(process, number)
    assert ended(process) == (0, "")


def children(process: subprocess.Popen[str]) -> set[str]:
    """The processes that any of its threads has started."""
    with contextlib.suppress(OSError):
        lists = Path(f"/proc/{process.pid}/task").glob("*/children")
        return {child for path in lists for child in path.read_text().split()}
    return set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_process_of_an_engine_ends_with_the_node_also_while_it_starts(domain_id, number) -> None:
    process = started("asr", "--ros-args", "-p", "backend:=pocketsphinx")
    while not (engines := children(process)):
        assert process.poll() is None
        lasts(process, 0.002)
    told(process, number)
    code, said = ended(process)
    assert (code, said) == (-number if number == signal.SIGKILL else 0, "")
    for engine in engines:
        # It is nobody's child any more: Linux tells of its end by a descriptor.
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(int(engine))
            try:
                assert select.select([descriptor], [], [], 60.0)[0], "the engine's process is left"
            finally:
                os.close(descriptor)


def test_the_demonstration_takes_its_nodes_with_it(domain_id, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    process = started("demo")
    while len(nodes := children(process)) < 5:
        assert process.poll() is None
        lasts(process, 0.01)
    process.terminate()
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, "")
    assert not [node for node in nodes if Path(f"/proc/{node}").exists()]
