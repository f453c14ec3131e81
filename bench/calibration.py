"""What the similarities of a speaker embedding model mean, from voices of which it is known when they speak.

For windows of several lengths, as they are, in noise and over a telephone line: the cosines of two windows of
one voice and of two voices, and at which cosine as many of the ones as of the others are mistaken (the equal
error). Then the figures of the model's `Calibration` from windows of its length: those that a model is stored
with, or those of a ``calibration.yaml`` beside a model of one's own.

The voices should be many, and none of them in what is measured with the figures afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import alterations
import numpy as np
import recordings
import tables
import truth

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.backends import backend_class
from stalk_ros.errors import UserError
from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends import BACKENDS

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    import numpy.typing as npt

    from stalk_ros.speakers import SpeakerEmbedder

    Array = npt.NDArray[np.float32]
    Spans = list[tuple[float, float]]

LENGTHS_S = (1.0, 1.5, 3.0)
_SNR_DB = 10.0

CONDITIONS: dict[str, Callable[[Array, Spans], Array]] = {
    "as it is": lambda audio, _: audio,
    "pink noise, 10 dB SNR": lambda audio, spoken_s: alterations.noisy(audio, spoken_s, _SNR_DB, slope=1.0),
    "telephone line": lambda audio, _: alterations.telephoned(audio),
}

_LONG, _SHORT = 4, 2
"""Windows of what is compared with a known voice, and of the parts of one utterance that are compared."""

_TORN = 0.01
"""Share of utterances of one voice that may be torn, where most are of one voice."""


@dataclass(frozen=True, eq=False)
class Voiced:
    """Windows of known voices.

    Attributes:
        embeddings: [N, D].
        voices: [N], who speaks.
        stretches: [N], windows that follow each other in one recording have the same number.
    """

    embeddings: Array
    voices: npt.NDArray[np.str_]
    stretches: npt.NDArray[np.intp]

    def cosines(self) -> tuple[Array, Array]:
        """Those of any two windows of one voice, and of two."""
        cosines = self.embeddings @ self.embeddings.T
        pairs = np.triu(np.ones(cosines.shape, bool), 1)
        same = self.voices[:, None] == self.voices
        return cosines[pairs & same], cosines[pairs & ~same]

    def joined(self, count: int) -> Voiced:
        """The mean embeddings of every ``count`` windows that follow each other, which are shorter than 1."""
        rows, voices, stretches = [], [], []
        for stretch in np.unique(self.stretches):
            own = np.flatnonzero(self.stretches == stretch)
            for first in range(0, len(own) - count + 1, count):
                rows.append(self.embeddings[own[first : first + count]].mean(axis=0))
                voices.append(self.voices[own[0]])
                stretches.append(stretch)
        embeddings = np.reshape(rows, (len(rows), self.embeddings.shape[1]))
        return Voiced(embeddings, np.array(voices), np.array(stretches))


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    parameters = SpeakerParameters(backend=options.embedder, model=options.embedder_model)
    engine: SpeakerEmbedder = backend_class("calibration", BACKENDS, parameters.backend, parameters)(
        parameters
    )
    spoken = _spoken(options)
    print(f"{engine.model_id}, {len({voice for voice, _, _ in spoken})} voices\n")
    tables.head("window, s", "condition", "one voice", "two voices", "equal error %", "at cosine")
    figures: list[Voiced] = []
    for length_s in sorted({*LENGTHS_S, engine.calibration.window_s}):
        for condition, alter in CONDITIONS.items():
            voiced = _voiced(engine, spoken, alter, length_s)
            one, two = voiced.cosines()
            if len(one) and len(two):
                error, at = _equal_error(one, two)
                tables.row(
                    length_s, condition, _spread(one), _spread(two), tables.percent(error), f"{at:.2f}"
                )
            if length_s == engine.calibration.window_s:
                figures.append(voiced)
    print(f"\nwindow_s: {engine.calibration.window_s}")
    cohesions = [float(voiced.cosines()[0].mean()) for voiced in figures]
    long, short = (
        [_resemblances(voiced, count, cohesion) for voiced, cohesion in zip(figures, cohesions, strict=True)]
        for count in (_LONG, _SHORT)
    )
    if not all(len(cosines) for pair in (*long, *short) for cosines in pair):
        raise UserError(f"calibration needs voices that speak for {_LONG} windows and more, twice")
    print(f"cohesion: {np.mean(cohesions):.2f}")
    print(f"same_speaker: {np.mean([_between(one, two) for one, two in long]):.2f}")
    torn = [min(_between(one, two), float(np.quantile(one, _TORN))) for one, two in short]
    print(f"same_stretch: {np.mean(torn):.2f}")


def _resemblances(voiced: Voiced, count: int, cohesion: float) -> tuple[Array, Array]:
    """Of any two parts of ``count`` windows of one voice, and of two voices: see `Calibration`."""
    one, two = voiced.joined(count).cosines()
    return one / cohesion, two / cohesion


def _between(one: Array, two: Array) -> float:
    """Where two normal distributions have equal errors; what is measured has often none at all."""
    return float((one.mean() * two.std() + two.mean() * one.std()) / (one.std() + two.std()))


def _spoken(options: Namespace) -> list[tuple[str, Array, Spans]]:
    """The recordings with where their only voice speaks."""
    found = []
    for path in recordings.recordings(options.data)[options.data is not None :]:
        said = truth.speakers(path)
        for voice in sorted({voice for _, _, voice in said}):
            others = [(start_s, end_s) for start_s, end_s, other in said if other != voice]
            alone = [
                (start_s, end_s)
                for start_s, end_s, who in said
                if who == voice and not any(start < end_s and end > start_s for start, end in others)
            ]
            if alone:
                found.append((voice, recordings.samples(path), alone))
    if len({voice for voice, _, _ in found}) < 2:
        raise UserError("calibration needs --data with recordings of two voices or more, and who speaks when")
    return found


def _voiced(
    engine: SpeakerEmbedder,
    spoken: list[tuple[str, Array, Spans]],
    alter: Callable[[Array, Spans], Array],
    length_s: float,
) -> Voiced:
    length = round(length_s * SAMPLE_RATE_HZ)
    embeddings, voices, stretches = [], [], []
    for number, (voice, audio, spans_s) in enumerate(spoken):
        altered = alter(audio, spans_s)
        windows = [
            altered[at : at + length]
            for start_s, end_s in spans_s
            for at in range(
                round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ) - length + 1, length
            )
        ]
        if windows:
            embeddings.append(engine.embed(windows))
            voices += [voice] * len(windows)
            stretches += [number] * len(windows)
    return Voiced(np.concatenate(embeddings), np.array(voices), np.array(stretches))


def _equal_error(one: Array, two: Array) -> tuple[float, float]:
    """The share of mistakes where it is the same for both, and the cosine that it is at."""
    one, two = np.sort(one), np.sort(two)
    missed = np.arange(len(one)) / len(one)
    taken = 1.0 - np.searchsorted(two, one) / len(two)
    at = int(np.argmin(np.abs(missed - taken)))
    return float(missed[at] + taken[at]) / 2, float(one[at])


def _spread(cosines: Array) -> str:
    return f"{cosines.mean():.2f} ± {cosines.std():.2f}"
