"""A microphone as a source."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ
from stalk_ros.audio.devices import MissingDeviceError, choose, portaudio
from stalk_ros.audio.microphone.mixing import Mixer, layout, picked
from stalk_ros.audio.microphone.recording import Recording
from stalk_ros.audio.microphone.stretch import Losses, Stretch
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stalk_ros.audio.chunks import AudioChunk
    from stalk_ros.audio.parameters import CaptureParameters

_FIRST_RETRY_S = 0.5
_LAST_RETRY_S = 10.0


class Microphone:
    """The microphone that the parameters name, for as long as it takes.

    Where it is missing, unplugged or taken away, it is looked for again and again, after 0.5 s and then after
    twice as long up to 10 s; the stream ends, and a new one begins when the microphone is back.

    Args:
        parameters: which microphone, and how it is heard.
        now_ns: the clock that stamps the first sample of a stream; later stamps count samples from there.
        tell: called from the thread of `chunks` with the first `problem` when there is no audio, and with ""
            when there is again.
        steady: whether that clock runs as fast as this machine's; a simulated one need not. A steady one
            that is set begins a new stream.

    Attributes:
        problem: why there is no audio, "" = there is.
        device: name of the device that is heard, and how.
        losses: what was lost so far.
    """

    def __init__(
        self,
        parameters: CaptureParameters,
        now_ns: Callable[[], int],
        tell: Callable[[str], None] = lambda _: None,
        steady: bool = True,
    ) -> None:
        self.problem = "the microphone is not open yet"
        self._told: bool | None = None
        self.device = ""
        self.losses = Losses()
        self._parameters = parameters
        self._now_ns = now_ns
        self._tell = tell
        self._steady = steady
        self._stopped = threading.Event()
        self._retry_s = _FIRST_RETRY_S
        self._mixer: Mixer | None = None
        self._stretch: Stretch | None = None

    @staticmethod
    def check(parameters: CaptureParameters) -> None:
        """Find the user's mistakes; that a microphone is missing, it may still be plugged in, is none.

        Raises:
            UserError: PyAudio is missing, several microphones are meant, or one lacks a channel.
        """
        wanted = picked(parameters.channels)
        with portaudio() as audio:
            try:
                device = choose(audio, parameters.device)
            except MissingDeviceError:
                return
        layout(wanted, device.channels, device.name)

    def chunks(self) -> Iterator[AudioChunk]:
        """See `AudioSource.chunks`; each stream ends with an empty chunk, the next starts at sample 0."""
        while not self._stopped.is_set():
            yield from self._tried()
            self._stopped.wait(self._retry_s)
            self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)

    def stop(self) -> None:
        """See `AudioSource.stop`."""
        self._stopped.set()

    def values(self) -> dict[str, str]:
        """How it is heard, by names for people."""
        losses, mixer, stretch = self.losses, self._mixer, self._stretch
        told = {"device": self.device}
        if mixer is not None and stretch is not None:
            told["level (dBFS)"] = f"{mixer.level.rms_dbfs:.1f}"
            told["peak (dBFS)"] = f"{mixer.level.peak_dbfs:.1f}"
            told["drift (ppm)"] = f"{-1e6 * stretch.clock.drift:.0f}"
        told |= {"overflows": str(losses.overflows), "gaps": str(losses.gaps)}
        told |= {"lost (s)": f"{losses.lost_s:.3f}", "surplus (s)": f"{losses.surplus_s:.3f}"}
        return told | {"slipped samples": str(losses.slips)}

    @property
    def caveat(self) -> str:
        """What is wrong with what is heard, "" = nothing."""
        return self._mixer.level.problem if self._mixer is not None and not self.problem else ""

    def _tried(self) -> Iterator[AudioChunk]:
        try:
            yield from self._session()
        except UserError as error:
            self._changed(str(error))

    def _session(self) -> Iterator[AudioChunk]:
        """Streams until the device fails; PortAudio looks for devices only when it is started."""
        wanted = self._parameters
        with (
            portaudio() as audio,
            Recording(audio, wanted.device, wanted.channels, wanted.chunk_s) as recording,
        ):
            heard = f"channel {', '.join(map(str, recording.wanted))} of {recording.channels}"
            self.device = f"{recording.name}: {heard}, {recording.rate_hz} Hz"
            yield from self._heard(recording)

    def _heard(self, recording: Recording) -> Iterator[AudioChunk]:
        stretch = self._begin(recording)
        offset_ns = self._offset_ns()
        try:
            for block in recording.blocks(self._stopped):
                chunks = stretch.push(block, self._offset_ns() if self._steady else offset_ns)
                if chunks:
                    self._retry_s = _FIRST_RETRY_S
                    self._changed("")
                yield from chunks
                if stretch.broken:
                    self._tell(f"{stretch.broken}: another stream begins")
                    yield from stretch.end()
                    stretch = self._begin(recording)
                    offset_ns = self._offset_ns()
        except UserError as error:
            # Before the device is closed, which may take its time.
            self._changed(str(error))
            yield from stretch.end()
            raise
        yield from stretch.end()

    def _begin(self, recording: Recording) -> Stretch:
        rate_hz = recording.rate_hz
        self._mixer = Mixer(rate_hz, recording.channels, recording.wanted)
        length = max(1, round(self._parameters.chunk_s * SAMPLE_RATE_HZ))
        self._stretch = Stretch(rate_hz, self._mixer, length, self._parameters.frame_id, self.losses)
        return self._stretch

    def _offset_ns(self) -> int:
        return self._now_ns() - time.monotonic_ns()

    def _changed(self, problem: str) -> None:
        if self._told is None or bool(problem) != self._told:
            self._told = bool(problem)
            self._tell(problem)
        self.problem = problem
