"""The installed programs as processes, and who listens to all that they publish."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rclpy
from ament_index_python.packages import get_package_prefix
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

import stalk_ros.msg as msg
from stalk_ros.errors import UserError
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.domain import THIS_MACHINE, own_domain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity

PATIENCE_S = 300.0
"""Only what is broken takes so long."""

_STOP_S = 10.0


class Programs:
    """Starts installed programs in a domain of their own; ends them all with the context.

    Args:
        folder: for their logs, a file each.
        environment: what their environment has besides this process's.
        launcher: a command that runs them, such as ``ip netns exec``.

    Attributes:
        environment: theirs.
        folder: as above.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], launcher: Sequence[str] = ()) -> None:
        self.environment = {**os.environ, **environment}
        self.folder = folder
        self._launcher = launcher
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_S)
            process.kill()
            process.wait()

    def start(
        self,
        name: str,
        *arguments: str,
        namespace: str = "/stalk",
        parameters: Mapping[str, object] | None = None,
        params_file: Path | None = None,
        log: str = "",
    ) -> subprocess.Popen[bytes]:
        """Start one.

        Args:
            name: of the program.
            arguments: of its own.
            namespace: of its nodes.
            parameters: of its nodes, as YAML.
            params_file: of its nodes, for parameters that not all of them have.
            log: name of its log, by default that of the program; it is appended to.
        """
        given = [part for key, value in (parameters or {}).items() for part in ("-p", f"{key}:={value}")]
        given += ["--params-file", str(params_file)] if params_file else []
        program = Path(get_package_prefix("stalk_ros")) / "lib" / "stalk_ros" / name
        command = [*self._launcher, sys.executable, str(program), *arguments]
        command += ["--ros-args", "-r", f"__ns:={namespace}", *given]
        with self.log(log or name).open("ab") as output:
            process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=output)
        self._running.append(process)
        return process

    def log(self, name: str) -> Path:
        """Where what a program said is."""
        return self.folder / f"{name}.log"


class Listener:
    """Collects what the nodes of a namespace publish, in the order of arrival.

    Attributes:
        node: for what else is wanted of the graph.
        activities: of voices.
        transcript: utterances, finals and partials, without speakers.
        utterances: the same, with speakers.
        states: of the conversation.
        suggestions: offers and withdrawals.
        diagnostics: the latest values by the name of the status.
        problems: the latest level and message by the name of the status.
    """

    def __init__(self, domain: int, namespace: str = "/stalk") -> None:
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        self.node = Node("soak", context=self._context)
        self.activities: list[VoiceActivity] = []
        self.transcript: list[Utterance] = []
        self.utterances: list[Utterance] = []
        self.states: list[ConversationState] = []
        self.suggestions: list[Suggestion] = []
        self.diagnostics: dict[str, dict[str, str]] = {}
        self.problems: dict[str, tuple[int, str]] = {}
        self._changed = threading.Condition()
        for kind, topic, convert, found in (
            (msg.VoiceActivity, "voice_activity", conversions.activity_from_msg, self.activities),
            (msg.SpeakerUtterance, "transcript", conversions.utterance_from_msg, self.transcript),
            (msg.SpeakerUtterance, "utterances", conversions.utterance_from_msg, self.utterances),
            (msg.ConversationState, "conversation_state", conversions.state_from_msg, self.states),
            (msg.TopicSuggestion, "suggestions", conversions.suggestion_from_msg, self.suggestions),
        ):
            take = self._taking(convert, found)
            self.node.create_subscription(kind, f"{namespace}/{topic}", take, qos.EVENTS)
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._diagnosed, qos.EVENTS)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._executor.spin, name="listener")
        self._thread.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()
        self._thread.join()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)

    def wait(self, condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait until the condition holds, and return what it gives.

        Raises:
            UserError: it did not.
        """
        deadline_s = time.monotonic() + patience_s
        with self._changed:
            while not (result := condition()):
                if time.monotonic() > deadline_s:
                    raise UserError(f"{what} did not happen within {patience_s:.0f} s")
                self._changed.wait(0.05)
        return result

    def finals(self) -> list[Utterance]:
        """The final utterances with speakers."""
        return [utterance for utterance in list(self.utterances) if utterance.final]

    def _taking(self, convert: Callable[[Any], Any], found: list[Any]) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            with self._changed:
                found.append(convert(message))
                self._changed.notify_all()

        return take

    def _diagnosed(self, message: DiagnosticArray) -> None:
        with self._changed:
            for status in message.status:
                self.diagnostics[status.name] = {pair.key: pair.value for pair in status.values}
                self.problems[status.name] = (status.level[0], status.message)
            self._changed.notify_all()


@contextlib.contextmanager
def local_domain() -> Iterator[tuple[int, dict[str, str]]]:
    """A domain on this machine alone, and the environment of who is in it."""
    with own_domain() as domain:
        environment = {"ROS_DOMAIN_ID": str(domain), **THIS_MACHINE}
        os.environ.update(environment)
        yield domain, environment
