"""Online clustering: whose voice is heard when, without knowing how many there are.

An utterance is cut into overlapping windows. Windows that follow each other and resemble each other make
stretches of one voice; where a window holds two voices, it is left out. All stretches of the session are
clustered anew after each utterance, so that a mistake in the first seconds of a voice does not last: voices
that turn out to be one become one, and one that turns out to be two becomes two. Both steps are agglomerative
clustering (Sell et al. 2018, "Diarization is hard"). The stretches of a voice that are most alike are
condensed into one, so that the work does not grow with the conversation (as Wang et al. 2022, "Highly
efficient real-time streaming and fully on-device speaker diarization with multi-stage clustering", do before
they cluster).

A voice has its number where most of the speech is that had it first, so the number comes back when voices
that became one by mistake are told apart again. Whose voice is heard at each moment of an utterance is the
best path of voices through its windows (Viterbi's algorithm), where changing the voice costs something.

How much speech resembles other speech is relative: see `stalk_ros.speakers.resemblance`. One voice resembles
itself by nearly 1, less if there are few windows of it, and less if they are all of one utterance: what one
says colours the voice. `Calibration` has the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stalk_ros.speakers import resemblance
from stalk_ros.speakers.resemblance import Groups, Speech, Table, Window, agglomerate, best_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.speakers.embedding import Calibration
    from stalk_ros.speakers.parameters import SpeakerParameters

Array = npt.NDArray[np.float32]

STEP_S = 0.25
"""Resolution of a change of voice."""

_SWITCH = 0.1
"""Cosine that a change of voice has to gain."""

_DOUBT = 0.005
"""Speech whose resemblance to a voice is a little below what it should be is not yet a new voice: by this for
the second stretch of the session, and by as much more each time their number has doubled. The more has been
heard, the less likely is somebody new, as in a Chinese restaurant process (Aldous 1985, "Exchangeability and
related topics")."""

_VARIED = 2
"""What a voice loses by its variation is the same for more utterances than this: how far one sits from the
microphone and how one feels last longer, and do not average out."""

_PURE = 3
"""So many windows make a stretch: fewer between two others can hold the voices of both."""

_STRETCHES = 32
"""More than so many are condensed; of those that became no voice, only so many are kept."""

_MEMORY = 1000.0
"""Windows that a voice weighs at most, of which old ones count less: it may change over hours."""

_PRIOR_WINDOWS = 2.0
"""The cohesion of the calibration weighs as much as this many windows of the session."""

_SHARPNESS = 20.0
"""Turns differences of cosines into confidence: a lead of 0.1 is worth 88 %."""


@dataclass(frozen=True)
class VoicePath:
    """Whose voice is heard in each `STEP_S` of an utterance.

    Attributes:
        voices: number of a voice per step.
        known: numbers of all voices that are known, ascending.
        probabilities: of each of those in each step by itself, [steps, known]; what they lack of 1 is that
            of a voice nobody has met.
    """

    voices: npt.NDArray[np.intp]
    known: npt.NDArray[np.intp]
    probabilities: npt.NDArray[np.float64]

    @property
    def confidences(self) -> npt.NDArray[np.float64]:
        """How probable the voice of each step is, [steps]."""
        return self.probabilities[np.arange(len(self.voices)), np.searchsorted(self.known, self.voices)]


@dataclass(eq=False)
class _Stretch:
    """Speech of one voice, and how many seconds; ``voice`` is the first number it had, None before."""

    speech: Speech
    covered_s: float
    voice: int | None = None


class VoiceClusters:
    """The voices of a session, numbered from 0 in the order in which they became known.

    Attributes:
        voices: what is known of each, by its number. A number goes when its voice turns out to be another.
        uncounted: so many voices more than the parameters say may be told apart.
    """

    def __init__(self, parameters: SpeakerParameters, calibration: Calibration) -> None:
        self.parameters = parameters
        self.voices: dict[int, Speech] = {}
        self.uncounted = 0
        self._calibration = calibration
        self._stretches: list[_Stretch] = []
        self._clusters: dict[int, list[_Stretch]] = {}
        self._met = 0
        self._windows = _PRIOR_WINDOWS
        self._cosines = _PRIOR_WINDOWS * calibration.cohesion

    @property
    def cohesion(self) -> float:
        """The typical cosine of two windows of one voice, in this room and through this microphone."""
        return self._cosines / self._windows

    def learn(self, windows: Sequence[Window], embeddings: Array) -> None:
        """Add what was said in an utterance.

        Args:
            windows: N windows in order of time.
            embeddings: [N, D], rows of length 1.
        """
        apart = resemblance.apart(windows)
        self._notice_cohesion(embeddings, apart)
        self._stretches += self._cut(windows, embeddings, apart)
        if self._stretches:
            self._condense(self._cluster())

    def forget(self, voice: int) -> None:
        """Forget all that was heard of a voice; it gets another number when it is heard again."""
        del self.voices[voice]
        forgotten = {id(stretch) for stretch in self._clusters.pop(voice)}
        self._stretches = [stretch for stretch in self._stretches if id(stretch) not in forgotten]

    def follow(self, windows: Sequence[Window], embeddings: Array) -> VoicePath | None:
        """The voices in an utterance by what is known now; None when no voice is known.

        Args:
            windows: N windows in order of time.
            embeddings: [N, D], rows of length 1.
        """
        if not self.voices:
            return None
        directions = np.stack([voice.direction(self.cohesion) for voice in self.voices.values()])
        return self._best_path(_by_step(windows, embeddings @ directions.T))

    def _notice_cohesion(self, embeddings: Array, apart: npt.NDArray[np.bool_]) -> None:
        """Learn from windows that follow each other, most of which are of one voice."""
        pairs = [
            (row, int(others[0]))
            for row, later in enumerate(np.triu(apart))
            if len(others := np.flatnonzero(later))
        ]
        if pairs:
            cosines = [float(embeddings[one] @ embeddings[other]) for one, other in pairs]
            weight = min(1.0, _MEMORY / (self._windows + len(pairs)))
            self._cosines = (self._cosines + float(np.median(cosines)) * len(pairs)) * weight
            self._windows = (self._windows + len(pairs)) * weight

    def _lost(self, windows: npt.ArrayLike, stretches: npt.ArrayLike) -> Table:
        """What speech of one voice loses of its resemblance to itself by being so little."""
        scatter, variation = self._calibration.scatter, self._calibration.variation
        return np.sqrt(scatter**2 / np.asarray(windows) + variation**2 / np.minimum(stretches, _VARIED))

    def _excess(self, groups: Groups, stretches: npt.ArrayLike) -> Table:
        """By how much groups resemble each other more than those of one voice do at least, [G, G].

        Args:
            groups: the groups.
            stretches: how many each is made of, [G] or the same for all.
        """
        lost = self._lost(groups.counts, stretches)
        needed = self._calibration.same_speaker + self.parameters.threshold_offset - lost
        excess: Table = groups.resemblances(self.cohesion) - (needed[:, None] - lost)
        return excess

    def _cut(
        self, windows: Sequence[Window], embeddings: Array, apart: npt.NDArray[np.bool_]
    ) -> list[_Stretch]:
        """The stretches of one voice in an utterance, without what may hold two."""
        groups = Groups.of_windows(embeddings, apart)
        agglomerate(groups, self._excess_of_neighbours)
        return [
            _Stretch(
                Speech.of(embeddings[rows], apart[np.ix_(rows, rows)]),
                windows[rows[-1]].end_s - windows[rows[0]].start_s,
            )
            for rows in groups.members
            if len(rows) >= _PURE or len(groups) == 1
        ]

    def _excess_of_neighbours(self, groups: Groups) -> Table:
        """As `_excess` for what follows each other in an utterance, in which a voice varies least."""
        numbers = np.arange(len(groups))
        excess = self._excess(groups, _VARIED)
        return np.where(np.abs(numbers[:, None] - numbers) == 1, excess, -np.inf)

    def _cluster(self) -> list[list[_Stretch]]:
        """Cluster all stretches, and number the voices."""
        groups = Groups.of_speech([stretch.speech for stretch in self._stretches])
        agglomerate(groups, self._excess_within_limits)
        clusters = [[self._stretches[number] for number in members] for members in groups.members]
        numbers = sorted({stretch.voice for stretch in self._stretches if stretch.voice is not None})
        # A voice is where most of its speech is.
        places = {
            voice: max(range(len(clusters)), key=lambda place: _share(clusters[place], voice))
            for voice in numbers
        }
        excess = self._excess_within_limits(groups)
        self.voices, self._clusters = {}, {}
        for place, stretches in enumerate(clusters):
            own = [voice for voice in numbers if places[voice] == place]
            if not own and self._is_new(stretches, excess[place, sorted({*places.values()})]):
                own = [self._met]
                places[self._met] = place
                self._met += 1
            weight = min(1.0, _MEMORY / sum(stretch.speech.count for stretch in stretches))
            for stretch in stretches:
                stretch.speech = stretch.speech.weighing(weight)
            if own:
                # Of voices that have become one, the one that has said most.
                voice = max(own, key=lambda voice: _share(stretches, voice))
                self.voices[voice] = reduce(add, (stretch.speech for stretch in stretches))
                self._clusters[voice] = stretches
                for stretch in stretches:
                    stretch.voice = voice if stretch.voice is None else stretch.voice
        self.voices = dict(sorted(self.voices.items()))
        return clusters

    def _excess_within_limits(self, groups: Groups) -> Table:
        """As `_excess`, with no more voices in the end than there may be, and no fewer than there are."""
        excess = self._excess(groups, [len(members) for members in groups.members])
        worthy = np.array([self._is_enough([self._stretches[n] for n in own]) for own in groups.members])
        both = np.outer(worthy, worthy)
        number = self.parameters.speakers
        count = worthy.sum() - self.uncounted
        if number and count <= number:
            excess[both] = -np.inf
        most = number or self.parameters.max_speakers
        if most and count > most and best_pair(excess)[2] < 0:
            excess = np.where(both, excess + 2.0, -np.inf)
        return excess

    def _is_new(self, stretches: list[_Stretch], excess: Table) -> bool:
        """Whether a cluster is a voice that nobody has heard, with its excess over those that are known."""
        doubt = _DOUBT * (1 + np.log2(len(self._stretches)))
        return self._is_enough(stretches) and not (excess > -doubt).any()

    def _is_enough(self, stretches: list[_Stretch]) -> bool:
        needed_s = self.parameters.new_speaker_s
        if not self._met:
            # There is nobody else to take it for, but less than half a window hardly resembles its own voice.
            needed_s = min(needed_s, self._calibration.window_s / 2)
        return sum(stretch.covered_s for stretch in stretches) >= needed_s

    def _condense(self, clusters: list[list[_Stretch]]) -> None:
        """Make one of the two stretches of a cluster that are most alike, while there are too many."""
        while len(self._stretches) > _STRETCHES and max(map(len, clusters)) > 1:
            # The largest cluster has the most to say twice.
            cluster = max(clusters, key=len)
            groups = Groups.of_speech([stretch.speech for stretch in cluster])
            one, other, _ = best_pair(groups.resemblances(self.cohesion))
            kept, gone = cluster[one], cluster.pop(other)
            kept.speech += gone.speech
            kept.covered_s += gone.covered_s
            self._stretches = [stretch for stretch in self._stretches if stretch is not gone]
        # Sounds that resemble nothing cannot be condensed.
        nobodys = [id(stretch) for stretch in self._stretches if stretch.voice is None]
        old = {*nobodys[:-_STRETCHES]}
        self._stretches = [stretch for stretch in self._stretches if id(stretch) not in old]

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
        places = np.zeros(steps, np.intp)
        places[-1] = total.argmax()
        for step in range(steps - 1, 0, -1):
            places[step - 1] = origins[step, places[step]]
        # A voice nobody has met competes too: it resembles as little as a window of the right one just may.
        stranger = (self._calibration.same_speaker - self._lost(1, 1)) * np.sqrt(self.cohesion)
        rivals = np.column_stack([scores, np.full(steps, stranger)])
        weights = np.exp(_SHARPNESS * (rivals - rivals.max(axis=1, keepdims=True)))
        known = np.array([*self.voices], np.intp)
        return VoicePath(known[places], known, weights[:, :-1] / weights.sum(axis=1, keepdims=True))


def _share(stretches: list[_Stretch], voice: int) -> float:
    """How many windows of a voice are in the stretches."""
    return sum(stretch.speech.count for stretch in stretches if stretch.voice == voice)


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
