from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.parameter import Parameter

import stalk_ros.msg as msg
from stalk_ros.audio.microphone.recording import Recording
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.audio_capture import AudioCapture
from stalk_ros.ros.diagnostics import WARN

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


LISTENER = """
import rclpy, sys
import stalk_ros.msg as msg
from stalk_ros.ros import qos
rclpy.init()
node = rclpy.create_node("listener")
told = lambda chunk: print(chunk.first_sample, len(chunk.samples), flush=True)
node.create_subscription(msg.AudioChunk, "audio", told, qos.audio())
rclpy.spin(node)
"""


def test_what_the_microphone_hears_is_published_with_its_health(sound_server, graph, tmp_path) -> None:
    hz, level = 400, 0.25
    wave = level * np.sin(2 * np.pi * hz * np.arange(30 * 16_000) / 16_000)
    soundfile.write(tmp_path / "tone.wav", wave, 16_000, subtype="PCM_16")
    chunks = graph.collect(msg.AudioChunk, "audio", qos.audio())
    node = capture(graph, chunk_s=0.032, frame_id="head")
    node.autostart()
    graph.wait(lambda: chunks, "audio")
    sound_server.play(tmp_path / "tone.wav")
    graph.wait(lambda: np.max(np.abs(chunks[-1].samples)) > 32768 * level / 2, "the tone")
    begun = len(chunks)
    graph.wait(lambda: len(chunks) > begun + 40, "a second of it")
    health = node.health()
    node.trigger_deactivate()
    graph.wait(lambda: not chunks[-1].samples, "the end of the stream")
    heard = np.concatenate([np.asarray(chunk.samples, np.float64) for chunk in chunks[begun:-1]])
    pieces = heard[: len(heard) // 160 * 160].reshape(-1, 160) / 32768
    # Most of the four periods each: on a busy machine the server begins late, and leaves some out.
    loud = np.median([np.sqrt(np.mean(piece**2)) for piece in pieces if np.max(piece) > level / 2])
    assert 20 * np.log10(loud / (level / np.sqrt(2))) == pytest.approx(0.0, abs=1.0)
    start_ns = conversions.to_ns(chunks[0].header.stamp)
    for chunk in chunks:
        assert conversions.to_ns(chunk.header.stamp) == start_ns + chunk.first_sample * 62_500
    assert chunks[0].header.frame_id == "head"
    assert health.message == "capturing"
    assert health.values["device"].endswith("channel 0 of 1, 16000 Hz")
    assert float(health.values["peak (dBFS)"]) == pytest.approx(-12, abs=1)
    assert {"level (dBFS)", "overflows", "gaps", "lost (s)", "drift (ppm)", "slipped samples"} <= set(
        health.values
    )


def test_a_microphone_that_goes_away_is_told_and_heard_again(sound_server, graph) -> None:
    told = graph.collect(DiagnosticArray, "/diagnostics", 100)
    chunks = graph.collect(msg.AudioChunk, "audio", qos.audio())
    node = capture(graph, chunk_s=0.032)
    node.autostart()
    graph.wait(lambda: chunks, "audio")
    sound_server.remove(sound_server.control("list", "short", "modules").splitlines()[-1].split()[0])
    graph.wait(lambda: not chunks[-1].samples, "the end of the stream")
    graph.wait(lambda: told and told[-1].status[0].level == WARN, "diagnostics that say so")
    assert "the microphone 'default'" in told[-1].status[0].message
    before = len(chunks)
    sound_server.add_room("room")
    graph.wait(lambda: len(chunks) > before, "another stream")
    assert chunks[before].first_sample == 0
    graph.wait(lambda: told[-1].status[0].message == "capturing", "diagnostics that say so")
    assert node.active


def test_a_device_that_does_not_close_is_left_behind(sound_server, graph, monkeypatch) -> None:
    """The process is told to end: no driver keeps it."""
    closing, release, close = threading.Event(), threading.Event(), Recording.__exit__

    def hang(*arguments: object) -> None:
        closing.set()
        release.wait()
        close(*arguments)

    monkeypatch.setattr(Recording, "__exit__", hang)
    chunks = graph.collect(msg.AudioChunk, "audio", qos.audio())
    node = capture(graph, chunk_s=0.032)
    node.autostart()
    graph.wait(lambda: chunks, "audio")
    node.stop(time.monotonic())
    assert not node.active
    closing.wait()
    assert node._thread.is_alive()
    release.set()
    node._thread.join()


def test_a_microphone_that_is_not_there_yet_is_waited_for(sound_server, graph) -> None:
    told = graph.collect(DiagnosticArray, "/diagnostics", 100)
    node = capture(graph, device="still in the box")
    node.autostart()
    assert node.active
    graph.wait(
        lambda: told and "there is no microphone 'still in the box'" in told[-1].status[0].message, "it"
    )


@pytest.mark.parametrize(
    ("overrides", "message"),
    [({"channels": "99"}, "has no channel 99"), ({"device": "u"}, "several microphones are called 'u'")],
)
def test_a_microphone_that_is_not_clear_leaves_the_node_unconfigured(
    sound_server, graph, overrides, message
) -> None:
    node = capture(graph, **overrides)
    node.autostart()
    assert message in node.last_error
    assert not node.active


def test_a_subscriber_that_stops_for_five_seconds_loses_nothing_and_holds_up_nobody(
    sound_server, graph
) -> None:
    chunks = graph.collect(msg.AudioChunk, "audio", qos.audio())
    node = capture(graph)
    listener = subprocess.Popen([sys.executable, "-c", LISTENER], stdout=subprocess.PIPE, text=True)
    graph.wait(lambda: node._audio.get_subscription_count() == 2, "both subscribers")
    node.autostart()
    heard = [listener.stdout.readline().split()]
    listener.send_signal(signal.SIGSTOP)
    before = len(chunks)
    graph.wait(lambda: len(chunks) > before + 50, "five seconds of audio")
    stamps = np.array([conversions.to_ns(chunk.header.stamp) for chunk in chunks[before : before + 50]])
    assert set(np.diff(stamps)) == {100_000_000}, "nothing was held up or lost at the source"
    last = str(chunks[-1].first_sample)
    listener.send_signal(signal.SIGCONT)
    while heard[-1][0] != last:
        heard.append(listener.stdout.readline().split())
    listener.kill()
    listener.communicate()
    firsts = [int(first) for first, _ in heard]
    assert firsts == list(range(firsts[0], firsts[0] + 1_600 * len(firsts), 1_600))


def test_without_pyaudio_the_microphone_leaves_the_node_unconfigured(graph, uninstall) -> None:
    uninstall("pyaudio")
    node = capture(graph)
    node.autostart()
    assert "pip install PyAudio" in node.last_error
    assert node._state_machine.current_state[1] == "unconfigured"
