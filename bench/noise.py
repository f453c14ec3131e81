"""Half an hour of a room in which nobody speaks: whatever is written down was never said.

Eleven kinds of sound at four levels and silence, 40 s of each, through the real voice activity, the default
parameters and the embedded engine. The 40 s are four streams, because a detector is mistaken most easily when
a sound begins: two come after a second of silence, two after a minute in a quiet room, by when the detector
has forgotten whatever it began with. Prints a Markdown table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sounds
import stage
import tables

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage, Transcriber, VoiceDetector
from stalk_ros.speech.backends.pocketsphinx import PocketSphinx
from stalk_ros.speech.backends.silero import SileroVad

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    import numpy.typing as npt

    from stalk_ros.audio import Block
    from stalk_ros.events import Utterance

SEED = 20_240_229
LENGTH_S = 40
LEVELS_DBFS = (-60, -40, -30, -20)
SILENCE = np.zeros(SAMPLE_RATE_HZ, np.float32)
ROOM = sounds.at_level(sounds.noise(np.random.default_rng(SEED), 60 * SAMPLE_RATE_HZ, slope=0.0), -70)
BEFORE = (SILENCE, ROOM, SILENCE, ROOM)
"""What comes before the sound in each of its streams."""


@dataclass(frozen=True)
class Result:
    """What was made of one sound; ``level_dbfs`` is None for silence."""

    kind: str
    level_dbfs: int | None
    highest_probability: float
    segments: list[Segment]
    utterances: list[Utterance]


class _Witness:
    """A `VoiceDetector` that remembers the highest probability it gave."""

    def __init__(self, detector: VoiceDetector) -> None:
        self._detector = detector
        self.highest = 0.0

    def probability(self, window: npt.NDArray[np.float32]) -> float:
        probability = self._detector.probability(window)
        self.highest = max(self.highest, probability)
        return probability

    def reset(self) -> None:
        self._detector.reset()


def recordings() -> Iterator[tuple[str, int | None, npt.NDArray[np.float32]]]:
    """Kind, level and sound, without the quiet before; the same every time."""
    samples = LENGTH_S * SAMPLE_RATE_HZ
    yield "silence", None, np.zeros(samples, np.float32)
    for number, (kind, make) in enumerate(sounds.SOUNDS.items()):
        sound = make(np.random.default_rng([SEED, number]), samples)
        for level_dbfs in LEVELS_DBFS:
            yield kind, level_dbfs, sounds.at_level(sound, level_dbfs)


def measure() -> list[Result]:
    """Listen to all sounds."""
    parameters = SpeechParameters()
    detector, engine = SileroVad(parameters.vad_model), PocketSphinx(parameters)
    return [_listen(kind, level_dbfs, audio, detector, engine) for kind, level_dbfs, audio in recordings()]


def report(options: Namespace) -> None:
    """Measure, and print a row for each kind and level."""
    results = measure()
    minutes = len(results) * LENGTH_S / 60
    head = ("sound", "dBFS", "highest probability of speech", "segments", "utterances", "heard as")
    tables.table(head, (_row(result) for result in results))
    utterances = sum(len(result.utterances) for result in results)
    segments = sum(len(result.segments) for result in results)
    print(f"\n{utterances} utterances from {segments} segments in {minutes:.0f} minutes of sound")


def _listen(
    kind: str,
    level_dbfs: int | None,
    audio: npt.NDArray[np.float32],
    detector: VoiceDetector,
    engine: Transcriber,
) -> Result:
    witness = _Witness(detector)
    speech = SpeechStage(SpeechParameters(), witness, engine)
    segments, utterances = [], []
    for segment, utterance in stage.listened(speech, _streams(audio)):
        segments.append(segment)
        if utterance is not None:
            utterances.append(utterance)
    return Result(kind, level_dbfs, witness.highest, segments, utterances)


def _streams(sound: npt.NDArray[np.float32]) -> Iterator[Block]:
    first = 0
    for before, part in zip(BEFORE, np.split(sound, len(BEFORE)), strict=True):
        audio = np.concatenate([before, part])
        yield from stage.blocks(audio, first)
        first += len(audio)


def _row(result: Result) -> tuple[object, ...]:
    return (
        result.kind,
        "" if result.level_dbfs is None else result.level_dbfs,
        f"{result.highest_probability:.2f}",
        len(result.segments),
        len(result.utterances),
        "; ".join(utterance.text for utterance in result.utterances),
    )
