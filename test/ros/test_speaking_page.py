"""What docs/speaking.md tells people to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
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

# The `say` action of mgonzs13's audio_common, less its feedback; its server speaks until it is stopped.
PACKAGE = {
    "action/TTS.action": """\
string text
string language "en"
float32 volume 1.0
float32 rate 1.0
---
string text
---
""",
    "CMakeLists.txt": """\
cmake_minimum_required(VERSION 3.16)
project(audio_common_msgs)
find_package(ament_cmake REQUIRED)
find_package(rosidl_default_generators REQUIRED)
rosidl_generate_interfaces(${PROJECT_NAME} action/TTS.action)
ament_package()
""",
    "package.xml": """\
<package format="3">
  <name>audio_common_msgs</name>
  <version>0.0.0</version>
  <description>Interfaces for tests</description>
  <maintainer email="maintainers@stalk-ros.invalid">stalk_ros maintainers</maintainer>
  <license>Apache-2.0</license>
  <buildtool_depend>ament_cmake</buildtool_depend>
  <buildtool_depend>rosidl_default_generators</buildtool_depend>
  <member_of_group>rosidl_interface_packages</member_of_group>
  <export><build_type>ament_cmake</build_type></export>
</package>
""",
}
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
    processes: list[subprocess.Popen[str]] = []

    def run(program: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program]
        processes.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return processes[-1]

    yield run
    for process in processes:
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


def test_the_example_for_audio_common_runs(graph, python, tmp_path) -> None:
    environment = with_audio_common(tmp_path)
    server = python(SAY_SERVER, environment)
    python(SAY_EXAMPLE, environment)
    robot = graph.collect(Bool, "/robot_speaking", qos.EVENTS)
    suggestions = graph.publisher(msg.TopicSuggestion, "/stalk/suggestions", qos.EVENTS)
    graph.connected(suggestions)
    graph.wait(lambda: graph.probe.count_publishers("/robot_speaking"), "the robot")
    graph.wait(lambda: graph.probe.count_clients("/say/_action/send_goal"), "the client of the action")
    offer = msg.TopicSuggestion(suggestion_id="t1", text="It's a long story.", language="en")
    suggestions.publish(offer)
    assert server.stdout.readline() == "says en It’s a long story.\n"
    offer.status = offer.WITHDRAWN
    suggestions.publish(offer)
    assert server.stdout.readline() == "canceled\n"
    graph.wait(lambda: [message.data for message in robot] == [True, False], "a turn")


def with_audio_common(folder: Path) -> dict[str, str]:
    """Build the action as its package does; returns the environment of a process that has it."""
    source, installed = folder / "source", folder / "install"
    (source / "action").mkdir(parents=True)
    for name, text in PACKAGE.items():
        (source / name).write_text(text, encoding="utf-8")
    environment = dict(os.environ)
    options = [f"-DPython3_EXECUTABLE={sys.executable}", "-DPYTHON_INSTALL_DIR=python"]
    if not environment.get("ROS_DISTRO"):
        # ROS 2 from wheels, as in scripts/build.
        places = {"AMENT_PREFIX_PATH": sys.prefix, "CMAKE_PREFIX_PATH": sys.prefix}
        environment |= {"PATH": f"{sys.prefix}/bin:{environment['PATH']}", **places}
        options += ["-GNinja", f"-DCMAKE_PROJECT_audio_common_msgs_INCLUDE={ROOT / 'cmake' / 'wheels.cmake'}"]
    build = folder / "build"
    for step in (
        ["cmake", "-S", source, "-B", build, f"-DCMAKE_INSTALL_PREFIX={installed}", *options],
        ["cmake", "--build", build, "--target", "install"],
    ):
        done = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    places = {"PYTHONPATH": "python", "LD_LIBRARY_PATH": "lib", "AMENT_PREFIX_PATH": ""}
    added = {
        name: os.pathsep.join(filter(None, (str(installed / place), os.environ.get(name, ""))))
        for name, place in places.items()
    }
    return {**os.environ, **added}
