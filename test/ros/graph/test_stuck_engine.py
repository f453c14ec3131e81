"""An engine that never comes back, in a node that is a process of its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import yaml
from diagnostic_msgs.msg import DiagnosticArray

import stalk_ros.msg as msg
from stalk_ros.audio import AudioFile
from stalk_ros.ros import conversions, qos

SAMPLE = Path(__file__).parents[3] / "samples" / "conversation.flac"

ENGINE = """
import numpy as np
from stalk_ros.speech.backends.silero import SileroVad

class Stuck:
    name = "stuck"
    caveat = ""
    overhead_s = 0.0

    def __init__(self, parameters):
        self._model = SileroVad()

    @classmethod
    def missing(cls, parameters):
        return ""

    def transcribe(self, audio, context=""):
        while True:  # in native code, without Python's lock
            self._model.probability(np.zeros(512, np.float32))
"""


@pytest.fixture
def stuck(tmp_path, monkeypatch) -> list[str]:
    """Installs the engine; arguments that make a node use it."""
    information = tmp_path / "site" / "stuck-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[stalk_ros.transcribers]\nstuck = stuck:Stuck\n")
    (tmp_path / "site" / "stuck.py").write_text(ENGINE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"), prepend=os.pathsep)
    params_file = tmp_path / "params.yaml"
    params_file.write_text(yaml.safe_dump({"/**/asr": {"ros__parameters": {"backend": "stuck"}}}))
    return ["--ros-args", "--params-file", str(params_file), "-r", "__ns:=/stalk"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_reported_stops_no_voice_activity_and_does_not_hold_up_the_end(
    graph, start, stuck, number
) -> None:
    activities = graph.collect(msg.VoiceActivity, "/stalk/voice_activity")
    diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
    audio = graph.publisher(msg.AudioChunk, "/stalk/audio", qos.audio())
    process = start("asr", *stuck)
    graph.connected(audio)
    for chunk in AudioFile(SAMPLE).chunks():
        audio.publish(conversions.chunk_to_msg(chunk))
    end_ns = chunk.stamp_ns
    graph.wait(lambda: activities and conversions.to_ns(activities[-1].header.stamp) == end_ns, "the end")
    graph.wait(
        lambda: any("hangs or is too slow" in told.status[0].message for told in diagnostics), "a report"
    )
    process.send_signal(number)
    assert process.wait(60.0) == 0
