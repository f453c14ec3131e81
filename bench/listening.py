"""What listening costs: processor time of the asr stage per second of audio, without the engine.

Voice activity and the rest (endpointing, tape, segments) are told apart by running the same audio with the
real detector and with one that repeats the probabilities the real one gave. ``--data DIR`` listens to every
recording below DIR instead of the sample. Prints a Markdown table.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import recordings
import stage
import tables

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends.silero import SileroVad
from stalk_ros.speech.voice_activity import WINDOW

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

_RUNS = 5
"""The quickest of so many runs counts: whatever else the machine does only adds to it."""


@dataclass(frozen=True)
class Result:
    """Processor seconds per second of audio; ``rest`` is the stage without its detector."""

    audio_s: float
    voice_activity: float
    rest: float
    rest_with_partials: float


class _Echo:
    """A `VoiceDetector` that costs nothing: it repeats what another one said."""

    def __init__(self, probabilities: Sequence[float]) -> None:
        self._probabilities = probabilities
        self.reset()

    def probability(self, window: npt.NDArray[np.float32]) -> float:
        return next(self._next)

    def reset(self) -> None:
        self._next = iter(self._probabilities)


def measure(paths: Sequence[Path]) -> Result:
    """Listen to the recordings as one stream."""
    audio = stage.samples(paths)
    detector = SileroVad()
    windows = audio[: len(audio) - len(audio) % WINDOW].reshape(-1, WINDOW)

    def detect() -> list[float]:
        detector.reset()
        return [detector.probability(window) for window in windows]

    echo = _Echo(detect())
    audio_s = len(audio) / SAMPLE_RATE_HZ
    parameters = SpeechParameters()

    def listen(partials: bool) -> None:
        speech = SpeechStage(replace(parameters, partials=partials), echo, stage.OneWord())
        for _ in stage.listened(speech, stage.blocks(audio)):
            pass

    return Result(
        audio_s,
        _quickest(detect) / audio_s,
        _quickest(lambda: listen(partials=False)) / audio_s,
        _quickest(lambda: listen(partials=True)) / audio_s,
    )


def report(options: Namespace) -> None:
    """Measure, and print a row for each part of the stage."""
    paths = recordings.recordings(options.data)
    result = measure(paths)
    print(f"{len(paths)} recordings, {result.audio_s:.0f} s\n")
    rows = {
        "voice activity": result.voice_activity,
        "the rest": result.rest,
        "the rest, with partials": result.rest_with_partials,
        "together": result.voice_activity + result.rest,
    }
    head = ("part of the stage", "% of real time on one core")
    tables.table(head, ((name, f"{100 * share:.3f}") for name, share in rows.items()))


def _quickest(work: Callable[[], object]) -> float:
    """Processor seconds of the quickest run."""

    def timed() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return min(timed() for _ in range(_RUNS))
