"""The installed programs, over DDS."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from ament_index_python.packages import get_package_prefix

import stalk_ros.msg as msg
from stalk_ros.ros import conversions, qos

SAMPLE = Path(__file__).parents[3] / "samples" / "conversation.flac"
PROGRAMS = Path(get_package_prefix("stalk_ros")) / "lib" / "stalk_ros"
NODES = ("topic_recommender", "diarization", "asr", "audio_capture")


def played(folder: Path, rate: float, listeners: int) -> list[str]:
    capture = {"source": str(SAMPLE), "rate": rate, "listeners": listeners}
    params_file = folder / "params.yaml"
    params_file.write_text(
        yaml.safe_dump({"/**/audio_capture": {"ros__parameters": capture}}), encoding="utf-8"
    )
    return ["--ros-args", "--params-file", str(params_file), "-r", "__ns:=/stalk"]


def knows_everybody(node) -> bool:
    links = ("voice_activity", "transcript", "utterances", "suggestions")
    return all(node.count_publishers(f"/stalk/{topic}") for topic in links) and all(
        node.count_subscribers(f"/stalk/{topic}") for topic in links
    )


@pytest.mark.parametrize("programs", [NODES, ("conversation",)], ids=["four processes", "one process"])
def test_audio_goes_in_and_speakers_and_suggestions_come_out(graph, start, tmp_path, programs) -> None:
    utterances = graph.collect(msg.SpeakerUtterance, "/stalk/utterances")
    suggestions = graph.collect(msg.TopicSuggestion, "/stalk/suggestions")
    for program in programs:
        start(program, *played(tmp_path, rate=6.0, listeners=3))
    graph.wait(lambda: knows_everybody(graph.probe), "discovery")
    # The file waits for its third listener, who is this one.
    audio = graph.collect(msg.AudioChunk, "/stalk/audio", qos.audio())
    graph.wait(lambda: [s for s in suggestions if s.status == s.WITHDRAWN], "an offer and its withdrawal")
    offered, withdrawn = suggestions[:2]
    assert (offered.status, withdrawn.status) == (offered.OFFERED, offered.WITHDRAWN)
    assert offered.suggestion_id == withdrawn.suggestion_id
    assert offered.text
    # The first partial comes before any voice is known.
    assert {utterance.speaker_id for utterance in utterances if utterance.final} == {"S1", "S2", "S3"}
    assert audio[0].first_sample == 0
    assert conversions.to_ns(utterances[0].header.stamp) > conversions.to_ns(audio[0].header.stamp)


def test_the_demonstration_gives_the_same_events_as_the_command_line(stalk, domain_id, tmp_path) -> None:
    # With the first offer and its withdrawal.
    part, expected = tmp_path / "part.wav", tmp_path / "expected.jsonl"
    soundfile.write(part, soundfile.read(SAMPLE, frames=40 * 16_000, dtype="int16")[0], 16_000)
    assert stalk("run", part, "--events", expected)[0] == 0
    command = [sys.executable, "-c", "from stalk_ros.ros.demo import main; main()", str(part), "--rate", "6"]
    done = subprocess.run([*command, "--output", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stderr, (tmp_path / "nodes.log").read_text())
    assert '"withdrawn"' in expected.read_text(encoding="utf-8")
    assert (tmp_path / "events.jsonl").read_bytes() == expected.read_bytes()


def test_a_program_ends_cleanly_on_both_signals(graph, start, tmp_path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        activities = graph.collect(msg.VoiceActivity, "/stalk/voice_activity")
        process = start("conversation", *played(tmp_path, rate=1.0, listeners=2))
        graph.wait(lambda heard=activities: heard, "voice activity")
        process.send_signal(number)
        assert process.wait(60.0) == 0


@pytest.mark.parametrize("samples", [1, 200, 16_000])
def test_the_demonstration_of_a_very_short_file_ends(domain_id, tmp_path, samples) -> None:
    file = tmp_path / "my file: short.wav"
    soundfile.write(file, np.zeros(samples, np.int16), 16_000)
    command = [sys.executable, "-c", "from stalk_ros.ros.demo import main; main()", str(file)]
    done = subprocess.run([*command, "--output", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stderr, (tmp_path / "nodes.log").read_text())


def test_one_process_holds_the_nodes_that_are_named(graph, start) -> None:
    start("conversation", "diarization", "asr", "--ros-args", "-r", "__ns:=/stalk")

    def names() -> set[str]:
        found = graph.probe.get_node_names_and_namespaces()
        return {name for name, namespace in found if namespace == "/stalk"}

    graph.wait(lambda: len(names()) == 2, "discovery")
    assert names() == {"diarization", "asr"}


def test_a_node_that_is_not_there_cannot_be_named(domain_id) -> None:
    command = [sys.executable, str(PROGRAMS / "conversation"), "asr", "tts"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no node 'tts', only topic_recommender" in done.stderr


def test_at_full_speed_nothing_of_a_file_is_lost(graph, start, tmp_path) -> None:
    start("audio_capture", *played(tmp_path, rate=0.0, listeners=1))
    chunks = graph.collect(msg.AudioChunk, "/stalk/audio", qos.audio())
    graph.wait(lambda: chunks and not chunks[-1].samples, "the end of the file")
    assert sum(len(chunk.samples) for chunk in chunks) == soundfile.info(SAMPLE).frames


@pytest.mark.parametrize("program", ["asr", "monitor", "conversation"])
def test_a_missing_params_file_is_no_traceback_and_code_2(domain_id, program) -> None:
    command = [sys.executable, str(PROGRAMS / program), "--ros-args", "--params-file", "nowhere.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    # ROS 2's own logger has its say before.
    assert "nowhere.yaml" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_mistake_keeps_the_process_and_says_what_is_wrong(graph, start, tmp_path) -> None:
    from diagnostic_msgs.msg import DiagnosticArray

    reports = graph.collect(DiagnosticArray, "/diagnostics")
    process = start("asr", "--ros-args", "-r", "__ns:=/stalk", "-p", "backend:=whisperer")
    graph.wait(
        lambda: [r for r in reports if "unknown backend 'whisperer'" in r.status[0].message], "the report"
    )
    assert process.poll() is None
