"""Enrolment through a node, with the voices of the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.parameter import Parameter

import stalk_ros.msg as msg
import stalk_ros.srv as srv
from stalk_ros.audio import AudioFile
from stalk_ros.events import Utterance
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diarization import Diarization

SAMPLE = Path(__file__).parents[2] / "samples" / "conversation.flac"
TURNS = json.loads(SAMPLE.with_suffix(".json").read_text(encoding="utf-8"))["turns"]
CHUNKS = list(AudioFile(SAMPLE).chunks())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "voices.sqlite3"


class Session:
    """A node that hears the sample as far as it is told."""

    def __init__(self, graph: Any, store: Path, **parameters: Any) -> None:
        self.graph = graph
        self.utterances = graph.collect(msg.SpeakerUtterance, "utterances")
        overrides = {"store": str(store), **parameters}
        self.node = graph.add(
            Diarization(
                parameter_overrides=[Parameter(name, value=value) for name, value in overrides.items()]
            )
        )
        self.node.autostart()
        assert self.node.active
        self._audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
        self._transcript = graph.publisher(msg.SpeakerUtterance, "transcript")
        graph.connected(self._audio)
        graph.connected(self._transcript)
        self._heard = self._said = 0

    def hear(self, turns: int, until_s: float = 0.0) -> list[tuple[str, str]]:
        """Go on until so many turns of the sample are over; who spoke in all of them."""
        until_s = max(until_s, TURNS[turns - 1]["end"] + 0.1)
        for turn in TURNS[self._said : turns]:
            said = Utterance(
                f"u{self._said}", round(turn["start"] * 1e9), round(turn["end"] * 1e9), turn["text"]
            )
            self._transcript.publish(conversions.utterance_to_msg(said, "file"))
            self._said += 1
        while CHUNKS[self._heard].stamp_ns < until_s * 1e9:
            # DDS keeps so many: more at once would be lost.
            self._audio.publish(conversions.chunk_to_msg(CHUNKS[self._heard]))
            self._heard += 1
            if self._heard % 50 == 0:
                self.arrived()
        self.arrived()
        self.graph.wait(lambda: len(self.utterances) >= turns, "every utterance")
        return [(utterance.speaker_id, utterance.speaker_name) for utterance in self.utterances]

    def end(self) -> None:
        """Let the node go."""
        self.node.trigger_deactivate()
        self.node.trigger_cleanup()
        self.graph.remove(self.node)

    def arrived(self) -> None:
        """Wait until all audio that was published has been heard."""
        end_ns = CHUNKS[self._heard - 1].stamp_ns
        self.graph.wait(lambda: self.node._hearing.meter._done_ns > end_ns, "the audio")

    def ask(self, service: str, **fields: Any) -> Any:
        """The answer of a service."""
        kind = _KINDS[service]
        return self.graph.call(kind, f"diarization/{service}", kind.Request(**fields))

    def request(self, service: str, **fields: Any) -> Any:
        """The answer to come; the request has arrived."""
        kind = _KINDS[service]
        before = self.node._speaker_services._answers.waiting
        future = self.graph.ask(kind, f"diarization/{service}", kind.Request(**fields))
        self.graph.wait(
            lambda: self.node._speaker_services._answers.waiting > before or future.done(), "the request"
        )
        return future

    def listed(self) -> list[tuple[str, str]]:
        answer = self.ask("list_speakers")
        assert answer.success
        return list(zip(answer.speaker_ids, answer.speaker_names, strict=True))


_KINDS = {
    "enroll_speaker": srv.EnrollSpeaker,
    "rename_speaker": srv.RenameSpeaker,
    "forget_speaker": srv.ForgetSpeaker,
    "list_speakers": srv.ListSpeakers,
}


@pytest.fixture
def session(graph: Any, store: Path) -> Session:
    return Session(graph, store)


def test_who_is_enrolled_has_a_name_from_then_on_and_in_the_next_session(graph, session, store) -> None:
    ids = {"carl": "S1", "bruno": "S2", "alice": "S3"}
    assert session.hear(9) == [(ids[turn["speaker"]], "") for turn in TURNS[:9]]
    assert not store.exists()
    answer = session.ask("enroll_speaker", name="Alice", utterance_id="u8")
    assert (answer.success, answer.message, answer.speaker_id) == (True, "", "S3")
    assert session.listed() == [("S3", "Alice"), ("S1", ""), ("S2", "")]
    session.hear(10)
    assert (session.utterances[9].speaker_id, session.utterances[9].speaker_name) == ("S1", "")
    session.hear(11)
    assert (session.utterances[10].speaker_id, session.utterances[10].speaker_name) == ("S3", "Alice")
    session.end()
    again = Session(graph, store)
    names = [(ids[turn["speaker"]], "Alice" if turn["speaker"] == "alice" else "") for turn in TURNS[:9]]
    assert again.hear(9) == names
    assert again.listed() == [("S3", "Alice"), ("S1", ""), ("S2", "")]


def test_the_next_seconds_are_waited_for_while_the_audio_goes_on(session) -> None:
    session.hear(2)
    session.hear(3)
    future = session.request("enroll_speaker", name="Bruno", duration_s=3.5)
    assert session.listed() == [("S1", ""), ("S2", "")], "other requests do not wait for it"
    assert not future.done()
    assert TURNS[3]["end"] - TURNS[3]["start"] > 3.5
    session.hear(4)
    session.graph.wait(future.done, "the answer")
    assert (future.result().message, future.result().speaker_id) == ("", "S2")
    assert session.listed() == [("S2", "Bruno"), ("S1", "")]


def test_the_last_seconds_are_those_before_the_request(session) -> None:
    assert session.ask("enroll_speaker", name="Carl", past=True).message == "nobody was heard yet"
    session.hear(4)
    answer = session.ask("enroll_speaker", name="Carl", past=True, duration_s=20.0)
    assert answer.message == "2 voices were heard (S1, S2), but it must be one alone"
    answer = session.ask("enroll_speaker", name="Bruno", past=True, duration_s=2.0)
    assert (answer.message, answer.speaker_id) == ("", "S2")


def test_the_wait_for_speech_ends_in_time_of_the_audio(session) -> None:
    session.hear(2)
    future = session.request("enroll_speaker", name="Carl", duration_s=3.0)
    session.hear(2, until_s=TURNS[1]["end"] + 30.0)
    assert not future.done()
    session.hear(2, until_s=TURNS[1]["end"] + 34.0)
    session.graph.wait(future.done, "the answer")
    assert future.result().message == "in 33 s 0.0 s of speech were heard, not 3.0 s"
    assert not future.result().success


def test_whoever_waits_is_told_when_the_node_is_deactivated(session) -> None:
    session.hear(1)
    future = session.request("enroll_speaker", name="Carl")
    session.node.trigger_deactivate()
    session.graph.wait(future.done, "the answer")
    assert future.result().message == "diarization was deactivated"
    for service in _KINDS:
        answer = session.ask(service)
        assert (answer.success, answer.message) == (False, "diarization is not active")


def test_names_change_and_people_are_forgotten(session, store: Path) -> None:
    session.hear(9)
    assert session.ask("enroll_speaker", name="Alice", utterance_id="u8").message == ""
    assert session.ask("rename_speaker", speaker_id="S3", name="Eve").message == ""
    assert session.hear(11)[9:] == [("S1", ""), ("S3", "Eve")]
    assert session.ask("forget_speaker", speaker_id="S3").message == ""
    assert b"Eve" not in store.read_bytes()
    assert session.listed() == [("S1", ""), ("S2", "")]
    assert session.hear(17)[16] == ("S4", "")


@pytest.mark.parametrize(
    ("service", "fields", "reason"),
    [
        ("enroll_speaker", {"name": "", "utterance_id": "u1"}, "a name is needed"),
        ("enroll_speaker", {"name": ""}, "a name is needed"),
        ("enroll_speaker", {"name": "Ann", "utterance_id": "u9"}, "there is no utterance 'u9'"),
        (
            "enroll_speaker",
            {"name": "Ann", "duration_s": -1.0},
            "the seconds to listen to must be between 0 and",
        ),
        ("enroll_speaker", {"name": "Ann", "duration_s": float("nan")}, "the seconds to listen to must be"),
        ("rename_speaker", {"speaker_id": "S1", "name": "Ann"}, "'S1' is not enrolled: enrol that voice"),
        ("rename_speaker", {"speaker_id": "S9", "name": "Ann"}, "there is no voice 'S9'; there are: S1, S2"),
        ("forget_speaker", {"speaker_id": ""}, "there is no voice ''; there are: S1, S2"),
    ],
)
def test_a_request_that_makes_no_sense(session, store, service: str, fields: dict, reason: str) -> None:
    session.hear(2)
    answer = session.ask(service, **fields)
    assert not answer.success
    assert answer.message.startswith(reason)
    assert not store.exists()


def diagnosed(graph: Any, statuses: list[DiagnosticArray], text: str) -> DiagnosticStatus:
    def found() -> DiagnosticStatus | None:
        return next((status for array in statuses for status in array.status if text in status.message), None)

    return graph.wait(found, f"'{text}' on /diagnostics")


def test_a_store_that_cannot_be_used_does_not_stop_the_conversation(graph, store: Path) -> None:
    store.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    statuses = graph.collect(DiagnosticArray, "/diagnostics")
    session = Session(graph, store)
    assert session.hear(2) == [("S1", ""), ("S2", "")]
    status = diagnosed(graph, statuses, f"cannot read the enrolled voices in '{store}'")
    assert status.level == DiagnosticStatus.WARN
    answer = session.ask("enroll_speaker", name="Bruno", utterance_id="u1")
    assert answer.message.startswith(f"cannot write the enrolled voices in '{store}'")


def test_an_owner_nobody_knows_is_a_warning_until_the_owner_is_enrolled(graph, store: Path) -> None:
    statuses = graph.collect(DiagnosticArray, "/diagnostics")
    session = Session(graph, store, owner="Bruno")
    diagnosed(graph, statuses, "parameter 'owner': nobody is called 'Bruno'; nobody is enrolled")
    session.hear(3)
    assert session.ask("enroll_speaker", name="Carl", utterance_id="u2").message == ""
    assert session.ask("enroll_speaker", name="Bruno", utterance_id="u1").message == ""
    assert session.node._stage.people.warning == ""
    assert session.hear(4)[3] == ("S2", "Bruno")
    session.end()
    again = Session(graph, store, owner="Bruno")
    assert again.hear(4) == [("S3", ""), ("S2", "Bruno"), ("S3", ""), ("S2", "Bruno")]
