"""What capturing costs, how soon a chunk is with its subscribers, and what one that stalls does.

A sound server of its own is the microphone; audio_capture runs as a process, beside a bare rclpy node and
PyAudio without us as the floor. Chunks go from process to process over DDS. Takes five minutes. Prints a
Markdown table.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rclpy
import tables
from rclpy.executors import SingleThreadedExecutor
from sound_server import sounding

import stalk_ros.msg as msg
from stalk_ros.audio import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.ros import audio_capture, conversions, qos
from stalk_ros.ros.domain import own_domain

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

COST_S = 60.0
CHUNKS = 1_000
STALL_S = 5.0

_CHUNK_S, _SHORT_S = 0.1, 0.032
_INTERVAL_S = 0.02
_PATIENCE_S = 60.0
_SETTLE_S = 5.0


def idle() -> None:
    """Spin a node that does nothing; for a process of its own."""
    rclpy.init()
    node = rclpy.create_node("idle")
    print("ready", flush=True)
    rclpy.spin(node)


def record() -> None:
    """Take blocks from PyAudio and do nothing with them; for a process of its own."""
    import pyaudio

    stream = pyaudio.PyAudio().open(
        rate=SAMPLE_RATE_HZ,
        channels=1,
        format=pyaudio.paInt16,
        input=True,
        frames_per_buffer=round(_SHORT_S * SAMPLE_RATE_HZ),
        stream_callback=lambda *_: (None, pyaudio.paContinue),
    )
    print("ready", flush=True)
    signal.pause()
    stream.close()


def microphone() -> None:
    """Run audio_capture; for a process of its own."""
    audio_capture.main()


def array() -> None:
    """Run audio_capture with the device 'array' as hardware would be; for a process of its own.

    PulseAudio claims 32 channels and every rate for whatever it has.
    """
    import pyaudio

    told = pyaudio.PyAudio.get_device_info_by_index

    def info(self: pyaudio.PyAudio, index: int) -> dict[str, object]:
        of = told(self, index)
        return {**of, "maxInputChannels": 6, "defaultSampleRate": 48e3} if of["name"] == "array" else of

    def supported(self: pyaudio.PyAudio, rate: float, **_: object) -> bool:
        if rate != 48_000:
            raise ValueError("Invalid sample rate", -9997)
        return True

    pyaudio.PyAudio.get_device_info_by_index = info
    pyaudio.PyAudio.is_format_supported = supported
    audio_capture.main()


def talk() -> None:
    """Publish chunks that carry the time at which they were sent; for a process of its own."""
    rclpy.init()
    node = rclpy.create_node("talker")
    publisher = node.create_publisher(msg.AudioChunk, "audio", qos.audio(_CHUNK_S))
    samples = np.zeros(round(_CHUNK_S * SAMPLE_RATE_HZ), np.int16)
    while publisher.get_subscription_count() == 0:
        time.sleep(_INTERVAL_S)
    for number in range(CHUNKS):
        time.sleep(_INTERVAL_S)
        message = conversions.chunk_to_msg(
            AudioChunk(samples, SAMPLE_RATE_HZ, 1, number * len(samples), 0, "")
        )
        message.header.frame_id = str(time.monotonic_ns())
        publisher.publish(message)
    time.sleep(_PATIENCE_S)


def listen() -> None:
    """Print the number of each chunk's first sample; for a process of its own."""
    rclpy.init()
    node = rclpy.create_node("listener")
    node.create_subscription(
        msg.AudioChunk, "audio", lambda chunk: print(chunk.first_sample, flush=True), qos.audio()
    )
    rclpy.spin(node)


class Ear:
    """Hears ``audio`` in this process."""

    def __init__(self) -> None:
        self.chunks: list[tuple[int, msg.AudioChunk]] = []
        self._node = rclpy.create_node("ear")
        self._node.create_subscription(msg.AudioChunk, "audio", self._heard, qos.audio())
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)

    def hear(self, chunks: int) -> list[tuple[int, msg.AudioChunk]]:
        """Spin until there are so many more; gives them with when each came, in ns."""
        until_s = time.monotonic() + _PATIENCE_S
        first = len(self.chunks)
        while len(self.chunks) < first + chunks:
            self._executor.spin_once(timeout_sec=1.0)
            if time.monotonic() > until_s:
                raise RuntimeError("no audio comes")
        return self.chunks[first:]

    def close(self) -> None:
        """Hear nothing any more."""
        self._executor.shutdown()
        self._node.destroy_node()

    def _heard(self, chunk: msg.AudioChunk) -> None:
        self.chunks.append((time.monotonic_ns(), chunk))


@contextlib.contextmanager
def _process(name: str, *parameters: str) -> Iterator[subprocess.Popen[str]]:
    path = [str(Path(__file__).parent), *sys.path]
    run = f"import sys; sys.path[:] = {path!r}; import capture; capture.{name}()"
    options = [word for parameter in parameters for word in ("-p", parameter)]
    command = [sys.executable, "-c", run, *(["--ros-args", *options] if options else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _share(process: int) -> float:
    """Of a core, over a minute."""
    time.sleep(_SETTLE_S)
    begun_s, used_s = time.monotonic(), _cpu_s(process)
    time.sleep(COST_S)
    return (_cpu_s(process) - used_s) / (time.monotonic() - begun_s)


def measure_cost(name: str, *parameters: str) -> float:
    """Share of a core that a process of audio_capture takes while it is heard."""
    ear = Ear()
    with _process(name, *parameters) as process:
        ear.hear(10)
        share = _share(process.pid)
    ear.close()
    return share


def measure_floor(name: str) -> float:
    """Share of a core that a process takes which does nothing."""
    with _process(name) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return _share(process.pid)


def measure_transport() -> list[float]:
    """Milliseconds from when a chunk is published to when its subscriber has it, in another process."""
    ear = Ear()
    with _process("talk"):
        heard = ear.hear(CHUNKS)
    ear.close()
    return [(at_ns - int(chunk.header.frame_id)) / 1e6 for at_ns, chunk in heard]


def measure_stall() -> tuple[int, int, float]:
    """Stop a subscriber for some seconds; chunks it got and lost, and the longest wait of another one."""
    ear = Ear()
    with _process("microphone", f"chunk_s:={_CHUNK_S}") as _, _process("listen") as listener:
        ear.hear(10)
        assert listener.stdout is not None
        got = [int(listener.stdout.readline())]
        listener.send_signal(signal.SIGSTOP)
        heard = ear.hear(round(STALL_S / _CHUNK_S))
        listener.send_signal(signal.SIGCONT)
        last = heard[-1][1].first_sample
        while got[-1] < last and select.select([listener.stdout], [], [], _PATIENCE_S)[0]:
            got.append(int(listener.stdout.readline()))
    ear.close()
    length = round(_CHUNK_S * SAMPLE_RATE_HZ)
    lost = (got[-1] - got[0]) // length + 1 - len(got)
    came_ns = [at_ns for at_ns, _ in heard]
    return len(got), lost, max(np.diff(came_ns)) / 1e9


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    with sounding() as server, own_domain() as domain:
        server.add_room("array", 48_000, 6)
        os.environ |= {"ROS_DOMAIN_ID": str(domain), "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
        rclpy.init()
        try:
            _tell()
        finally:
            rclpy.shutdown()


def _tell() -> None:
    tables.head("capture", "measured")
    tables.row("a node that does nothing (% of a core)", tables.percent(measure_floor("idle")))
    recorded = measure_floor("record")
    tables.row("PyAudio alone, 16 kHz mono, blocks of 32 ms (% of a core)", tables.percent(recorded))
    mono = measure_cost("microphone", f"chunk_s:={_SHORT_S}", "device:=room")
    tables.row("16 kHz mono, chunks of 32 ms (% of a core)", tables.percent(mono))
    mixed = measure_cost("array", "device:=array")
    tables.row("6 channels at 48 kHz, chunks of 100 ms (% of a core)", tables.percent(mixed))
    took_ms = measure_transport()
    median, worst = np.percentile(took_ms, (50, 99))
    tables.row(
        f"{CHUNKS} chunks from process to process: median / 99th percentile (ms)",
        f"{median:.2f} / {worst:.2f}",
    )
    got, lost, longest_s = measure_stall()
    tables.row(f"a subscriber that stops for {STALL_S:.0f} s: chunks heard / lost", f"{got} / {lost}")
    tables.row("the longest wait of another one meanwhile (s)", f"{longest_s:.3f}")
