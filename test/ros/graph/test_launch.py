"""The launch file, where ROS 2 has launch (its wheels do not)."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import stalk_ros.msg as msg

pytest.importorskip("launch_ros", reason="only an installed ROS 2 has launch")

ROOT = Path(__file__).parents[3]
LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

source = PythonLaunchDescriptionSource(sys.argv[1])
arguments = [tuple(argument.split(":=")) for argument in sys.argv[2:]]
service = LaunchService()
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments=arguments)])
)
sys.exit(service.run())
"""


def launched(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LAUNCH, str(ROOT / "launch" / "conversation.launch.py"), *arguments]
    return subprocess.Popen(command, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("composed", ["true", "false"])
def test_the_launch_file_starts_a_conversation_in_its_namespace(graph, composed) -> None:
    utterances = graph.collect(msg.SpeakerUtterance, "/bot/utterances")
    sample = ROOT / "samples" / "conversation.flac"
    process = launched("namespace:=bot", f"source:={sample}", f"composed:={composed}")
    graph.wait(lambda: utterances, "an utterance")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60.0)
    assert "Traceback" not in output
    assert "process has died" not in output


@pytest.mark.parametrize("argument", ["log_level:=loud", "params_file:=/nowhere.yaml"])
def test_a_wrong_argument_starts_nothing(argument) -> None:
    process = launched(argument)
    output, _ = process.communicate(timeout=60.0)
    assert process.returncode != 0
    assert argument.partition(":=")[2] in output
    assert "process started" not in output
