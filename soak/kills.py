"""Kills each node by SIGKILL at moments drawn by chance while the sample is played to them over and over.

The program `conversation --separate` starts them again. What is understood is compared with what is
understood of the sample's second round when nothing happens. An utterance counts where audio_capture, asr
and diarization were up from shortly before its start until it had to be out. ``--rounds N`` kills each node
so often.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
from ament_index_python.packages import get_package_prefix
from diagnostic_msgs.msg import DiagnosticArray

import stalk_ros.msg as msg
from bench import tables
from bench.recordings import SAMPLE
from soak.graph import Listener, Programs, local_domain
from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import NANOSECONDS, samples_to_ns, seconds_to_ns
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.conversation import NODES
from stalk_ros.speech.voice_activity import WINDOW
from stalk_ros.srv import EnrollSpeaker

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    import numpy.typing as npt

    from stalk_ros.events import Utterance

ROUNDS = 20
AIM_S = 5.0
NAME = "Carl"
_BETWEEN_S = (5.0, 12.0)
_BEFORE_NS = seconds_to_ns(0.5)
_OUT_NS = seconds_to_ns(4.0)
"""An utterance is out so long after its end: it takes a pause to end it, and a second to transcribe it."""

_HEARING = ("audio_capture", "asr", "diarization")
_SIGNS = {
    "audio_capture": (msg.AudioChunk, "/stalk/audio"),
    "asr": (msg.VoiceActivity, "/stalk/voice_activity"),
    "diarization": (DiagnosticArray, "/diagnostics"),
    "topic_recommender": (msg.ConversationState, "/stalk/conversation_state"),
}
"""What tells that a node is at work."""


@dataclass(frozen=True)
class Outage:
    """A node was killed, and was at work again, at these times on the clock of the stamps."""

    node: str
    killed_ns: int
    back_ns: int

    @property
    def length_s(self) -> float:
        """How long it was away."""
        return (self.back_ns - self.killed_ns) / NANOSECONDS


@dataclass(frozen=True)
class Said:
    """An utterance on the clock of the stamps, as it is understood when nothing happens."""

    start_ns: int
    end_ns: int
    speaker: str
    text: str

    def is_in(self, utterance: Utterance) -> bool:
        """Whether an utterance is this one, or a part of it."""
        common_ns = min(self.end_ns, utterance.end_ns) - max(self.start_ns, utterance.start_ns)
        return 2 * common_ns > utterance.end_ns - utterance.start_ns

    def moved(self, by_ns: int) -> Said:
        """The same at another time."""
        return Said(self.start_ns + by_ns, self.end_ns + by_ns, self.speaker, self.text)


def run(options: Namespace) -> list[str]:
    """See the module; returns what broke."""
    rounds = options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name, local_domain() as (domain, environment):
        folder = Path(name)
        one_round = _round_audio()
        said = _understood(one_round, folder)
        recording = folder / "rounds.wav"
        length_s = rounds * len(NODES) * (_BETWEEN_S[1] + AIM_S) + 300.0
        count = int(length_s * SAMPLE_RATE_HZ / len(one_round))
        soundfile.write(recording, np.tile(one_round, count), SAMPLE_RATE_HZ)
        with Programs(folder, environment) as programs, Listener(domain) as listener:
            killer = _Killer(listener, programs, recording, options.seed)
            killer.run(rounds)
            round_ns = samples_to_ns(len(one_round), SAMPLE_RATE_HZ)
            expected = _outside(killer, [said_once.moved(-round_ns) for said_once in said], round_ns)
            return _report_outages(killer.outages) + _report(killer, expected, listener.finals())


def _round_audio() -> npt.NDArray[np.int16]:
    """The sample; a round is a whole number of windows of the voice detector."""
    audio, _ = soundfile.read(SAMPLE, dtype="int16")
    return np.pad(audio, (0, -len(audio) % WINDOW))


def _understood(one_round: npt.NDArray[np.int16], folder: Path) -> list[Said]:
    """What is understood of the second round, from the beginning of the first."""
    two, events = folder / "two.wav", folder / "events.jsonl"
    soundfile.write(two, np.tile(one_round, 2), SAMPLE_RATE_HZ)
    program = Path(get_package_prefix("stalk_ros")) / "lib" / "stalk_ros" / "stalk"
    subprocess.run([sys.executable, program, "run", two, "--events", events], check=True, capture_output=True)
    found = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    said = [
        Said(seconds_to_ns(event["start"]), seconds_to_ns(event["end"]), event["speaker"], event["text"])
        for event in found
        if event["type"] == "utterance" and event["final"]
    ]
    return [
        utterance for utterance in said if utterance.start_ns > samples_to_ns(len(one_round), SAMPLE_RATE_HZ)
    ]


class _Killer:
    """Plays a recording to the nodes and kills them.

    Attributes:
        outages: what it did.
        streams_ns: when the recording began, each time.
        end_ns: until when it was played.
    """

    def __init__(self, listener: Listener, programs: Programs, recording: Path, seed: int) -> None:
        self.outages: list[Outage] = []
        self.streams_ns: list[int] = []
        self.end_ns = 0
        self._listener = listener
        self._chance = random.Random(seed)
        self._latest_ns = dict.fromkeys(NODES, 0)
        for node, (kind, topic) in _SIGNS.items():
            listener.node.create_subscription(kind, topic, self._seen(node), qos.EVENTS)
        params_file = programs.folder / "params.yaml"
        content = {"/**/audio_capture": {"ros__parameters": {"source": str(recording)}}}
        params_file.write_text(json.dumps(content), encoding="utf-8")
        self._supervisor = programs.start("conversation", "--separate", params_file=params_file)

    def run(self, rounds: int) -> None:
        """Enrol a speaker, then kill each node so often."""
        self._enrol()
        for _ in range(rounds):
            for node in self._chance.sample(NODES, len(NODES)):
                self._play(self._chance.uniform(*_BETWEEN_S))
                self._kill(node)
        self._play(_BETWEEN_S[1])
        self.end_ns = self._latest_ns["audio_capture"]

    def _play(self, seconds: float) -> None:
        """Wait until so much more was heard."""
        until_ns = self._latest_ns["audio_capture"] + seconds_to_ns(seconds)
        self._listener.wait(lambda: self._latest_ns["audio_capture"] > until_ns, "the audio going on")

    def _kill(self, node: str) -> None:
        process = _child(self._supervisor.pid, node)
        killed_ns = time.time_ns()
        os.kill(process, signal.SIGKILL)
        self._listener.wait(lambda: self._latest_ns[node] > killed_ns, f"{node} at work again")
        self.outages.append(Outage(node, killed_ns, self._latest_ns[node]))

    def _seen(self, node: str) -> Callable[[Any, Any], None]:
        def see(message: Any, info: Any) -> None:
            # When it was sent: what was on its way when the node was killed must not count.
            if node != "diarization" or _is_at_work(message):
                self._latest_ns[node] = max(self._latest_ns[node], info["source_timestamp"])
            if node == "audio_capture" and not message.first_sample:
                self.streams_ns.append(conversions.to_ns(message.header.stamp))

        return see

    def _enrol(self) -> None:
        """Enrol who speaks first, by something that voice says."""
        listener = self._listener
        listener.wait(listener.finals, "the first utterance")
        voice = listener.finals()[0].speaker_id
        client = listener.node.create_client(EnrollSpeaker, "/stalk/diarization/enroll_speaker")
        listener.wait(client.service_is_ready, "the service that enrols")
        tried: set[str] = set()

        def untried() -> Utterance | None:
            own = (u for u in listener.finals() if u.speaker_id == voice and u.utterance_id not in tried)
            return next(own, None)

        while True:
            utterance = listener.wait(untried, "an utterance to enrol by")
            tried.add(utterance.utterance_id)
            answer = client.call_async(EnrollSpeaker.Request(name=NAME, utterance_id=utterance.utterance_id))
            listener.wait(answer.done, "the answer of the service that enrols")
            if answer.result().success:
                return


def _is_at_work(message: DiagnosticArray) -> bool:
    """Whether diarization says that it is active."""
    return any(
        status.name == "stalk/diarization" and "missing audio (s)" in {pair.key for pair in status.values}
        for status in message.status
    )


def _child(parent: int, node: str) -> int:
    """The process of a node."""
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in children.read_text().split():
            arguments = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if any(argument.endswith(f"/{node}".encode()) for argument in arguments):
                return int(child)
    raise RuntimeError(f"{node} does not run")


def _outside(killer: _Killer, said: list[Said], round_ns: int) -> list[Said]:
    """What was said outside the outages."""
    out = [(outage.killed_ns, outage.back_ns) for outage in killer.outages if outage.node in _HEARING]
    found = []
    for begin_ns, end_ns in zip(killer.streams_ns, [*killer.streams_ns[1:], killer.end_ns], strict=True):
        rounds = [one.moved(at_ns) for at_ns in range(begin_ns, end_ns, round_ns) for one in said]
        found += [
            one
            for one in rounds
            if one.end_ns + _OUT_NS < end_ns
            and not any(
                one.start_ns - _BEFORE_NS < back and killed < one.end_ns + _OUT_NS for killed, back in out
            )
        ]
    return found


def _report_outages(outages: list[Outage]) -> list[str]:
    broken = []
    tables.head("node", "killed", "back after (s): median", "longest")
    for node in NODES:
        lengths_s = [outage.length_s for outage in outages if outage.node == node]
        tables.row(node, len(lengths_s), f"{np.median(lengths_s):.1f}", f"{max(lengths_s):.1f}")
        if max(lengths_s) > AIM_S:
            broken.append(f"{node} was away for {max(lengths_s):.1f} s")
    print()
    return broken


def _report(killer: _Killer, expected: list[Said], finals: list[Utterance]) -> list[str]:
    found = [[utterance for utterance in finals if said.is_in(utterance)] for said in expected]
    lost = sum(not utterances for utterances in found)
    same = sum(
        " ".join(utterance.text for utterance in utterances) == said.text
        for said, utterances in zip(expected, found, strict=True)
    )
    doubled = _doubled(finals)
    strangers, ids, named = _voices(killer, expected, found)
    tables.table(
        ("utterances", "there", "same text", "doubled", "other voice than before", f"ids of {NAME}", "named"),
        [(len(expected), len(expected) - lost, same, doubled, strangers, len(ids), named)],
    )
    findings = {
        f"{lost} utterances are lost: {_places(killer, expected, found)}": lost,
        f"{doubled} utterances are doubled": doubled,
        f"{strangers} utterances have another voice than before": strangers,
        f"{NAME} has the ids {sorted(ids)}": len(ids) != 1,
    }
    return [finding for finding, is_so in findings.items() if is_so]


def _places(killer: _Killer, expected: list[Said], found: list[list[Utterance]]) -> str:
    """Where what is lost was said."""
    lost = [said for said, utterances in zip(expected, found, strict=True) if not utterances]
    return ", ".join(f"'{said.text}' {_place(killer, said)}" for said in lost)


def _place(killer: _Killer, said: Said) -> str:
    ends = [(outage.back_ns, outage.node) for outage in killer.outages if outage.back_ns < said.start_ns]
    back_ns, node = max(ends, default=(killer.streams_ns[0], "the beginning"))
    return f"{(said.start_ns - back_ns) / NANOSECONDS:.1f} s after {node}"


def _doubled(finals: list[Utterance]) -> int:
    """Utterances that were published twice, or that share most of their time with the one before."""
    again = sum(count - 1 for count in Counter(utterance.utterance_id for utterance in finals).values())
    finals = sorted(finals, key=lambda utterance: utterance.start_ns)
    return again + sum(
        2 * (before.end_ns - after.start_ns) > after.end_ns - after.start_ns
        for before, after in itertools.pairwise(finals)
        if before.utterance_id != after.utterance_id
    )


def _voices(killer: _Killer, expected: list[Said], found: list[list[Utterance]]) -> tuple[int, set[str], int]:
    """What became of the voices.

    Returns:
        Utterances with another id than most of that voice in one life of diarization, the ids of who is
        enrolled, and the number of that person's utterances.
    """
    restarts_ns = [outage.killed_ns for outage in killer.outages if outage.node == "diarization"]
    lives: dict[tuple[int, str], Counter[str]] = {}
    for said, utterances in zip(expected, found, strict=True):
        life = sum(said.start_ns > restart_ns for restart_ns in restarts_ns)
        lives.setdefault((life, said.speaker), Counter()).update(
            utterance.speaker_id for utterance in utterances
        )
    strangers = sum(sum(ids.values()) - max(ids.values()) for ids in lives.values() if ids)
    named = [utterance for utterances in found for utterance in utterances if utterance.speaker_name == NAME]
    return strangers, {utterance.speaker_id for utterance in named}, len(named)
