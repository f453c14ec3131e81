from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rclpy.parameter import Parameter
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

import stalk_ros.msg as msg
from stalk_ros.audio import AudioChunk, AudioFile
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.asr import Asr
from stalk_ros.speech import SpeechParameters, SpeechStage, TranscribedWord, Transcript
from stalk_ros.speech.backends.silero import SileroVad

SAMPLE = Path(__file__).parents[2] / "samples" / "conversation.flac"
FIRST_TURNS_S = 7.5


def first_turns() -> list[AudioChunk]:
    """Two turns of the sample, and the end of the stream."""
    chunks = [chunk for chunk in AudioFile(SAMPLE).chunks() if chunk.stamp_ns < FIRST_TURNS_S * 1e9]
    end = chunks[-1].first_sample + len(chunks[-1].samples)
    return [*chunks, AudioChunk(np.zeros(0, np.int16), 16_000, 1, end, int(FIRST_TURNS_S * 1e9))]


@pytest.fixture
def asr(graph):
    node = graph.add(Asr())
    node.autostart()
    assert node.active
    return node


def finals(utterances: list[msg.SpeakerUtterance]) -> list[msg.SpeakerUtterance]:
    return [utterance for utterance in utterances if utterance.final]


def malformed() -> list[AudioChunk]:
    samples = np.zeros(1600, np.int16)
    after = 10**9
    return [
        AudioChunk(samples, 0, 1, after, 0, "file"),
        AudioChunk(samples, 16_000, 0, after, 0, "file"),
        AudioChunk(samples[:-1], 16_000, 2, after, 0, "file"),
        AudioChunk(samples, 44_100, 1, after, 0, "file"),
    ]


def test_a_second_source_of_audio_is_told(graph, asr) -> None:
    topic = asr.resolve_topic_name("audio")
    for warned in (False, True):
        graph.connected(graph.publisher(msg.AudioChunk, "audio", qos.audio()))
        graph.wait(lambda wanted=1 + warned: asr.count_publishers(topic) == wanted, "discovery")
        assert (f"2 nodes publish '{topic}'" in asr.health().message) == warned


def test_malformed_chunks_are_refused_and_counted_and_the_conversation_goes_on(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    graph.connected(audio)
    for number, chunk in enumerate(first_turns()):
        if number == 10:
            for bad in malformed():
                audio.publish(conversions.chunk_to_msg(bad))
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: len(finals(utterances)) >= 2, "two utterances")
    assert [utterance.text for utterance in finals(utterances)] == [
        "did you have a good weekend",
        "yes i took the train to the mountains with my sister",
    ]
    health = asr.health()
    assert health.values["refused chunks"] == len(malformed())
    assert "malformed" in health.message
    last = graph.wait(
        lambda: activities[-1].transcribed_until == activities[-1].header.stamp and activities[-1],
        "the watermark",
    )
    final = finals(utterances)[-1]
    end_ns = conversions.to_ns(final.header.stamp) + conversions.to_ns(final.duration)
    assert conversions.to_ns(last.last_utterance_end) == end_ns


def test_the_robot_does_not_hear_itself(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    robot = graph.publisher(Bool, "/robot_speaking")
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    graph.connected(audio)
    graph.connected(robot)
    asr.set_parameters([Parameter("robot_tail_s", value=0.0)])
    robot.publish(Bool(data=True))
    graph.wait(lambda: asr._stage.robot_speaking, "the robot's word that it speaks")
    chunks = first_turns()
    for chunk in (chunk for chunk in chunks if chunk.stamp_ns < 3e9):
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(
        lambda: asr.health().values["queue length"] == "0" and asr._hearing.meter._arrived_ns >= 3e9, "it"
    )
    robot.publish(Bool(data=False))
    graph.wait(lambda: not asr._stage.robot_speaking, "the robot's word that it is done")
    for chunk in (chunk for chunk in chunks if chunk.stamp_ns >= 3e9):
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: finals(utterances), "the second turn")
    assert finals(utterances)[0].text == "yes i took the train to the mountains with my sister"


def test_it_does_not_stay_deaf_however_much_audio_waits(graph, asr) -> None:
    asr._receive_robot(Bool(data=True))
    graph.wait(lambda: asr._stage.robot_speaking, "the robot's word that it speaks")
    chunk = conversions.chunk_to_msg(AudioChunk(np.zeros(512, np.int16), 16_000, 1, 0, 0))
    with asr._publishing:
        while not asr._listener.dropped:
            asr._receive(chunk)
        asr._receive_robot(Bool(data=False))
    graph.wait(lambda: not asr._stage.robot_speaking, "the robot's word that it is done")


def test_deactivation_publishes_what_was_heard(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    graph.connected(audio)
    for chunk in first_turns():
        if chunk.stamp_ns < 2.5e9 and len(chunk.samples):
            audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: activities and conversions.to_ns(activities[-1].header.stamp) > 2.3e9, "the audio")
    assert not finals(utterances), "the turn is not over for the endpointer"
    asr.trigger_deactivate()
    graph.wait(lambda: finals(utterances), "the utterance")
    assert finals(utterances)[0].text == "did you have a good weekend"


def test_diagnostics_say_when_audio_stops_and_when_it_is_over(graph, asr) -> None:
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    graph.connected(audio)
    *chunks, end = first_turns()[:5] + first_turns()[-1:]
    for chunk in chunks:
        audio.publish(conversions.chunk_to_msg(chunk))
    graph.wait(lambda: asr.health().values["missing audio (s)"] == "0.00" and asr.frame_id, "the audio")
    assert "no audio" not in asr.health().message
    asr._hearing.meter._arrived_at_s -= 60
    assert "no audio has arrived for 60 s" in asr.health().message
    end = replace(end, first_sample=8_000, stamp_ns=500_000_000, frame_id="file")
    audio.publish(conversions.chunk_to_msg(end))
    graph.wait(lambda: asr.health().message == "the audio is over", "the end")


class HeldEngine:
    """Understands every utterance as one word, but not before it is let go."""

    name = "held"
    caveat = ""
    overhead_s = 0.0

    def __init__(self) -> None:
        self.go = threading.Event()
        self.passes = 0

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        self.passes += 1
        self.go.wait()
        return Transcript("hm", (TranscribedWord("hm", 0.3, len(audio) / 16_000, 0.9),), "en", 0.9)


@pytest.fixture
def held(graph, monkeypatch):
    """An engine, and a node that uses it."""
    engine = HeldEngine()
    monkeypatch.setattr(SpeechStage, "load", lambda parameters: SpeechStage(parameters, SileroVad(), engine))
    node = graph.add(Asr())
    node.autostart()
    yield engine, node
    engine.go.set()


def play(graph, audio, chunks) -> None:
    graph.connected(audio)
    for chunk in chunks:
        audio.publish(conversions.chunk_to_msg(chunk))


def test_an_engine_that_lags_or_hangs_loses_no_final_and_stops_no_voice_activity(graph, held) -> None:
    engine, asr = held
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    play(graph, audio, first_turns())
    last = int(FIRST_TURNS_S * 1e9)
    graph.wait(lambda: activities and conversions.to_ns(activities[-1].header.stamp) == last, "the audio")
    assert utterances == []
    assert [one.speech for one in activities].count(True) > 20, "ten times a second while somebody speaks"
    assert engine.passes == 1
    asr._engine._started_s -= 6
    health = asr.health()
    assert "working on one utterance for 6 s: it hangs or is too slow" in health.message
    assert float(health.values["waiting speech (s)"]) > 3
    assert float(health.values["lag (s)"]) > 3
    engine.go.set()
    graph.wait(lambda: conversions.to_ns(activities[-1].transcribed_until) == last, "the rest")
    starts = [conversions.to_ns(utterance.header.stamp) for utterance in finals(utterances)]
    assert len(starts) == 3, "two turns, and the beginning of the next one"
    assert starts == sorted(starts)
    health = asr.health()
    assert health.message == "the audio is over"
    assert (health.values["lag (s)"], health.values["waiting speech (s)"]) == ("0.00", "0.0")
    assert health.values["skipped partials"] > 0
    assert engine.passes <= 4, "partials went first"


def test_an_engine_that_hangs_does_not_hold_up_the_end(graph, held) -> None:
    engine, asr = held
    play(graph, graph.publisher(msg.AudioChunk, "audio", qos.audio()), first_turns())
    graph.wait(lambda: engine.passes, "the engine")
    asr.stop(time.monotonic() + 0.1)
    assert not asr.active
    assert not engine.go.is_set()


def test_what_comes_too_late_after_the_node_was_deactivated_is_left_out(graph, held) -> None:
    """Nobody waits for it, and no two calls are in the engine at once."""
    engine, asr = held
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    play(graph, audio, first_turns())
    graph.wait(lambda: engine.passes, "the engine")
    asr._set_deadline = lambda: setattr(asr, "_deadline_s", time.monotonic() + 0.1)
    asr.trigger_deactivate()
    asr.trigger_activate()
    later_ns = int(100e9)
    chunks = [replace(chunk, stamp_ns=chunk.stamp_ns + later_ns) for chunk in first_turns()]
    play(graph, audio, chunks)
    end_ns = later_ns + int(FIRST_TURNS_S * 1e9)
    graph.wait(lambda: conversions.to_ns(activities[-1].header.stamp) == end_ns, "the audio")
    assert engine.passes == 1
    engine.go.set()
    graph.wait(lambda: conversions.to_ns(activities[-1].transcribed_until) == end_ns, "the rest")
    starts = [conversions.to_ns(utterance.header.stamp) for utterance in finals(utterances)]
    assert len(starts) == 3
    assert min(starts) > later_ns


def test_a_final_that_the_engine_fails_on_takes_back_its_partials(graph, monkeypatch) -> None:
    class Failing(HeldEngine):
        def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
            if len(audio) > 1.7 * 16_000:
                raise RuntimeError("too much for me")
            return super().transcribe(audio, context)

    engine = Failing()
    engine.go.set()
    load = lambda parameters: SpeechStage(parameters, SileroVad(), engine)  # noqa: E731
    monkeypatch.setattr(SpeechStage, "load", load)
    asr = graph.add(Asr())
    asr.autostart()
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    graph.connected(audio)
    for chunk in first_turns()[:40]:
        audio.publish(conversions.chunk_to_msg(chunk))
        graph.wait(lambda at=chunk.stamp_ns: asr._hearing.meter._arrived_ns > at, "the chunk")
        graph.wait(lambda: not len(asr._engine) and not asr._engine.busy_for_s, "the engine")
    graph.wait(lambda: finals(utterances), "what takes it back")
    partial, final = utterances[0], finals(utterances)[0]
    assert (partial.text, partial.final) == ("hm", False)
    assert (final.text, final.final) == ("", True)
    assert partial.utterance_id == final.utterance_id
    assert asr.health().values["failed utterances"] == 1
    assert asr.last_error == "", "it has recovered"


def test_partials_are_no_speech_that_waits(graph, held) -> None:
    engine, asr = held
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    chunks = [chunk for chunk in first_turns() if chunk.stamp_ns < 2.2e9 and len(chunk.samples)]
    play(graph, audio, [chunk for chunk in chunks if chunk.stamp_ns < 1.6e9])
    # Of those that wait when it begins, the engine takes only the last: the other must come when it is busy.
    graph.wait(lambda: engine.passes, "a partial")
    play(graph, audio, [chunk for chunk in chunks if chunk.stamp_ns >= 1.6e9])
    graph.wait(lambda: len(asr._engine), "another partial")
    assert asr.health().values["waiting speech (s)"] == "0.0"


def test_more_speech_than_may_wait_is_given_up_and_told(graph, held, monkeypatch) -> None:
    engine, asr = held
    monkeypatch.setattr(asr._engine, "_capacity", 3.0)
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    play(graph, audio, first_turns())
    graph.wait(lambda: asr._engine.dropped, "a full queue")
    assert "dropped" in asr.health().message
    engine.go.set()
    last = int(FIRST_TURNS_S * 1e9)
    graph.wait(lambda: conversions.to_ns(activities[-1].transcribed_until) == last, "the rest")


class CountingAsr(Asr):
    """Says how many chunks have come, also those that nobody hears."""

    received = 0

    def _receive(self, message: msg.AudioChunk) -> None:
        super()._receive(message)
        self.received += 1


def test_while_paused_nothing_is_heard_and_no_time_passes(graph) -> None:
    asr = graph.add(CountingAsr())
    asr.autostart()
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    utterances = graph.collect(msg.SpeakerUtterance, "transcript")
    activities = graph.collect(msg.VoiceActivity, "voice_activity")
    *chunks, end = first_turns()
    play(graph, audio, [chunk for chunk in chunks if chunk.stamp_ns < 2.4e9])
    graph.wait(lambda: activities and conversions.to_ns(activities[-1].header.stamp) > 2.3e9, "the audio")
    answer = graph.call(SetBool, "asr/pause", SetBool.Request(data=True))
    assert (answer.success, answer.message) == (True, "paused")
    graph.wait(lambda: finals(utterances), "what was said before")
    assert finals(utterances)[0].text == "did you have a good weekend"
    # That it is out is the last thing told: what was on its way before has come.
    final = finals(utterances)[0]
    end_ns = conversions.to_ns(final.header.stamp) + conversions.to_ns(final.duration)
    graph.wait(lambda: conversions.to_ns(activities[-1].last_utterance_end) == end_ns, "the rest")
    told = len(activities)
    play(graph, audio, [chunk for chunk in chunks if 2.4e9 <= chunk.stamp_ns < 3.2e9])
    # Otherwise the end of the pause, on its own way, may be there before them.
    graph.wait(lambda: asr.received == sum(chunk.stamp_ns < 3.2e9 for chunk in chunks), "all of it")
    asr._hearing.meter._arrived_at_s -= 60
    assert asr.health().message == "paused: nothing is heard"
    answer = graph.call(SetBool, "asr/pause", SetBool.Request(data=False))
    assert (answer.success, answer.message) == (True, "listening")
    assert len(activities) == told
    play(graph, audio, [*(chunk for chunk in chunks if chunk.stamp_ns >= 3.2e9), end])
    graph.wait(lambda: len(finals(utterances)) == 2, "the second turn")
    assert utterances[-1].text == "yes i took the train to the mountains with my sister"
    health = asr.health()
    assert (health.values["missing audio (s)"], health.values["paused"]) == ("0.00", False)


def test_a_node_that_was_paused_before_it_was_active_stays_so(graph) -> None:
    asr = graph.add(Asr())
    graph.call(SetBool, "asr/pause", SetBool.Request(data=True))
    asr.autostart()
    assert asr.health().message == "paused: nothing is heard"
