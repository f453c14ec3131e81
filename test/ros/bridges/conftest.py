"""Processes that have the interface packages of the neighbours."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]


class Peer:
    """See ``peer.py``.

    Attributes:
        heard: the messages of each topic as dictionaries.
    """

    def __init__(self, environment: dict[str, str], graph: Any) -> None:
        self.heard: dict[str, list[dict[str, Any]]] = {}
        self._graph = graph
        self._matched = -1
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "peer.py")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def listen(self, topic: str, message_type: str, **qos: bool) -> list[dict[str, Any]]:
        messages = self.heard.setdefault(topic, [])
        self._tell({"listen": topic, "type": message_type, **qos})
        return messages

    def offer(self, topic: str, message_type: str, **qos: bool) -> None:
        self._tell({"offer": topic, "type": message_type, **qos})

    def publish(self, topic: str, **message: Any) -> None:
        self._tell({"publish": topic, "message": message})

    def connected(self, topic: str) -> None:
        """Wait until somebody has subscribed to what is offered."""

        def matched() -> bool:
            self._tell({"matched": topic})
            return self._matched > 0

        self._matched = -1
        self._graph.wait(matched, f"a subscriber of {topic}")

    def close(self) -> int:
        self._process.stdin.close()
        self._thread.join()
        return self._process.wait()

    def _tell(self, command: dict[str, Any]) -> None:
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        with self._process.stdout as lines:
            for line in lines:
                answer = json.loads(line)
                if "matched" in answer:
                    self._matched = answer["matched"]
                else:
                    self.heard[answer["topic"]].append(answer["message"])


@pytest.fixture
def peer(graph, workspace) -> Iterator[Callable[[str], Peer]]:
    """Starts a peer in a workspace."""
    peers: list[Peer] = []

    def begin(variant: str) -> Peer:
        peers.append(Peer(workspace(variant), graph))
        return peers[-1]

    yield begin
    assert [peer.close() for peer in peers] == [0] * len(peers)


class Bridge:
    """A bridge that runs as a process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")


@pytest.fixture
def bridge(graph, workspace, tmp_path) -> Iterator[Callable[..., Bridge]]:
    """Starts a bridge in a workspace and in the namespace /stalk; shows what it said in the end."""
    bridges: list[Bridge] = []

    def begin(name: str, variant: str, *arguments: str) -> Bridge:
        code = f"from stalk_ros.ros.bridges.{name} import main; main()"
        command = [sys.executable, "-c", code, "--ros-args", "-r", "__ns:=/stalk", *arguments]
        path = tmp_path / f"{name}.log"
        with path.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=workspace(variant), stdout=log, stderr=subprocess.STDOUT
            )
        bridges.append(Bridge(process, path))
        return bridges[-1]

    yield begin
    for one in bridges:
        one.process.terminate()
    codes = [one.process.wait() for one in bridges]
    for one in bridges:
        print(one.said())
    assert codes == [0] * len(codes)


@pytest.fixture
def diagnostics(graph) -> Callable[[str], list[Any]]:
    """What a node of /stalk has said of itself so far, newest last."""
    from diagnostic_msgs.msg import DiagnosticArray

    reports = graph.collect(DiagnosticArray, "/diagnostics")

    def of(name: str) -> list[Any]:
        return [
            status for report in list(reports) for status in report.status if status.name == f"stalk/{name}"
        ]

    return of


@pytest.fixture
def restart(graph) -> Callable[[str], None]:
    """Takes a node of /stalk down to where it has forgotten everything, and up again."""
    from lifecycle_msgs.msg import Transition
    from lifecycle_msgs.srv import ChangeState

    def change(name: str) -> None:
        for step in ("DEACTIVATE", "CLEANUP", "CONFIGURE", "ACTIVATE"):
            transition = Transition(id=getattr(Transition, f"TRANSITION_{step}"))
            service = f"/stalk/{name}/change_state"
            assert graph.call(ChangeState, service, ChangeState.Request(transition=transition)).success, step

    return change
