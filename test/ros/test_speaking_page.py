"""What docs/speaking.md tells people to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.errors import UserError
from stalk_ros.mouth import Command, MouthParameters
from stalk_ros.ros import qos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 60.0
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "speaking.md").read_text(encoding="utf-8")
EXAMPLE, SAY_EXAMPLE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line.replace("\\|", "|") for line in re.findall(r"^\| .* \| `(.*)` \|$", PAGE, re.MULTILINE)][1:]

# The part that is the robot's, which only the user has.
ROBOT = """
import threading

class Tts:
    def start(self, text, language, when_over):
        self._stopped = threading.Event()
        def speak():
            print("says", language, text, flush=True)
            if text.startswith("Long"):
                self._stopped.wait()
            print("ends", flush=True)
            when_over()
        threading.Thread(target=speak).start()

    def stop(self):
        self._stopped.set()

tts = Tts()
"""

# The server of the `say` action speaks until it is stopped.
SAY_SERVER = """
import threading
import rclpy
from audio_common_msgs.action import TTS
from rclpy.action import ActionServer, CancelResponse
from rclpy.executors import MultiThreadedExecutor
from rclpy.node import Node
from rclpy.callback_groups import ReentrantCallbackGroup

stopped = threading.Event()

def stop(_):
    stopped.set()
    return CancelResponse.ACCEPT

def say(goal):
    print("says", goal.request.language, goal.request.text, flush=True)
    stopped.wait()
    while not goal.is_cancel_requested:
        stopped.wait(0.01)
    goal.canceled()
    print("canceled", flush=True)
    return TTS.Result()

rclpy.init()
node = Node("tts_node")
group = ReentrantCallbackGroup()
ActionServer(node, TTS, "/say", say, cancel_callback=stop, callback_group=group)
rclpy.spin(node, MultiThreadedExecutor(2))
"""


@pytest.fixture
def python() -> Iterator[Callable[[str, dict[str, str]], subprocess.Popen[str]]]:
    """Runs programs in an environment; ends them."""
    processes: dict[subprocess.Popen[str], threading.Timer] = {}

    def run(program: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        # Who waits for a line of it must not do so for ever.
        processes[process] = threading.Timer(PATIENCE_S, process.kill)
        processes[process].start()
        return process

    yield run
    for process, timer in processes.items():
        timer.cancel()
        process.kill()
        process.communicate()


def test_the_default_command_is_the_first_of_the_page() -> None:
    assert COMMANDS[0] == MouthParameters().command


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_are_taken(command, monkeypatch) -> None:
    program = command.split()[0]
    if not shutil.which(program):
        with pytest.raises(UserError, match=f"there is no program '{program}': .* install"):
            Command.parse(command)
        monkeypatch.setattr(shutil, "which", lambda name: name)
    call = Command.parse(command).call("Hello there.", "en")
    assert ("Hello there." in call.arguments) != (call.text == "Hello there.\n")


def test_the_example_for_a_robots_own_tts_runs(graph, python, tmp_path) -> None:
    (tmp_path / "robot.py").write_text(ROBOT, encoding="utf-8")
    robot = graph.collect(Bool, "/robot_speaking", qos.EVENTS)
    suggestions = graph.publisher(msg.TopicSuggestion, "/stalk/suggestions", qos.EVENTS)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    process = python(EXAMPLE, {**os.environ, "PYTHONPATH": path})
    graph.connected(suggestions)
    graph.wait(lambda: graph.probe.count_publishers("/robot_speaking"), "the robot")
    offer = msg.TopicSuggestion(suggestion_id="t1", text="Long story.", language="en")
    suggestions.publish(offer)
    assert process.stdout.readline() == "says en Long story.\n"
    offer.status = offer.WITHDRAWN
    suggestions.publish(offer)
    assert process.stdout.readline() == "ends\n"
    graph.wait(lambda: [message.data for message in robot] == [True, False], "a turn")


def test_the_example_for_audio_common_runs(graph, python, workspace) -> None:
    environment = workspace("mgonzs13")
    server = python(SAY_SERVER, environment)
    python(SAY_EXAMPLE, environment)
    robot = graph.collect(Bool, "/robot_speaking", qos.EVENTS)
    suggestions = graph.publisher(msg.TopicSuggestion, "/stalk/suggestions", qos.EVENTS)
    graph.connected(suggestions)
    graph.wait(lambda: graph.probe.count_publishers("/robot_speaking"), "the robot")
    offer = msg.TopicSuggestion(suggestion_id="t1", text="It's a long story.", language="en")
    suggestions.publish(offer)
    assert server.stdout.readline() == "says en It’s a long story.\n"
    offer.status = offer.WITHDRAWN
    suggestions.publish(offer)
    assert server.stdout.readline() == "canceled\n"
    graph.wait(lambda: [message.data for message in robot] == [True, False], "a turn")
