"""The audio_capture node: publishes what the microphone hears, or a file."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from rclpy.duration import Duration

import stalk_ros.msg as msg
from stalk_ros.audio import AudioFile, CaptureParameters, Microphone
from stalk_ros.clock import NANOSECONDS, samples_to_ns
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diagnostics import WARN, Health
from stalk_ros.ros.stage_node import StageNode, spin

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk, AudioSource

_MS = NANOSECONDS // 1000
_LISTENER_POLL_S = 0.05
_ACKNOWLEDGED = Duration(seconds=10)
_BATCH_S = 5.0
"""Audio sent at full speed before its arrival is awaited; half of what the writer keeps for slow readers."""


class AudioCapture(StageNode):
    """Publishes ``audio`` from the source its parameters name."""

    parameters_class = CaptureParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("audio_capture", **options)
        chunk_s = self.get_parameter("chunk_s").value
        self._audio = self.make_publisher(msg.AudioChunk, "audio", qos.audio(chunk_s))
        self._published_s = 0.0
        self._over = False

    def configure(self, parameters: CaptureParameters) -> None:
        """Check that the source can be had; a microphone may still be plugged in."""
        self._capture = parameters
        if parameters.source == "microphone":
            Microphone.check(parameters)
        else:
            AudioFile(parameters.source)

    def activate(self) -> None:
        """Open the source and publish it in a thread of its own."""
        self._stopped = threading.Event()
        self._over = False
        self._published_s = 0.0
        self._source = self._open()
        self._thread = threading.Thread(target=self._publish_all, name="capture", daemon=True)
        self._thread.start()

    def deactivate(self) -> None:
        """Close the source; a device that does not let go is left behind."""
        self._stopped.set()
        self._source.stop()
        self._thread.join(self.time_left_s())
        if self._thread.is_alive():
            self.get_logger().warning("the microphone does not close: it is left behind")

    def adopt(self, parameters: CaptureParameters) -> None:
        """Use changed parameters from the next chunk on."""
        self._capture = parameters

    def health(self) -> Health:
        """What is captured."""
        health = Health(
            message="the file is over" if self._over else "capturing",
            values={"source": self._capture.source, "published (s)": f"{self._published_s:.1f}"},
        )
        if isinstance(self._source, Microphone):
            health.values |= self._source.values()
            for problem in filter(None, (self._source.problem, self._source.caveat)):
                health.add(WARN, problem)
        return health

    def _open(self) -> AudioSource:
        capture = self._capture
        if capture.source == "microphone":
            steady = not self.get_parameter("use_sim_time").value
            return Microphone(capture, self._now_ns, self._microphone_changed, steady)
        return AudioFile(capture.source, 0, capture.chunk_s, capture.frame_id)

    def _microphone_changed(self, problem: str) -> None:
        if problem:
            self.get_logger().warning(problem)
        else:
            self.get_logger().info("the microphone is heard")

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _publish_all(self) -> None:
        try:
            if isinstance(self._source, AudioFile):
                self._play(self._source)
            else:
                for chunk in self._source.chunks():
                    self._publish(chunk)
        except Exception as error:
            self.failed(error)

    def _play(self, file: AudioFile) -> None:
        """Publish each chunk when a microphone would have finished hearing it."""
        while self._audio.get_subscription_count() < self._capture.listeners:
            if self._stopped.wait(_LISTENER_POLL_S):
                return
        # A whole millisecond: ids tell the time in these, and so are as far apart as in the file itself.
        file.start_ns = self._now_ns() // _MS * _MS
        due_s = time.monotonic()
        batch = max(1, round(_BATCH_S / self._capture.chunk_s))
        for number, chunk in enumerate(file.chunks(), start=1):
            if self._capture.rate > 0:
                due_s += len(chunk.samples) / chunk.sample_rate_hz / self._capture.rate
                self._stopped.wait(max(0.0, due_s - time.monotonic()))
            if self._stopped.is_set():
                return
            self._publish(chunk)
            if self._capture.rate == 0 and number % batch == 0:
                self._audio.wait_for_all_acked(_ACKNOWLEDGED)
        self._over = True
        self.get_logger().info(f"'{self._capture.source}' is over")

    def _publish(self, chunk: AudioChunk) -> None:
        self._audio.publish(conversions.chunk_to_msg(chunk))
        self._published_s = samples_to_ns(chunk.first_sample + len(chunk.samples), chunk.sample_rate_hz) / 1e9


def main() -> None:
    """Run the node."""
    spin(AudioCapture)
