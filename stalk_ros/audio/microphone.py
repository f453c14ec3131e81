"""A microphone as a source, through PyAudio."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.clock import samples_to_ns
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Microphone:
    """The default input device, 16 kHz mono.

    Args:
        now_ns: the clock that stamps the first sample; later stamps count samples from there.
        chunk_s: length of a chunk in seconds.
        frame_id: name of the microphone.

    Raises:
        UserError: PyAudio is missing or no device can be opened.
    """

    duration_s: float | None = None

    def __init__(self, now_ns: Callable[[], int], chunk_s: float = 0.1, frame_id: str = "microphone") -> None:
        pyaudio = self.engine()
        self._now_ns = now_ns
        self._frame_id = frame_id
        self._chunk = max(1, round(chunk_s * SAMPLE_RATE_HZ))
        self._stopped = threading.Event()
        self._audio = pyaudio.PyAudio()
        try:
            self._stream: Any = self._audio.open(
                rate=SAMPLE_RATE_HZ,
                channels=1,
                format=pyaudio.paInt16,
                input=True,
                frames_per_buffer=self._chunk,
            )
        except OSError as error:
            self._audio.terminate()
            raise UserError(
                f"cannot open the microphone: {error}; is one plugged in, and does no other program hold it?"
            ) from None

    @staticmethod
    def engine() -> Any:
        """The module PyAudio; raises `UserError` when it is missing."""
        try:
            import pyaudio
        except ImportError:
            raise UserError(
                "the microphone needs PyAudio: sudo apt install portaudio19-dev && pip install PyAudio"
            ) from None
        return pyaudio

    def chunks(self) -> Iterator[AudioChunk]:
        """See `AudioSource.chunks`."""
        first = 0
        start_ns: int | None = None
        try:
            while not self._stopped.is_set():
                data = self._stream.read(self._chunk, exception_on_overflow=False)
                samples = np.frombuffer(data, np.int16)
                if start_ns is None:
                    start_ns = self._now_ns() - samples_to_ns(len(samples), SAMPLE_RATE_HZ)
                stamp_ns = start_ns + samples_to_ns(first, SAMPLE_RATE_HZ)
                yield AudioChunk(samples, SAMPLE_RATE_HZ, 1, first, stamp_ns, self._frame_id)
                first += len(samples)
        except OSError as error:
            raise UserError(f"the microphone stopped: {error}; plug it in again") from None
        finally:
            self._stream.close()
            self._audio.terminate()
        if start_ns is not None:
            end_ns = start_ns + samples_to_ns(first, SAMPLE_RATE_HZ)
            yield AudioChunk(np.zeros(0, np.int16), SAMPLE_RATE_HZ, 1, first, end_ns, self._frame_id)

    def stop(self) -> None:
        """See `AudioSource.stop`."""
        self._stopped.set()
