from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from rclpy.parameter import Parameter

import stalk_ros.msg as msg
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.audio_capture import AudioCapture

SAMPLE = Path(__file__).parents[2] / "samples" / "conversation.flac"


def capture(graph, **overrides):
    parameters = [Parameter(name, value=value) for name, value in overrides.items()]
    return graph.add(AudioCapture(parameter_overrides=parameters))


def test_a_file_is_published_to_the_sample_with_exact_stamps_and_an_end(graph) -> None:
    chunks = graph.collect(msg.AudioChunk, "audio", qos.audio())
    node = capture(graph, source=str(SAMPLE), rate=0.0, listeners=1, chunk_s=0.25)
    node.autostart()
    graph.wait(lambda: chunks and not chunks[-1].samples, "the end of the file")
    heard = np.concatenate([np.asarray(chunk.samples, np.int16) for chunk in chunks])
    expected, rate = soundfile.read(SAMPLE, dtype="int16")
    assert rate == 16_000
    np.testing.assert_array_equal(heard, expected)
    start_ns = conversions.to_ns(chunks[0].header.stamp)
    for chunk in chunks:
        assert conversions.to_ns(chunk.header.stamp) == start_ns + chunk.first_sample * 62_500
    assert node.health().message == "the file is over"


def test_a_file_waits_for_its_listeners(graph) -> None:
    chunks = graph.collect(msg.AudioChunk, "audio", qos.audio())
    node = capture(graph, source=str(SAMPLE), rate=0.0, listeners=2)
    node.autostart()
    graph.connected(node._audio)
    assert not chunks
    late = graph.collect(msg.AudioChunk, "audio", qos.audio())
    graph.wait(lambda: late and not late[-1].samples, "the end of the file")
    assert chunks[0].first_sample == late[0].first_sample == 0


@pytest.mark.parametrize("source", ["/nowhere.wav", str(Path(__file__))])
def test_a_file_that_is_no_audio_leaves_the_node_unconfigured(graph, source) -> None:
    node = capture(graph, source=source)
    node.autostart()
    assert source in node.last_error
    assert "\n" not in node.last_error
    assert not node.active


def test_a_restarted_node_plays_the_file_again_as_a_new_stream(graph) -> None:
    chunks = graph.collect(msg.AudioChunk, "audio", qos.audio())
    node = capture(graph, source=str(SAMPLE), rate=0.0, listeners=1)
    node.autostart()
    graph.wait(lambda: chunks and not chunks[-1].samples, "the end of the file")
    first_round = len(chunks)
    node.trigger_deactivate()
    node.trigger_activate()
    graph.wait(lambda: len(chunks) == 2 * first_round, "the file once more")
    assert chunks[first_round].first_sample == 0
    assert conversions.to_ns(chunks[first_round].header.stamp) > conversions.to_ns(chunks[0].header.stamp)


def test_without_pyaudio_the_microphone_leaves_the_node_unconfigured(graph, uninstall) -> None:
    uninstall("pyaudio")
    node = capture(graph)
    node.autostart()
    assert "pip install PyAudio" in node.last_error
    assert node._state_machine.current_state[1] == "unconfigured"
