"""The asr node under an engine that is too slow, and under one that never returns.

The node runs as a process of its own; audio comes over DDS as fast as it was spoken. With an engine that
takes three times as long as the audio lasts every utterance must still come, in order, while voice activity
keeps its rate and memory does not grow; diagnostics must tell the lag. With an engine that hangs, diagnostics
must say so, voice activity must go on, and the process must end when it is told to. Takes about five minutes.
``--data DIR`` plays the recordings below DIR instead of the sample. Prints a Markdown table.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import rclpy
import recordings
import stage
import tables
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

import stalk_ros.msg as msg
from stalk_ros.audio import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.clock import samples_to_ns
from stalk_ros.ros import asr, conversions, qos
from stalk_ros.ros.domain import own_domain
from stalk_ros.speech import SpeechParameters, SpeechStage, Transcript
from stalk_ros.speech.backends import BACKENDS
from stalk_ros.speech.backends.silero import SileroVad

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

SLOWNESS = 3.0
TALK_S = 60
HANG_S = 30
"""How much talk the engine that hangs is given."""

_CHUNK = SAMPLE_RATE_HZ // 10
_PATIENCE_S = 60.0
_NORMAL_LAG_S = 1.0


class Slow(stage.OneWord):
    """Takes `SLOWNESS` times as long as the audio lasts."""

    name = "slow"

    def __init__(self, parameters: SpeechParameters) -> None:
        pass

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """See `stalk_ros.speech.Transcriber.transcribe`."""
        time.sleep(SLOWNESS * len(audio) / SAMPLE_RATE_HZ)
        return super().transcribe(audio, context)


class Hanging(Slow):
    """Never returns; tells its parent process when it was first called."""

    name = "hanging"

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """See `stalk_ros.speech.Transcriber.transcribe`."""
        print(time.monotonic(), flush=True)
        threading.Event().wait()
        raise AssertionError


def serve() -> None:
    """Run the asr node; for a process of its own."""
    BACKENDS.built_in.update({engine.name: f"{__name__}:{engine.__name__}" for engine in (Slow, Hanging)})
    asr.main()


class Probe:
    """Hears what the node says, and notes when; times are of `time.monotonic`."""

    def __init__(self) -> None:
        self.finals: list[str] = []
        self.final_at_s = 0.0
        self.activity_at_s: list[float] = []
        self.lag_s: list[float] = []
        self.troubles: list[tuple[float, str]] = []
        self._stamp_ns = -1
        self._node = Node("probe")
        self.audio = self._node.create_publisher(msg.AudioChunk, "audio", qos.audio())
        self._node.create_subscription(msg.SpeakerUtterance, "transcript", self._utterance, qos.EVENTS)
        self._node.create_subscription(msg.VoiceActivity, "voice_activity", self._activity, qos.EVENTS)
        self._node.create_subscription(DiagnosticArray, "/diagnostics", self._diagnostics, 10)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()

    def close(self) -> None:
        """Hear nothing any more."""
        self._executor.shutdown()
        self._thread.join()
        self._node.destroy_node()

    def _utterance(self, message: msg.SpeakerUtterance) -> None:
        if message.final:
            self.finals.append(message.utterance_id)
            self.final_at_s = time.monotonic()

    def _activity(self, message: msg.VoiceActivity) -> None:
        stamp_ns = conversions.to_ns(message.header.stamp)
        if stamp_ns == self._stamp_ns:
            return  # the same activity again, because more is transcribed
        self._stamp_ns = stamp_ns
        self.activity_at_s.append(time.monotonic())

    def _diagnostics(self, message: DiagnosticArray) -> None:
        (status,) = message.status
        values = {value.key: value.value for value in status.values}
        if "lag (s)" in values:
            self.lag_s.append(float(values["lag (s)"]))
        if status.level != DiagnosticStatus.OK:
            self.troubles.append((time.monotonic(), status.message))


@dataclass(frozen=True)
class Overload:
    """What came of an engine that is too slow; ``drained_s`` is from the last audio to the last final."""

    expected: int
    finals: int
    in_order: bool
    grown_mib: float
    activity_hz: float
    longest_gap_s: float
    highest_lag_s: float
    last_lag_s: float
    drained_s: float
    told: tuple[str, ...]


@dataclass(frozen=True)
class Hang:
    """What came of an engine that never returns; ``told_after_s`` is None when diagnostics said nothing."""

    told_after_s: float | None
    told: str
    activity_hz: float
    longest_gap_s: float
    exit_s: float
    exit_code: int


def measure_overload(paths: Sequence[Path]) -> Overload:
    """Talk for a minute to the engine that is too slow, and wait until it has caught up."""
    audio = stage.samples(paths)[: TALK_S * SAMPLE_RATE_HZ]
    expected = _expected(audio)
    with _running("slow") as (process, probe):
        memory = [stage.resident_mib(process.pid)]

        def step() -> None:
            memory.append(stage.resident_mib(process.pid))

        activity_hz, longest_gap_s = _talk(probe, audio, step)
        over_at_s = time.monotonic()
        while len(probe.finals) < len(expected) and time.monotonic() - over_at_s < SLOWNESS * TALK_S + 10:
            time.sleep(0.5)
            step()
        _wait(lambda: probe.lag_s[-1] < _NORMAL_LAG_S, 5.0)
        return Overload(
            len(expected),
            len(probe.finals),
            probe.finals == expected,
            max(memory) - memory[0],
            activity_hz,
            longest_gap_s,
            max(probe.lag_s),
            probe.lag_s[-1],
            probe.final_at_s - over_at_s,
            tuple(dict.fromkeys(re.sub(r"\d+", "N", told) for _, told in probe.troubles)),
        )


def measure_hang(paths: Sequence[Path]) -> Hang:
    """Talk to the engine that never returns, then tell the process to end."""
    audio = stage.samples(paths)[: HANG_S * SAMPLE_RATE_HZ]
    with _running("hanging") as (process, probe):
        activity_hz, longest_gap_s = _talk(probe, audio, end=False)
        started_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=_PATIENCE_S)
        ended_s = time.monotonic()
        hung_at_s = float(output)
        troubles = [trouble for trouble in probe.troubles if trouble[0] > hung_at_s]
        return Hang(
            troubles[0][0] - hung_at_s if troubles else None,
            troubles[0][1] if troubles else "",
            activity_hz,
            longest_gap_s,
            ended_s - started_s,
            process.returncode,
        )


def measure(paths: Sequence[Path]) -> tuple[Overload, Hang]:
    """Both."""
    return measure_overload(paths), measure_hang(paths)


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    overload, hang = measure(recordings.recordings(options.data))
    rows = [
        ("slow: utterances / expected", f"{overload.finals} / {overload.expected}"),
        ("slow: in order and the right ones", "yes" if overload.in_order else "NO"),
        ("slow: memory grown by (MiB)", f"{overload.grown_mib:.1f}"),
        ("slow: voice activity (Hz)", f"{overload.activity_hz:.1f}"),
        ("slow: longest wait for voice activity (s)", f"{overload.longest_gap_s:.2f}"),
        ("slow: highest lag in diagnostics (s)", f"{overload.highest_lag_s:.1f}"),
        ("slow: lag in the end (s)", f"{overload.last_lag_s:.1f}"),
        ("slow: last utterance after the end of the audio (s)", f"{overload.drained_s:.1f}"),
        ("slow: diagnostics said", "; ".join(overload.told)),
        ("hanging: diagnostics say so after (s)", _seconds(hang.told_after_s)),
        ("hanging: diagnostics said", hang.told),
        ("hanging: voice activity (Hz)", f"{hang.activity_hz:.1f}"),
        ("hanging: longest wait for voice activity (s)", f"{hang.longest_gap_s:.2f}"),
        ("hanging: process ends after SIGINT (s)", f"{hang.exit_s:.2f}, code {hang.exit_code}"),
    ]
    tables.table(("engine", "measured"), rows)


def _expected(audio: npt.NDArray[np.float32]) -> list[str]:
    speech = SpeechStage(SpeechParameters(), SileroVad(), stage.OneWord())
    return [segment.utterance_id for segment, _ in stage.listened(speech, stage.blocks(audio))]


def _talk(
    probe: Probe, audio: npt.NDArray[np.float32], step: Callable[[], None] = lambda: None, end: bool = True
) -> tuple[float, float]:
    """Play audio as fast as it was spoken; gives the rate of voice activity and the longest wait for it."""
    samples = (audio * 32768).astype("int16")
    begun_s = time.monotonic()
    for first in range(0, len(samples), _CHUNK):
        time.sleep(max(0.0, begun_s + first / SAMPLE_RATE_HZ - time.monotonic()))
        _publish(probe, samples[first : first + _CHUNK], first)
        step()
    if end:
        _publish(probe, samples[:0], len(samples))
    came = [at_s for at_s in probe.activity_at_s if at_s > begun_s]
    gaps = [after - before for before, after in zip(came, [*came[1:], time.monotonic()], strict=True)]
    return len(came) / (time.monotonic() - begun_s), max(gaps, default=float("inf"))


def _publish(probe: Probe, samples: npt.NDArray[np.int16], first: int) -> None:
    stamp_ns = samples_to_ns(first, SAMPLE_RATE_HZ)
    probe.audio.publish(conversions.chunk_to_msg(AudioChunk(samples, SAMPLE_RATE_HZ, 1, first, stamp_ns)))


@contextlib.contextmanager
def _running(engine: str) -> Iterator[tuple[subprocess.Popen[bytes], Probe]]:
    """The node with the engine, active, in a ROS domain of its own, and a probe beside it."""
    run = f"import sys; sys.path[:] = {[str(Path(__file__).parent), *sys.path]!r}; import load; load.serve()"
    command = [sys.executable, "-c", run, "--ros-args", "--log-level", "error", "-p", f"backend:={engine}"]
    with own_domain() as domain:
        os.environ |= {"ROS_DOMAIN_ID": str(domain), "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
        rclpy.init()
        probe = Probe()
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            _wait(lambda: probe.audio.get_subscription_count() > 0, _PATIENCE_S)
            yield process, probe
        finally:
            process.kill()
            process.communicate()
            probe.close()
            rclpy.shutdown()


def _wait(condition: Callable[[], bool], patience_s: float) -> None:
    until_s = time.monotonic() + patience_s
    while not condition() and time.monotonic() < until_s:
        time.sleep(0.05)


def _seconds(seconds: float | None) -> str:
    return "not reported" if seconds is None else f"{seconds:.1f}"
