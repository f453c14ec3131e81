"""What docs/speaking.md tells people to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.errors import UserError
from stalk_ros.mouth import Command, MouthParameters
from stalk_ros.ros import qos

PAGE = (Path(__file__).parents[2] / "docs" / "speaking.md").read_text(encoding="utf-8")
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


def test_the_example_for_a_robots_own_tts_runs(graph, tmp_path) -> None:
    (tmp_path / "robot.py").write_text(ROBOT, encoding="utf-8")
    robot = graph.collect(Bool, "/robot_speaking", qos.EVENTS)
    suggestions = graph.publisher(msg.TopicSuggestion, "/stalk/suggestions", qos.EVENTS)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-c", EXAMPLE],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    graph.connected(suggestions)
    graph.wait(lambda: graph.probe.count_publishers("/robot_speaking"), "the robot")
    offer = msg.TopicSuggestion(suggestion_id="t1", text="Long story.", language="en")
    suggestions.publish(offer)
    assert process.stdout.readline() == "says en Long story.\n"
    offer.status = offer.WITHDRAWN
    suggestions.publish(offer)
    assert process.stdout.readline() == "ends\n"
    graph.wait(lambda: [message.data for message in robot] == [True, False], "a turn")
    process.kill()
    process.communicate()


def test_the_example_for_audio_common_is_python() -> None:
    """Its action is of another package, which is not here to be run with."""
    compile(SAY_EXAMPLE, "speaking.md", "exec")
