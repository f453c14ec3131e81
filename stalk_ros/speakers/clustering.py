"""Online clustering: whose voice is heard when, decided as soon as an utterance is complete.

The number of voices is not known beforehand. An utterance is cut into overlapping windows, whose embeddings
are first clustered among themselves (agglomerative clustering, as in Sell et al. 2018, "Diarization is
hard"). A cluster that resembles no known voice becomes a new one if it is long enough. Then the best path of
voices through the utterance is found with Viterbi's algorithm, where changing the voice costs something. A
decision is never taken back.

How much clusters resemble each other is relative: see `stalk_ros.speakers.resemblance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stalk_ros.speakers import resemblance
from stalk_ros.speakers.resemblance import MEMORY, Speech, Window

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
"""Speech this far below the threshold of its voice still teaches what that voice is like."""

_DOUBT = 0.1
"""A cluster of n windows resembles its own voice less, by up to this divided by the square root of n."""

_PRIOR_WINDOWS = 5.0
"""The figure of the calibration weighs as much as this many windows of the session."""

_SHARPNESS = 20.0
"""Turns differences of cosines into confidence: a lead of 0.1 is worth 88 %."""


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
        self._voices: list[Speech] = []
        self._windows = _PRIOR_WINDOWS
        self._cosines = _PRIOR_WINDOWS * calibration.cohesion

    def __len__(self) -> int:
        """How many voices are known."""
        return len(self._voices)

    @property
    def voices(self) -> dict[int, Speech]:
        """What was learnt of each voice."""
        return dict(enumerate(self._voices))

    def follow(self, windows: Sequence[Window], embeddings: Array, learn: bool) -> VoicePath | None:
        """Find the voices in an utterance.

        Args:
            windows: N windows in order of time.
            embeddings: [N, D], rows of length 1.
            learn: meet new voices and learn about known ones.

        Returns:
            The path; None when no voice is known and none may be learnt.
        """
        apart = resemblance.apart(windows)
        if learn:
            self._notice_cohesion(embeddings, apart)
        fresh = self._meet(windows, embeddings, apart) if learn else set()
        if not self._voices:
            return None
        directions = np.stack([voice.direction(self.cohesion) for voice in self._voices])
        path = self._best_path(_by_step(windows, embeddings @ directions.T))
        if learn:
            self._learn(windows, embeddings, apart, path.voices, fresh)
        return path

    @property
    def _threshold(self) -> float:
        return self._calibration.same_speaker + self.parameters.threshold_offset

    @property
    def cohesion(self) -> float:
        """The typical cosine of two windows of one voice, in this room and through this microphone."""
        return self._cosines / self._windows

    def _notice_cohesion(self, embeddings: Array, apart: npt.NDArray[np.bool_]) -> None:
        """Learn from windows that follow each other, most of which are of one voice."""
        pairs = [
            (row, int(others[0]))
            for row, later in enumerate(np.triu(apart))
            if len(others := np.flatnonzero(later))
        ]
        if pairs:
            cosines = [float(embeddings[one] @ embeddings[other]) for one, other in pairs]
            weight = min(1.0, MEMORY / (self._windows + len(pairs)))
            self._cosines = (self._cosines + float(np.median(cosines)) * len(pairs)) * weight
            self._windows = (self._windows + len(pairs)) * weight

    def _meet(self, windows: Sequence[Window], embeddings: Array, apart: npt.NDArray[np.bool_]) -> set[int]:
        """Make voices of the clusters that resemble none; returns their indices."""
        fresh: set[int] = set()
        stretch = self._calibration.same_stretch + self.parameters.threshold_offset
        for members in resemblance.clusters(embeddings, apart, self.cohesion, stretch):
            speech = Speech(embeddings[members], apart[np.ix_(members, members)])
            known = [voice.resemblance(speech, self.cohesion) for voice in self._voices]
            if known and max(known) >= self._threshold - _DOUBT / np.sqrt(speech.count):
                continue
            if self._may_be_new(_covered_s([windows[member] for member in members])):
                fresh.add(len(self._voices))
                self._voices.append(speech)
        return fresh

    def _may_be_new(self, speech_s: float) -> bool:
        needed_s = self.parameters.new_speaker_s
        if not self._voices:
            # There is nobody else to take it for, but less than half a window hardly resembles its own voice.
            needed_s = min(needed_s, self._calibration.window_s / 2)
        limit = self.parameters.max_speakers
        return speech_s >= needed_s and (not limit or len(self._voices) < limit)

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
        stranger = self._calibration.same_stretch * np.sqrt(self.cohesion)
        rivals = np.column_stack([scores, np.full(steps, stranger)])
        weights = np.exp(_SHARPNESS * (rivals - rivals.max(axis=1, keepdims=True)))
        confidences = weights[np.arange(steps), voices] / weights.sum(axis=1)
        return VoicePath(voices, confidences)

    def _learn(
        self,
        windows: Sequence[Window],
        embeddings: Array,
        apart: npt.NDArray[np.bool_],
        voices: npt.NDArray[np.intp],
        fresh: set[int],
    ) -> None:
        """Add to each known voice the windows that hold it alone, if together they are like it."""
        inside = [np.unique(voices[_steps(window, len(voices))]) for window in windows]
        for voice in set(voices.tolist()) - fresh:
            rows = [row for row, heard in enumerate(inside) if heard.tolist() == [voice]]
            speech = Speech(embeddings[rows], apart[np.ix_(rows, rows)])
            likeness = self._voices[voice].resemblance(speech, self.cohesion) if rows else 0.0
            if likeness >= self._threshold - _LEARN_MARGIN:
                self._voices[voice].add(speech)


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
