"""The launch files, where ROS 2 has launch (its wheels do not)."""

from __future__ import annotations

import json
import os
import runpy
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
from launch import LaunchContext

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


@pytest.mark.parametrize("file", ["conversation.launch.py", "replay.launch.py", "robot.launch.py"])
def test_every_argument_is_explained(file) -> None:
    from launch.launch_description_sources import PythonLaunchDescriptionSource

    source = PythonLaunchDescriptionSource(str(ROOT / "launch" / file))
    arguments = source.get_launch_description(LaunchContext()).get_launch_arguments()
    assert len(arguments) > 4
    assert all(argument.description for argument in arguments)


CHUNK, DATA = "stalk_ros/msg/AudioChunk", "audio_common_msgs/msg/AudioData"
STAMPED, INFO, FIELDS = (
    f"{DATA}Stamped",
    "audio_common_msgs/msg/AudioInfo",
    "audio_common_msgs/msg/AudioStamped",
)
DRIVER = {"/mic": DATA, "/mic_stamped": STAMPED, "/mic_info": INFO}


@pytest.fixture
def planned(tmp_path, monkeypatch) -> Callable[..., list[list[str]]]:
    """The commands that would play a bag with these topics, where these packages are installed."""

    def commands(types: dict[str, str], *installed: str, **arguments: str) -> list[str]:
        for package in installed:
            marker = tmp_path / "share" / "ament_index" / "resource_index" / "packages" / package
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.touch()
        monkeypatch.setenv("AMENT_PREFIX_PATH", f"{tmp_path}:{os.environ['AMENT_PREFIX_PATH']}")
        topics = [
            {"topic_metadata": {"name": name, "type": kind}, "message_count": 1}
            for name, kind in types.items()
        ]
        metadata = {"rosbag2_bagfile_information": {"topics_with_message_count": topics}}
        (tmp_path / "metadata.yaml").write_text(json.dumps(metadata), encoding="utf-8")
        launch = runpy.run_path(str(ROOT / "launch" / "replay.launch.py"))
        made: list[list[str]] = []
        launch["start"].__globals__["played"] = lambda command, *_: made.append(command) or []
        context = LaunchContext()
        defaults = {"topic": "", "rate": "1.0", "start": "0.0", "loop": "false", "namespace": "stalk"}
        shared = {"params_file": "", "composed": "false", "log_level": "info"}
        context.launch_configurations.update({**defaults, **shared, "bag": str(tmp_path), **arguments})
        launch["start"](context)
        return [part.replace(str(tmp_path), "BAG") for part in made[0]]

    return commands


def bag_play(*rest: str, rate: str = "1.0", start: str = "0.0") -> list[str]:
    command = ["ros2", "bag", "play", "BAG", "--clock", "40", "--rate", rate, "--delay", "2"]
    command += ["--wait-for-all-acked", "10000", "--disable-keyboard-controls"]
    return [*command, "--start-offset", start, *rest]


@pytest.mark.parametrize(
    ("types", "arguments", "expected"),
    [
        ({"/a/audio": CHUNK}, {}, bag_play("--topics", "/a/audio", "--remap", "/a/audio:=/stalk/audio")),
        (
            {"/a/audio": CHUNK, "/robot_speaking": "std_msgs/msg/Bool", "/stalk/utterances": "x/msg/Y"},
            {"rate": "2.0", "start": "3.5", "loop": "true", "namespace": "/bot/"},
            bag_play(
                *("--topics", "/a/audio", "/robot_speaking", "--remap", "/a/audio:=/bot/audio", "--loop"),
                rate="2.0",
                start="3.5",
            ),
        ),
        ({"/a": CHUNK}, {"namespace": "/"}, bag_play("--topics", "/a", "--remap", "/a:=/audio")),
        (DRIVER, {}, bag_play("--topics", "/mic", "/mic_stamped", "/mic_info")),
        ({"/mic": FIELDS}, {"start": "4"}, bag_play("--topics", "/mic", start="4")),
        (
            {"/a": CHUNK, "/b": CHUNK},
            {"topic": "/b"},
            bag_play("--topics", "/b", "--remap", "/b:=/stalk/audio"),
        ),
    ],
    ids=["another topic", "every argument", "no namespace", "ros-drivers", "mgonzs13", "one of two"],
)
def test_rosbag2_plays_what_is_heard_in_a_bag(planned, types, arguments, expected) -> None:
    assert planned(types, "ros2bag", "audio_common_msgs", **arguments) == expected


@pytest.mark.parametrize(
    ("types", "installed", "arguments"),
    [
        (DRIVER, ("ros2bag", "audio_common_msgs"), {"start": "4"}),
        ({"/mic_stamped": STAMPED, "/mic_info": INFO}, ("ros2bag", "audio_common_msgs"), {}),
        (DRIVER, ("ros2bag",), {}),
        ({"/a": CHUNK}, (), {"loop": "true"}),
    ],
    ids=["a later start", "only stamped", "no messages of the driver", "no rosbag2"],
)
def test_what_rosbag2_cannot_play_for_the_nodes_is_replayed(planned, types, installed, arguments) -> None:
    program, *command = planned(types, *installed, **arguments)
    expected = ["replay", "BAG", "--clock", "--rate", "1.0", "--start", arguments.get("start", "0.0")]
    expected += ["--topic", "", "--namespace", "stalk", *(["--loop"] if "loop" in arguments else [])]
    assert program.endswith("/lib/stalk_ros/stalk")
    assert command == expected


def test_of_two_topics_with_audio_one_must_be_named(planned) -> None:
    with pytest.raises(ValueError, match="audio on /a, /b: name one by argument 'topic'"):
        planned({"/a": CHUNK, "/b": CHUNK}, "ros2bag")


def test_a_recording_is_played_to_the_nodes_when_they_are_active(graph, launched) -> None:
    utterances = graph.collect(msg.SpeakerUtterance, "/bot/utterances")
    arguments = ("namespace:=bot", f"bag:={SAMPLE}", "rate:=4", "start:=20")
    process = launched(*arguments, file="replay.launch.py")
    graph.wait(lambda: utterances, "an utterance")
    assert names(graph, "/bot") == {"replay", *STAGES}
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60.0)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    assert output.count("process has finished cleanly") == len(STAGES) + 1, (
        "the nodes, and who waited for them"
    )
