"""What the similarities of a speaker embedding model mean, from voices of which it is known when they speak.

For windows of several lengths, as they are, in noise and over a telephone line: the cosines of two windows of
one voice and of two voices, and at which cosine as many of the ones as of the others are mistaken (the equal
error).

Then the figures of the model's `Calibration` from windows of its length: those that a model is stored with,
or those of a ``calibration.yaml`` beside a model of one's own. Pieces of one to four windows are compared
with such of the same utterance, and pieces of one and of two utterances with such of others, which is what
most speech resembles itself by. How much they must resemble each other is where the errors are equal, but no
more than 99 % of those of one voice do: what they lose fits these figures best. Somebody is known again where
the errors are equal, and by few strangers in any case.

The voices should be many, and none of them in what is measured with the figures afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import alterations
import numpy as np
import recordings
import tables
import takes
import truth

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.errors import UserError
from stalk_ros.speakers.resemblance import Groups, Speech

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    import numpy.typing as npt

    from stalk_ros.speakers import SpeakerEmbedder
    from stalk_ros.speakers.resemblance import Table

    Array = npt.NDArray[np.float32]
    Spans = list[tuple[float, float]]

LENGTHS_S = (1.0, 1.5, 3.0)
_SNR_DB = 10.0

CONDITIONS: dict[str, Callable[[Array, Spans], Array]] = {
    "as it is": lambda audio, _: audio,
    "pink noise, 10 dB SNR": lambda audio, spoken_s: alterations.noisy(audio, spoken_s, _SNR_DB, slope=1.0),
    "telephone line": lambda audio, _: alterations.telephoned(audio),
}

_SIZES = ((1, 0), (2, 0), (3, 0), (4, 0), (2, 1), (2, 2))
"""Windows and utterances of the pieces that are compared, see `Voiced.resemblances`."""

_TORN = 0.01
"""Share of the pieces of one voice that may be taken for two where that can be helped."""

_ENROLMENT_S = 5.0
_MISTAKEN = 0.005
"""Share of strangers that may be taken for a certain person: for one of four who are enrolled, 2 %."""


@dataclass(frozen=True, eq=False)
class Voiced:
    """Windows of known voices.

    Attributes:
        embeddings: [N, D].
        voices: [N], who speaks.
        utterances: [N], of which recording.
    """

    embeddings: Array
    voices: npt.NDArray[np.str_]
    utterances: npt.NDArray[np.intp]

    def cosines(self) -> tuple[Array, Array]:
        """Those of any two windows of one voice, and of two."""
        cosines = self.embeddings @ self.embeddings.T
        pairs = np.triu(np.ones(cosines.shape, bool), 1)
        same = self.voices[:, None] == self.voices
        return cosines[pairs & same], cosines[pairs & ~same]

    def cohesion(self) -> float:
        """The typical cosine of windows that follow each other, as the stage estimates it."""
        follows = np.flatnonzero(np.diff(self.utterances) == 0)
        return float(np.median(np.sum(self.embeddings[follows] * self.embeddings[follows + 1], axis=1)))

    def resemblances(self, windows: int, utterances: int) -> tuple[Table, Table]:
        """Of two pieces of one voice, of one utterance if it is about one, and of two voices.

        Args:
            windows: of each utterance in a piece.
            utterances: in a piece; 0 for two pieces of one.
        """
        table, voices, places = self._compared(windows, max(1, utterances))
        pairs = np.triu(np.ones(table.shape, bool), 1)
        voice, place = voices[:, None] == voices, places[:, None] == places
        return table[pairs & voice & (~place if utterances else place)], table[pairs & ~voice]

    def _compared(self, windows: int, utterances: int) -> tuple[Table, Any, Any]:
        """Of any two of P pieces: their resemblance [P, P], whose they are, and of which utterances."""
        pieces: list[Speech] = []
        voices, places = [], []
        for voice in np.unique(self.voices):
            spoken = [
                self._cut(number, windows) for number in np.unique(self.utterances[self.voices == voice])
            ]
            spoken = [own for own in spoken if own]
            for first in range(0, len(spoken) - utterances + 1, utterances):
                joined = spoken[first : first + utterances]
                pieces += joined[0] if utterances == 1 else [reduce(add, (cut[0] for cut in joined))]
                new = len(pieces) - len(voices)
                voices += [voice] * new
                places += [first] * new
        table = Groups.of_speech(pieces).resemblances(self.cohesion()) if pieces else np.zeros((0, 0))
        return table, np.array(voices), np.array(places)

    def _cut(self, utterance: int, windows: int) -> list[Speech]:
        """Its pieces of so many windows that follow each other."""
        rows = np.flatnonzero(self.utterances == utterance)
        return [
            Speech.of(self.embeddings[rows[first : first + windows]], ~np.eye(windows, dtype=bool))
            for first in range(0, len(rows) - windows + 1, windows)
        ]


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    engine = takes.engine(options)
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
    compared = [[voiced.resemblances(*size) for size in _SIZES] for voiced in figures]
    enrolled = figures[0].resemblances(round(_ENROLMENT_S / engine.calibration.window_s), 1)
    if (
        min(map(len, enrolled)) < 2
        or min(len(each) for sizes in compared for pair in sizes for each in pair) < 2
    ):
        print("\nFor a calibration the recordings must be longer, and four or more of several voices.")
        return
    print(f"\nwindow_s: {engine.calibration.window_s}")
    print(f"cohesion: {np.mean([voiced.cohesion() for voiced in figures]):.2f}")
    for name, value in _fitted(compared).items():
        print(f"{name}: {value:.2f}")
    print(f"same_person: {_person(*enrolled):.2f}")


def _fitted(compared: list[list[tuple[Table, Table]]]) -> dict[str, float]:
    """The rest of the `Calibration`, from the resemblances in each condition at each size."""
    needed = np.mean([[_needed(one, two) for one, two in sizes] for sizes in compared], axis=0)
    # More speech than that is seldom recorded at a time, and would only resemble itself more.
    same_speaker = float(np.mean([sizes[-1][0].mean() for sizes in compared]))
    windows, utterances = np.array(_SIZES, float).T
    windows *= np.maximum(1.0, utterances)
    scatter, variation = np.meshgrid(*(np.arange(0.0, 0.5, 0.01),) * 2, indexing="ij")
    error = np.zeros(scatter.shape)
    for want, count, many in zip(needed, windows, utterances, strict=True):
        lost = np.sqrt(scatter**2 / count + (variation**2 / many if many else 0.0))
        error += (same_speaker - 2 * lost - want) ** 2
    best = np.unravel_index(error.argmin(), error.shape)
    return {
        "same_speaker": same_speaker,
        "scatter": float(scatter[best]),
        "variation": float(variation[best]),
    }


def _needed(one: Table, two: Table) -> float:
    """From which resemblance on it is one voice."""
    return float(min(_equal(one, two), np.quantile(one, _TORN)))


def _person(one: Table, two: Table) -> float:
    """From which resemblance on a voice is taken for that of another session."""
    return float(max(_equal(one, two), np.quantile(two, 1.0 - _MISTAKEN)))


def _equal(one: Table, two: Table) -> float:
    """Where two normal distributions have equal errors: what is measured has often none at all."""
    return float((one.mean() * two.std() + two.mean() * one.std()) / (one.std() + two.std()))


def _spoken(options: Namespace) -> list[tuple[str, Array, Spans]]:
    """The recordings with where their only voice speaks."""
    found = []
    for path in recordings.recordings(options.data)[options.data is not None :]:
        said = truth.known(path).spans or ()
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
    embeddings, voices, utterances = [], [], []
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
            utterances += [number] * len(windows)
    return Voiced(np.concatenate(embeddings), np.array(voices), np.array(utterances))


def _equal_error(one: Array, two: Array) -> tuple[float, float]:
    """The share of mistakes where it is the same for both, and the cosine that it is at."""
    one, two = np.sort(one), np.sort(two)
    missed = np.arange(len(one)) / len(one)
    taken = 1.0 - np.searchsorted(two, one) / len(two)
    at = int(np.argmin(np.abs(missed - taken)))
    return float(missed[at] + taken[at]) / 2, float(one[at])


def _spread(cosines: Array) -> str:
    return f"{cosines.mean():.2f} ± {cosines.std():.2f}"
