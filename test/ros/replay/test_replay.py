"""A recording over ROS 2: what arrives, in which time, and what becomes of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.audio import AudioChunk
from stalk_ros.clock import samples_to_ns
from stalk_ros.errors import UserError
from stalk_ros.offline.recording import RobotSpeech
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.process import Stop
from stalk_ros.ros.replay import Player, ReplayOptions, since

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stalk_ros.offline.recording import Item

ROOT = Path(__file__).parents[3]
RATE = 16_000
CHUNK = RATE // 10
START_NS = 1_700_000_000_000_000_000
NAMESPACE = ("--ros-args", "-r", "__ns:=/stalk")
PROGRAM = "import sys; from stalk_ros.ros.start import run; run(sys.argv.pop(1))"


def stream(seconds: float, start_s: float = 0.0) -> list[AudioChunk]:
    """A stream of chunks of 0.1 s, and its end."""
    start_ns = START_NS + round(start_s * 1e9)
    firsts = range(0, round(seconds * RATE), CHUNK)
    chunks = [
        AudioChunk(
            np.full(CHUNK, first // CHUNK, np.int16),
            RATE,
            1,
            first,
            start_ns + samples_to_ns(first, RATE),
            "robot",
        )
        for first in firsts
    ]
    end = round(seconds * RATE)
    return [
        *chunks,
        AudioChunk(np.zeros(0, np.int16), RATE, 1, end, start_ns + samples_to_ns(end, RATE), "robot"),
    ]


class Recorded:
    """A `Recording` of these items."""

    name = "recorded"
    duration_s = 0.0
    problem = ""

    def __init__(self, *items: Item) -> None:
        self._items = items

    def items(self) -> Iterator[Item]:
        yield from self._items


@pytest.fixture
def play(graph) -> Callable[..., None]:
    """Plays items to the end."""

    def run(items: list[Item], stop: Stop | None = None, **options: float) -> None:
        player = graph.add(Player(ReplayOptions(namespace="", listeners=1, **options)))
        if options.get("clock"):
            graph.connected(player._clock)
        graph.connected(player._robot)
        player.play(Recorded(*items), stop or Stop())
        graph.remove(player)

    return run


def essence(messages: list) -> list[tuple[int, int, int]]:
    return [
        (message.first_sample, conversions.to_ns(message.header.stamp), len(message.samples))
        for message in messages
    ]


def sent(chunks: list[AudioChunk]) -> list[tuple[int, int, int]]:
    return essence([conversions.chunk_to_msg(chunk) for chunk in chunks])


@pytest.mark.parametrize("rate", [0.0, 20.0])
def test_the_audio_comes_as_it_was_recorded_with_every_stream_ended(graph, play, rate) -> None:
    audio = graph.collect(msg.AudioChunk, "audio", qos.audio())
    graph.collect(Bool, "/robot_speaking")
    chunks = [*stream(12.0), *stream(1.0, start_s=-100.0), *stream(0.5, start_s=7000.0)]
    play(chunks, rate=rate)
    graph.wait(lambda: len(audio) >= len(chunks), "all chunks")
    assert essence(audio) == sent(chunks)
    assert {message.header.frame_id for message in audio} == {"robot"}


def test_the_robot_speaks_where_it_did_and_not_for_ever(graph, play) -> None:
    audio = graph.collect(msg.AudioChunk, "audio", qos.audio())
    robot = graph.collect(Bool, "/robot_speaking")
    chunks = stream(0.5)
    play([chunks[0], RobotSpeech(True), *chunks[1:]], rate=1.0)
    graph.wait(lambda: len(robot) == 2 and len(audio) == len(chunks), "silence")
    assert [message.data for message in robot] == [True, False]


def test_the_clock_is_the_time_of_the_audio_that_was_heard(graph, play) -> None:
    clock = graph.collect(Clock, "/clock")
    graph.collect(msg.AudioChunk, "audio", qos.audio())
    graph.collect(Bool, "/robot_speaking")
    chunks = stream(1.0)
    play(chunks, rate=1.0, clock=True)
    graph.wait(lambda: clock and conversions.to_ns(clock[-1].clock) == chunks[-1].stamp_ns, "the end")
    times_ns = [conversions.to_ns(message.clock) for message in clock]
    assert times_ns == sorted(times_ns)
    # It goes on between the chunks, too.
    assert len(set(times_ns)) > len(chunks)
    assert {chunk.stamp_ns for chunk in chunks[1:]} <= set(times_ns)


def test_a_loop_begins_a_new_stream_and_ends_when_it_is_told_to(graph, play) -> None:
    audio = graph.collect(msg.AudioChunk, "audio", qos.audio())
    graph.collect(Bool, "/robot_speaking")
    chunks, stop = stream(0.5), Stop()

    def heard(_: msg.AudioChunk) -> None:
        if len(audio) >= 2 * len(chunks) + 2:
            stop.request()

    graph.probe.create_subscription(msg.AudioChunk, "audio", heard, qos.audio())
    play(chunks, rate=2.0, loop=True, stop=stop)
    graph.wait(lambda: not audio[-1].samples, "the end")
    told = essence(audio)
    assert told[: 2 * len(chunks)] == 2 * sent(chunks)
    # What it was in the middle of is ended, too.
    first_sample, stamp_ns, samples = told[-2]
    assert told[-1] == (first_sample + samples, stamp_ns + samples_to_ns(samples, RATE), 0)


def test_it_begins_where_it_is_told_to_with_what_the_robot_does_then() -> None:
    chunks = [*stream(1.0), *stream(1.0, start_s=3.0)]
    items = [chunks[0], RobotSpeech(True), *chunks[1:]]
    assert list(since(items, 0.0)) == [RobotSpeech(False), *items]
    assert list(since(items, 0.55)) == [RobotSpeech(True), *chunks[5:]]
    assert list(since(items, 3.2)) == [RobotSpeech(True), *chunks[13:]]
    with pytest.raises(UserError, match="over before 4 s"):
        list(since(items, 4.0))


def test_at_full_speed_it_waits_for_the_conversation(graph) -> None:
    audio = graph.collect(msg.AudioChunk, "audio", qos.audio())
    echo = graph.collect(Bool, "echo")
    states, echoes = (
        graph.publisher(msg.ConversationState, "conversation_state"),
        graph.publisher(Bool, "echo"),
    )
    chunks = stream(60.0)
    player = graph.add(Player(ReplayOptions(rate=0.0, namespace="", listeners=1)))
    graph.wait(lambda: player.count_publishers("conversation_state"), "who follows")
    thread = threading.Thread(target=player.play, args=(Recorded(*chunks), Stop()))
    thread.start()
    graph.wait(lambda: len(audio) == 301, "as much as may be ahead")
    for count in range(1, 6):
        echoes.publish(Bool())
        graph.wait(lambda count=count: len(echo) == count, "an echo")
    assert len(audio) == 301
    states.publish(msg.ConversationState(header=audio[-1].header))
    graph.wait(lambda: len(audio) == len(chunks), "all chunks")
    thread.join()
    graph.remove(player)


@pytest.fixture(scope="module")
def talk(tmp_path_factory) -> Path:
    """Twenty seconds of the sample, in which something is suggested and withdrawn."""
    audio, rate = soundfile.read(ROOT / "samples" / "conversation.flac", dtype="int16")
    path = tmp_path_factory.mktemp("talk") / "talk.flac"
    soundfile.write(path, audio[22 * rate : 42 * rate], rate)
    return path


@pytest.fixture
def program(domain_id) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts Python with these arguments, in a domain of its own; ends what is left."""
    with contextlib.ExitStack() as stack:

        def run(*arguments: object) -> subprocess.Popen[bytes]:
            command = [sys.executable, *map(str, arguments)]
            process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)

            def end() -> None:
                process.terminate()
                process.communicate(timeout=60.0)

            stack.callback(end)
            return process

        yield run


@pytest.mark.parametrize("rate", [4, 0])
def test_the_events_over_ros_are_those_of_the_command_to_the_byte(
    stalk, program, talk, tmp_path, rate
) -> None:
    expected, events = tmp_path / "expected.jsonl", tmp_path / "events.jsonl"
    assert stalk("run", talk, "--events", expected)[0] == 0
    program(
        "-c", PROGRAM, "conversation", "--unsupervised", "asr", "diarization", "topic_recommender", *NAMESPACE
    )
    monitor = program("-c", PROGRAM, "monitor", "--until-end", "--events", events)
    replay = program("-m", "stalk_ros.cli", "replay", talk, "--rate", rate, "--listeners", 3)
    assert replay.wait(120.0) == 0
    assert monitor.wait(120.0) == 0
    assert '"withdrawn"' in expected.read_text(encoding="utf-8")
    assert events.read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_replay_at_once_also_while_it_waits(program, talk, number) -> None:
    replay = program("-m", "stalk_ros.cli", "replay", talk, "--listeners", 7)
    assert replay.stderr
    line = replay.stderr.readline()
    assert b"waits until 7 subscribers" in line
    os.kill(replay.pid, number)
    _, errors = replay.communicate(timeout=60.0)
    assert replay.returncode == 130
    assert errors.decode().startswith("stalk: interrupted; ")
    assert errors.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--rate", "-1"), "--rate must be between 0 and 100, not -1"),
        (("--rate", "nan"), "--rate must be between 0 and 100, not nan"),
        (("--start", "-1"), "--start must be 0 or more, not -1"),
        (("--namespace", "a b"), "'a b' is no namespace: "),
    ],
)
def test_a_mistake_is_told_in_one_line(mistake, talk, arguments, problem) -> None:
    assert mistake("replay", talk, *arguments).startswith(problem)


def test_without_ros_it_says_what_is_missing(mistake, talk, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "stalk_ros.ros.replay", None)
    assert mistake("replay", talk).startswith("stalk replay needs ROS 2: source its setup file first")
