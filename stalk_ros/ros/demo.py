"""A demonstration: the four nodes as processes of their own, a file played to them, the monitor in front."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from ament_index_python.packages import get_package_prefix, get_package_share_directory

from stalk_ros.offline.exports import created
from stalk_ros.ros.conversation import NODES
from stalk_ros.ros.domain import THIS_MACHINE, own_domain
from stalk_ros.ros.process import Stop, mistakes

_AUDIO_LISTENERS = 3
_POLL_S = 0.1
_STOP_S = 5.0
_INTERRUPTED = 130


def main() -> None:
    """Run the demonstration; exits with its code, or 130 after SIGINT or SIGTERM."""
    share = Path(get_package_share_directory("stalk_ros"))
    parser = argparse.ArgumentParser(
        prog="demo", description="Play an audio file through the nodes and watch."
    )
    parser.add_argument("file", nargs="?", type=Path, default=share / "samples" / "conversation.flac")
    parser.add_argument("--rate", type=float, default=1.0, help="speed: 1 = real time")
    parser.add_argument("--output", type=Path, default=Path("demo_output"), help="folder for events and logs")
    options = parser.parse_args()
    with mistakes("demo"):
        stop = Stop()
        stop.heed_signals()
        sys.exit(_run(options.file, options.rate, options.output, stop))


def _run(file: Path, rate: float, output: Path, stop: Stop) -> int:
    """Run it to its end; returns the monitor's exit code, 1 when a node died, or 130 when it was stopped."""
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(created(output / "nodes.log"))
        environment = _environment(stack)
        # A parameter is YAML: quotes keep a strange file name whole.
        play = [
            f"source:={json.dumps(str(file.absolute()))}",
            f"rate:={rate}",
            f"listeners:={_AUDIO_LISTENERS}",
        ]
        processes: list[subprocess.Popen[bytes]] = []
        stack.callback(_stop, processes)
        processes.extend(
            _start(name, play if name == "audio_capture" else [], log, environment) for name in NODES
        )
        events = output / "events.jsonl"
        monitor = subprocess.Popen(
            [*_command("monitor"), "--until-end", "--events", str(events)], env=environment
        )
        processes.append(monitor)
        code = _wait(monitor, dict(zip(NODES, processes, strict=False)), stop)
    if code == 0:
        print(f"The events are in {events}, what the nodes logged in {log.name}.")
    elif code != _INTERRUPTED:
        print(f"demo: it did not work, exit code {code}; see {log.name}", file=sys.stderr)
    return code


def _command(name: str) -> list[str]:
    program = Path(get_package_prefix("stalk_ros")) / "lib" / "stalk_ros" / name
    return [sys.executable, str(program)]


def _start(
    name: str, parameters: list[str], log: IO[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    arguments = [argument for parameter in parameters for argument in ("-p", parameter)]
    command = [*_command(name), "--ros-args", "-r", "__ns:=/stalk", *arguments]
    return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


def _environment(stack: contextlib.ExitStack) -> dict[str, str]:
    """This machine only and, unless one is set, a domain of its own: it meets no robot and no other one."""
    domain = os.environ.get("ROS_DOMAIN_ID") or str(stack.enter_context(own_domain()))
    print(f"ROS_DOMAIN_ID={domain}, on this machine only")
    return {**os.environ, "ROS_DOMAIN_ID": domain, **THIS_MACHINE}


def _wait(monitor: subprocess.Popen[bytes], nodes: dict[str, subprocess.Popen[bytes]], stop: Stop) -> int:
    """The exit code of the monitor, or 1 as soon as a node dies."""
    while not stop.requested:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return monitor.wait(_POLL_S)
        for name, node in nodes.items():
            if node.poll() is not None:
                print(f"demo: {name} ended with code {node.returncode}", file=sys.stderr)
                return 1
    return _INTERRUPTED


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()  # SIGINT would have a Python that is just starting print a traceback
    deadline_s = time.monotonic() + _STOP_S
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline_s - time.monotonic()))
        if process.poll() is None:
            process.kill()
            process.wait()
