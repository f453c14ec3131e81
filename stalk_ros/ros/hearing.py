"""Audio as it comes over DDS, for the nodes that listen to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.audio import AudioStream, MalformedAudioError
from stalk_ros.ros.diagnostics import WARN, Health
from stalk_ros.ros.meter import Meter

if TYPE_CHECKING:
    from rclpy.node import Node

    from stalk_ros.audio import AudioChunk, Block
    from stalk_ros.ros.worker import Worker

_LOG_EVERY_S = 5.0


class Hearing:
    """The audio stream of a node, with what there is to report about it.

    Args:
        node: its log is told about chunks that are refused and audio that is missing.
    """

    def __init__(self, node: Node) -> None:
        self.meter = Meter()
        self._node = node
        self._logger = node.get_logger()
        self._stream = AudioStream()
        self._over = False

    def blocks(self, chunk: AudioChunk) -> list[Block]:
        """The audio that is ready after this chunk; none when the chunk is refused."""
        gaps, lost_s, jumps = self._stream.gaps, self._stream.lost_s, self._stream.jumps
        try:
            blocks = self._stream.push(chunk)
        except MalformedAudioError as error:
            self._logger.warning(f"refused an AudioChunk: {error}", throttle_duration_sec=_LOG_EVERY_S)
            return []
        if self._stream.gaps > gaps:
            missing = f"{self._stream.lost_s - lost_s:.2f} s of audio are missing"
            self._logger.warning(missing, throttle_duration_sec=_LOG_EVERY_S)
        if self._stream.jumps > jumps:
            self._logger.warning(
                "the stamp of an AudioChunk contradicts its first_sample: a new stream begins",
                throttle_duration_sec=_LOG_EVERY_S,
            )
        self._over = len(chunk.samples) == 0
        for block in blocks:
            self.meter.arrived(block.end_ns, block.end_ns - block.time_ns)
        return blocks

    def end(self) -> list[Block]:
        """Finish the stream because no more audio will come."""
        return self._stream.end()

    def report(self, health: Health, *workers: Worker, paused: bool = False) -> None:
        """Add what there is to report; while ``paused`` nobody gives it chunks, on purpose."""
        stream = self._stream
        health.values.update(self.meter.values(*workers))
        health.values["refused chunks"] = stream.refused
        health.values["missing audio (s)"] = f"{stream.lost_s:.2f}"
        if paused:
            health.message = "paused: nothing is heard"
        elif self._over:
            health.message = "the audio is over"
        elif missing_s := self.meter.missing_s():
            health.add(WARN, f"no audio has arrived for {missing_s:.0f} s: nothing is heard")
        topic = self._node.resolve_topic_name("audio")
        if (sources := self._node.count_publishers(topic)) > 1:
            health.add(WARN, f"{sources} nodes publish '{topic}', and their audio is mixed: stop all but one")
        health.values["contradicting stamps"] = stream.jumps
        if stream.jumps:
            health.add(WARN, f"{stream.jumps} stamps contradicted first_sample and cut the audio there")
        if stream.refused:
            health.add(WARN, f"{stream.refused} malformed AudioChunks were refused")
        if any(worker.dropped for worker in workers):
            health.add(WARN, "work was dropped: this machine is too slow for the engine")
