"""Online clustering: whose voice is heard when, decided as soon as an utterance is complete.

The number of voices is not known beforehand. An utterance is cut into overlapping windows, whose embeddings
are first clustered among themselves (agglomerative clustering by the cosine of the mean embeddings, as in
Sell et al. 2018, "Diarization is hard"). A cluster that resembles no known voice becomes a new one if it is
long enough. Then the best path of voices through the utterance is found with Viterbi's algorithm, where
changing the voice costs something. A decision is never taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.speakers.embedding import Calibration
    from stalk_ros.speakers.parameters import SpeakerParameters

Array = npt.NDArray[np.float32]

STEP_S = 0.25
"""Resolution of a change of voice."""

_SWITCH = 0.1
"""Cosine that a change of voice has to gain."""

_LEARN_MARGIN = 0.05
"""A window this far below the threshold of its voice still teaches what that voice is like."""

_MEMORY = 1000.0
"""What a voice is like is the mean of about as many windows: it is followed when it changes over hours."""

_SHARPNESS = 20.0
"""Turns differences of cosines into confidence: a lead of 0.1 is worth 88 %."""


@dataclass(frozen=True)
class Window:
    """A window's place in the utterance, in seconds from its start."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class VoicePath:
    """Whose voice is heard in each `STEP_S` of an utterance.

    ``voices`` holds an index per step, ``confidences`` a figure in [0, 1] per step.
    """

    voices: npt.NDArray[np.intp]
    confidences: npt.NDArray[np.float64]


class VoiceClusters:
    """The voices of a session, numbered in the order of their first appearance."""

    def __init__(self, parameters: SpeakerParameters, calibration: Calibration) -> None:
        self.parameters = parameters
        self._calibration = calibration
        self._sums: list[Array] = []

    def __len__(self) -> int:
        """How many voices are known."""
        return len(self._sums)

    def follow(self, windows: Sequence[Window], embeddings: Array, learn: bool) -> VoicePath | None:
        """Find the voices in an utterance.

        Args:
            windows: N windows in order of time.
            embeddings: [N, D], rows of length 1.
            learn: meet new voices and learn about known ones.

        Returns:
            The path; None when no voice is known and none may be learnt.
        """
        fresh = self._meet(windows, embeddings) if learn else set()
        if not self._sums:
            return None
        similarities = embeddings @ _unit(np.stack(self._sums)).T
        path = self._best_path(_by_step(windows, similarities))
        if learn:
            self._learn(windows, embeddings, similarities, path.voices, fresh)
        return path

    def _threshold(self) -> float:
        return self._calibration.same_speaker + self.parameters.threshold_offset

    def _meet(self, windows: Sequence[Window], embeddings: Array) -> set[int]:
        """Make voices of the clusters that resemble none; returns their indices."""
        fresh: set[int] = set()
        stretch = self._calibration.same_stretch + self.parameters.threshold_offset
        for members in clusters(embeddings, stretch):
            total = embeddings[members].sum(axis=0)
            if self._sums and float((_unit(np.stack(self._sums)) @ _unit(total)).max()) >= self._threshold():
                continue
            if self._may_be_new(_covered_s([windows[member] for member in members])):
                fresh.add(len(self._sums))
                self._sums.append(total)
        return fresh

    def _may_be_new(self, speech_s: float) -> bool:
        needed_s = self.parameters.new_speaker_s
        if not self._sums:
            # There is nobody else to take it for, but less than half a window hardly resembles its own voice.
            needed_s = min(needed_s, self._calibration.window_s / 2)
        limit = self.parameters.max_speakers
        return speech_s >= needed_s and (not limit or len(self._sums) < limit)

    def _best_path(self, scores: npt.NDArray[np.float64]) -> VoicePath:
        """Viterbi through scores [steps, voices]."""
        steps, count = scores.shape
        total = scores[0].copy()
        origins = np.zeros((steps, count), np.intp)
        for step in range(1, steps):
            best = int(total.argmax())
            switch = total[best] - _SWITCH > total
            origins[step] = np.where(switch, best, np.arange(count))
            total = np.where(switch, total[best] - _SWITCH, total) + scores[step]
        voices = np.zeros(steps, np.intp)
        voices[-1] = total.argmax()
        for step in range(steps - 1, 0, -1):
            voices[step - 1] = origins[step, voices[step]]
        # A voice nobody has met competes too: it would be as similar as two stretches of one voice just are.
        rivals = np.column_stack([scores, np.full(steps, self._calibration.same_stretch)])
        weights = np.exp(_SHARPNESS * (rivals - rivals.max(axis=1, keepdims=True)))
        confidences = weights[np.arange(steps), voices] / weights.sum(axis=1)
        return VoicePath(voices, confidences)

    def _learn(
        self,
        windows: Sequence[Window],
        embeddings: Array,
        similarities: Array,
        voices: npt.NDArray[np.intp],
        fresh: set[int],
    ) -> None:
        """Add to a known voice the windows that hold it alone and are like it."""
        for row, window in enumerate(windows):
            inside = np.unique(voices[_steps(window, len(voices))])
            voice = int(inside[0])
            sure = similarities[row, voice] >= self._threshold() - _LEARN_MARGIN
            if len(inside) == 1 and voice not in fresh and sure:
                total = self._sums[voice] + embeddings[row]
                self._sums[voice] = total * min(1.0, _MEMORY / float(np.linalg.norm(total)))


def clusters(embeddings: Array, threshold: float) -> list[list[int]]:
    """Agglomerative clustering: groups of rows whose means are at least ``threshold`` alike (cosine)."""
    groups = [[row] for row in range(len(embeddings))]
    products = embeddings.astype(np.float64) @ embeddings.T  # of the groups' sums with each other
    while len(groups) > 1:
        lengths = np.sqrt(np.maximum(products.diagonal(), 1e-18))
        cosines = products / np.outer(lengths, lengths)
        np.fill_diagonal(cosines, -1.0)
        one, other = sorted(np.unravel_index(int(cosines.argmax()), cosines.shape))
        if cosines[one, other] < threshold:
            break
        groups[one] += groups.pop(other)
        products[one] += products[other]
        products[:, one] += products[:, other]
        products = np.delete(np.delete(products, other, axis=0), other, axis=1)
    return sorted(sorted(group) for group in groups)


def _by_step(windows: Sequence[Window], similarities: Array) -> npt.NDArray[np.float64]:
    """Similarities [N, voices] of windows as scores [steps, voices]; the nearest windows count most."""
    steps = max(1, int(np.ceil(windows[-1].end_s / STEP_S - 1e-9)))
    times_s = (np.arange(steps) + 0.5) * STEP_S
    middles_s = np.array([(window.start_s + window.end_s) / 2 for window in windows])
    reach_s = (windows[0].end_s - windows[0].start_s) / 2
    distances_s = np.abs(times_s[:, None] - middles_s)
    weights = np.maximum(0.0, 1.0 - distances_s / reach_s)
    alone = weights.sum(axis=1) == 0.0
    weights[alone, distances_s[alone].argmin(axis=1)] = 1.0
    scores: npt.NDArray[np.float64] = weights @ similarities / weights.sum(axis=1, keepdims=True)
    return scores


def _steps(window: Window, count: int) -> slice:
    first = min(int(window.start_s / STEP_S), count - 1)
    return slice(first, max(first + 1, int(np.ceil(window.end_s / STEP_S - 1e-9))))


def _covered_s(windows: Sequence[Window]) -> float:
    """Seconds that the windows cover together."""
    covered_s, until_s = 0.0, 0.0
    for window in windows:
        covered_s += max(0.0, window.end_s - max(window.start_s, until_s))
        until_s = max(until_s, window.end_s)
    return covered_s


def _unit(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: npt.NDArray[np.floating] = vectors / np.maximum(norms, 1e-9)
    return unit
