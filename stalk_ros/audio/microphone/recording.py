"""A device that records, and the way from PortAudio's thread to ours."""

from __future__ import annotations

import contextlib
import math
import queue
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ
from stalk_ros.audio.devices import choose, engine, records_at
from stalk_ros.audio.microphone.mixing import layout, picked
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

_BLOCK_S = (0.02, 0.034)
"""Shorter ones cost, and leave ALSA, which keeps four of them, no patience; longer ones come late."""

_QUEUE_S = 10.0
"""As long as what is published is kept for subscribers that stall."""

_STEP_S = 0.1
_START_STEPS = 50
"""A sound server may have let the device sleep."""

_SILENT_STEPS = 10


@dataclass(frozen=True)
class Captured:
    """A block of interleaved int16 ``data`` [frames, channels].

    It arrived at ``at_s`` of the monotonic clock. ``overflowed`` is PortAudio's word that frames before it
    were lost; ``dropped`` were captured before it, but nobody took them in time.
    """

    data: bytes
    frames: int
    at_s: float
    overflowed: bool
    dropped: int


class Recording:
    """Records from a device until it is closed; a context manager.

    PortAudio's thread only puts blocks into a queue, and drops them when nobody takes any. It asks the stream
    nothing: PyAudio closes one that cannot answer, and the thread would wait for its own end.

    Args:
        audio: from `stalk_ros.audio.devices.portaudio`.
        device: its number, its name or a part of it; empty for the default one.
        channels: those that are wanted, as in `CaptureParameters.channels`.
        chunk_s: how much audio is wanted at a time.

    Attributes:
        name: of the device.
        channels: how many of its channels are recorded, from the first on.
        wanted: those of them that are wanted.
        rate_hz: 16000, or the device's own rate where it cannot do that.

    Raises:
        MissingDeviceError: there is no such device.
        UserError: several devices are meant, one lacks a channel, or it cannot be opened.
    """

    def __init__(self, audio: Any, device: str, channels: str, chunk_s: float) -> None:
        wanted = picked(channels)
        found = choose(audio, device)
        self.name = found.name
        self.channels, self.wanted = layout(wanted, found.channels, found.name)
        supported = records_at(audio, found.index, SAMPLE_RATE_HZ, self.channels)
        self.rate_hz = SAMPLE_RATE_HZ if supported else found.default_rate_hz
        block_s = _block_s(chunk_s)
        # Without bounds, but unlike others without locks that PortAudio's thread might wait for.
        self._blocks: queue.SimpleQueue[Captured] = queue.SimpleQueue()
        self._most = round(_QUEUE_S / block_s)
        self._dropped = 0
        self._overflow, self._continue = engine().paInputOverflow, (None, engine().paContinue)
        try:
            self._stream: Any = audio.open(
                rate=self.rate_hz,
                channels=self.channels,
                format=engine().paInt16,
                input=True,
                input_device_index=found.index,
                frames_per_buffer=math.ceil(self.rate_hz * block_s),
                stream_callback=self._captured,
                start=False,
            )
        except OSError as error:
            raise UserError(
                f"cannot open the microphone '{self.name}': {error}; is it held by another program?"
            ) from None

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()

    def blocks(self, stopped: threading.Event) -> Iterator[Captured]:
        """The blocks as they come, until ``stopped`` is set.

        Raises:
            UserError: the device gives no more.
        """
        try:
            self._stream.start_stream()
            # Steps are counted, and not time: where this process was suspended, the device has not failed.
            patience = _START_STEPS
            while not stopped.is_set():
                block = self._next()
                if block is not None:
                    yield block
                    patience = _SILENT_STEPS
                    continue
                patience -= 1
                if patience == 0 or not self._stream.is_active():
                    raise UserError(self._lost("it gives no audio any more"))
        except OSError as error:
            raise UserError(self._lost(str(error))) from None

    def _next(self) -> Captured | None:
        with contextlib.suppress(queue.Empty):
            return self._blocks.get(timeout=_STEP_S)
        return None

    def _lost(self, reason: str) -> str:
        return f"the microphone '{self.name}' stopped: {reason}; is it unplugged?"

    def _captured(self, data: bytes, frames: int, _: object, status: int) -> tuple[None, int]:
        at_s = time.monotonic()
        if self._blocks.qsize() < self._most:
            self._blocks.put(Captured(data, frames, at_s, bool(status & self._overflow), self._dropped))
            self._dropped = 0
        else:
            self._dropped += frames
        return self._continue


def _block_s(chunk_s: float) -> float:
    shortest_s, longest_s = _BLOCK_S
    return max(shortest_s, chunk_s / math.ceil(chunk_s / longest_s))
