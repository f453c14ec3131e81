"""The launch files, where ROS 2 has launch (its wheels do not)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import stalk_ros.msg as msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.importorskip("launch_ros", reason="only an installed ROS 2 has launch")

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "samples" / "conversation.flac"
LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

source = PythonLaunchDescriptionSource(sys.argv[1])
arguments = [tuple(argument.split(":=", 1)) for argument in sys.argv[2:]]
service = LaunchService()
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments=arguments)])
)
sys.exit(service.run())
"""
STAGES = {"asr", "diarization", "topic_recommender"}


@pytest.fixture
def launched(tmp_path, monkeypatch) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Launches in a process group of its own, as a terminal has it, with a folder for what is temporary."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    processes = []

    def run(*arguments: str, file: str = "conversation.launch.py") -> subprocess.Popen[str]:
        command = [sys.executable, "-c", LAUNCH, str(ROOT / "launch" / file), *arguments]
        process = subprocess.Popen(
            command, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    left = [path for path in temporary.rglob("*") if path.is_file() and b"ros__par" in path.read_bytes()]
    assert not left, "a params file is left behind"


def interrupted(process: subprocess.Popen[str]) -> str:
    """What was printed until Ctrl-C has ended it, which it did well."""
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60.0)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    assert "process has died" not in output
    return output


def names(graph, namespace: str) -> set[str]:
    found = graph.probe.get_node_names_and_namespaces()
    return {name for name, where in found if where == namespace}


@pytest.mark.parametrize("composed", ["True", "false"])
def test_the_launch_file_starts_a_conversation_in_its_namespace(graph, launched, tmp_path, composed) -> None:
    utterances = graph.collect(msg.SpeakerUtterance, "/bot/utterances")
    strange = tmp_path / 'a "quoted" {map: [1]} := $(x) ü 😀 \'#.flac'
    shutil.copy(SAMPLE, strange)
    process = launched("namespace:=bot", "audio:=file", f"file:={strange}", f"composed:={composed}")
    graph.wait(lambda: utterances, "an utterance")
    assert names(graph, "/bot") == {"audio_capture", *STAGES}
    interrupted(process)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("audio:=topic", "topic:=/robot/audio"), {"audio_common_in", *STAGES}),
        (("audio:=topic", "composed:=true", "topic:=/robot/audio"), {"audio_common_in", *STAGES}),
        (
            ("audio:=file", f"file:={SAMPLE}", "speak:=true", "hri:=true"),
            {"audio_capture", "speak_suggestions", "ros4hri", *STAGES},
        ),
    ],
    ids=["a topic", "a topic and one process", "the extras"],
)
def test_the_arguments_choose_the_nodes(graph, launched, arguments, expected) -> None:
    process = launched("namespace:=bot", *arguments)
    graph.wait(lambda: names(graph, "/bot") >= expected, "discovery")
    assert names(graph, "/bot") == expected
    interrupted(process)


def test_the_robot_is_wired_to_its_own_topics(graph, launched) -> None:
    process = launched(file="robot.launch.py")
    node = graph.probe
    graph.wait(lambda: node.count_publishers("/robot/tts/suggestions"), "the suggestions")
    graph.wait(lambda: node.count_subscribers("/robot/tts/is_speaking") == 2, "ears for the robot's voice")
    assert not node.count_subscribers("/robot_speaking")
    assert "audio_common_in" in interrupted(process)


def test_the_robot_is_tried_with_other_audio(graph, launched) -> None:
    process = launched("audio:=file", f"file:={SAMPLE}", file="robot.launch.py")
    expected = {"audio_capture", *STAGES}
    graph.wait(lambda: names(graph, "/robot/conversation") >= expected, "discovery")
    assert names(graph, "/robot/conversation") == expected
    interrupted(process)


def test_a_node_that_dies_comes_back(graph, launched) -> None:
    process = launched("namespace:=bot", "audio:=file", f"file:={SAMPLE}")
    assert process.stdout
    lines = iter(process.stdout.readline, "")
    first = next(line for line in lines if "asr-" in line and "process started" in line)
    graph.wait(lambda: "asr" in names(graph, "/bot"), "the node")
    os.kill(int(first.rpartition("pid [")[2].rstrip("]\n")), signal.SIGKILL)
    assert next(line for line in lines if "asr-" in line and "process has died" in line)
    assert next(line for line in lines if "asr-" in line and "process started" in line)
    utterances = graph.collect(msg.SpeakerUtterance, "/bot/utterances")
    graph.wait(lambda: utterances, "an utterance")
    interrupted(process)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("log_level:=loud",), "loud"),
        (("params_file:=/nowhere.yaml",), "there is no params_file '/nowhere.yaml'"),
        (("composed:=maybe",), "argument 'composed' is true or false, not 'maybe'"),
        (("audio:=radio",), "radio"),
        (("audio:=file",), "audio:=file needs argument 'file'"),
        (("audio:=file", "file:=/nowhere.wav"), "there is no file '/nowhere.wav'"),
        (("audio:=microphone", f"file:={SAMPLE}"), "argument 'file' needs audio:=file"),
        (("device:=USB",), "argument 'device' needs audio:=microphone"),
        (("audio:=microphone", "topic:=/audio"), "argument 'topic' needs audio:=topic"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_argument_starts_nothing(launched, arguments, problem) -> None:
    process = launched(*arguments)
    output, _ = process.communicate(timeout=60.0)
    assert process.returncode != 0
    assert problem in output
    assert "process started" not in output


@pytest.mark.parametrize("file", ["conversation.launch.py", "robot.launch.py"])
def test_every_argument_is_explained(file) -> None:
    from launch import LaunchContext
    from launch.launch_description_sources import PythonLaunchDescriptionSource

    source = PythonLaunchDescriptionSource(str(ROOT / "launch" / file))
    arguments = source.get_launch_description(LaunchContext()).get_launch_arguments()
    assert len(arguments) > 4
    assert all(argument.description for argument in arguments)
