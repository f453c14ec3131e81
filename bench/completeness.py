"""Whether every word reaches the engine once, however the audio is cut.

The engine knows the words and the voice activity detector is the real one, so each error is the work of the
stage or of the detector.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import recordings
import tables
import word_times
from oracle import oracle_stage
from playback import play

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import seconds_to_ns
from stalk_ros.speech import SpeechParameters
from stalk_ros.speech.backends.silero import SileroVad
from stalk_ros.speech.voice_activity import WINDOW

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    import numpy.typing as npt
    from playback import Written

SIZES = ((160,), (512,), (1_600,), (8_000,), (7, 333, 1_999), (333,), (1_999,))
"""Samples of a block: 10, 32, 100 and 500 ms, and odd ones."""

PHASES = (0, 11, 64, 127, 256, 401, 511)
"""Where in a window of the detector the stream begins."""

LAGS = ((0,), (7,), (0, 30, 3))


@dataclass(frozen=True)
class Lost:
    """A word that was not heard; ``by`` says who lost it, ``probability`` what the detector gave there."""

    text: str
    start_s: float
    level_dbfs: float
    probability: float
    by: str


@dataclass
class Result:
    """What came of a recording in all passes together."""

    known: int
    made_up: int
    lost: list[Lost]
    doubled: int
    reordered: int
    alike: bool


def report(options: Namespace) -> None:
    """Measure, and print a row for each recording, then each word that was lost."""
    paths = [path for path in recordings.recordings(options.data) if word_times.words(path)]
    lost: dict[str, list[Lost]] = {}
    tables.head(
        "recording", "words", "made up", "lost", "of made up", "doubled", "reordered", "same for any cut"
    )
    for path in paths:
        result = measure(path)
        lost[path.stem] = result.lost
        known = sum(bool(word.text) for word in result.lost)
        tables.row(
            path.stem,
            result.known,
            result.made_up,
            known,
            len(result.lost) - known,
            result.doubled,
            result.reordered,
            "yes" if result.alike else "no",
        )
    print(f"\nErrors of {2 * len(SIZES)} passes together. Lost in one pass or more:\n")
    _list(lost)


def _list(lost: dict[str, list[Lost]]) -> None:
    tables.head("recording", "word", "at s", "dBFS", "highest probability", "lost by", "passes")
    for name, words in lost.items():
        for word, passes in Counter(words).items():
            tables.row(
                name,
                word.text or "(made up)",
                f"{word.start_s:.2f}",
                f"{word.level_dbfs:.0f}",
                f"{word.probability:.2f}",
                word.by,
                passes,
            )


def measure(path: Path) -> Result:
    """Play a recording in blocks of every size, from the start and from within a window."""
    audio, words = recordings.samples(path), word_times.words(path)
    made_up = sum(not word.text for word in words)
    result = Result(len(words) - made_up, made_up, [], 0, 0, alike=True)
    probabilities = _probabilities(audio)
    whole: list[object] = []
    for number, sizes in enumerate(SIZES):
        for phase in (0, PHASES[number]):
            stage = oracle_stage(audio, words, SpeechParameters())
            written = list(play(stage, audio, sizes, phase, LAGS[number % len(LAGS)]))
            finals = [item for item in written if item.segment.final]
            _count(path, finals, probabilities, result)
            if not phase:
                heard: list[object] = [item.utterance for item in finals]
                whole = whole or heard
                result.alike &= heard == whole
    return result


def _count(path: Path, finals: list[Written], probabilities: npt.NDArray[np.float32], result: Result) -> None:
    words = word_times.words(path)
    heard = [int(word.text) for item in finals if item.utterance for word in item.utterance.words]
    result.doubled += len(heard) - len(set(heard))
    result.reordered += sum(other < one for one, other in pairwise(heard))
    audio = recordings.samples(path)
    for number in sorted(set(range(len(words))) - set(heard)):
        word = words[number]
        middle_ns = seconds_to_ns(word.middle_s)
        spoken = any(item.segment.start_ns <= middle_ns < item.segment.end_ns for item in finals)
        first, last = round(word.start_s * SAMPLE_RATE_HZ), round(word.end_s * SAMPLE_RATE_HZ)
        level_dbfs = 10 * np.log10(np.mean(np.square(audio[first:last])) + 1e-12)
        highest = max(probabilities[first // WINDOW : last // WINDOW + 1], default=0.0)
        by = "stage" if spoken else "detector"
        result.lost.append(Lost(word.text, word.start_s, float(level_dbfs), float(highest), by))


def _probabilities(audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What the detector says to each window."""
    detector = SileroVad()
    windows = audio[: len(audio) - len(audio) % WINDOW].reshape(-1, WINDOW)
    return np.array([detector.probability(window) for window in windows], np.float32)
