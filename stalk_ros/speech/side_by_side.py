"""Several engines at work on one recording."""

from __future__ import annotations

import contextlib
import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from stalk_ros.speech.parameters import SpeechParameters
    from stalk_ros.speech.transcription import Transcriber, Transcript

    Audio = npt.NDArray[np.float32]
    Work = queue.SimpleQueue["tuple[Future[Transcript], Audio, str] | None"]


class SideBySide:
    """Several engines as one `Transcriber`: each works on another utterance at the same time.

    Who knows what will be asked for says so (`expect`); the answer is then there, or on its way, when it is
    asked for. As the result of an engine depends on its arguments alone, it is the same that a single engine
    gives.

    Args:
        engines: all alike, of which each takes one processor core.

    Attributes:
        engines: as above.
    """

    def __init__(self, engines: Sequence[Transcriber]) -> None:
        self.name = engines[0].name
        self.caveat = engines[0].caveat
        self.overhead_s = engines[0].overhead_s
        self.engines = tuple(engines)
        self._work: Work = queue.SimpleQueue()
        self._expected: dict[bytes, Future[Transcript]] = {}
        # Daemons: an engine that is still at work does not hold up the end of the process.
        self._threads = [
            threading.Thread(target=_serve, args=(engine, self._work), name=self.name, daemon=True)
            for engine in engines
        ]
        for thread in self._threads:
            thread.start()

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`: the engines are there."""
        return ""

    @property
    def busy(self) -> bool:
        """Whether each engine has something to do and something to go on with."""
        return len(self._expected) >= 2 * len(self.engines)

    def expect(self, audio: Audio) -> None:
        """Begin with an utterance that will be asked for without a context."""
        key = audio.tobytes()
        if key not in self._expected:
            self._expected[key] = self._given(audio, "")

    def transcribe(self, audio: Audio, context: str = "") -> Transcript:
        """See `Transcriber.transcribe`."""
        expected = self._expected.pop(audio.tobytes(), None)
        if expected is None or context:
            expected = self._given(audio, context)
        return expected.result()

    def close(self) -> None:
        """Let the engines go, those with processes at once; no more can be asked for."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._work.get_nowait()
        for _ in self.engines:
            self._work.put(None)
        ends = [engine.close for engine in self.engines if hasattr(engine, "close")]
        for end in ends:
            end()
        if len(ends) == len(self.engines):  # none goes on with what it is at
            for thread in self._threads:
                thread.join()
            for end in ends:
                end()  # one that was about to ask has begun anew

    def _given(self, audio: Audio, context: str) -> Future[Transcript]:
        future: Future[Transcript] = Future()
        self._work.put((future, audio, context))
        return future


def _serve(engine: Transcriber, work: Work) -> None:
    while (item := work.get()) is not None:
        future, audio, context = item
        try:
            future.set_result(engine.transcribe(audio, context))
        except BaseException as error:
            future.set_exception(error)
