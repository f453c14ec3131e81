"""How much two clusters of windows resemble each other, and clustering by that.

Resemblance is relative to how alike the windows of one voice are, because cosines are not the same
everywhere: noise and a telephone line make all voices alike, and means of many windows are more alike than
those of few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = npt.NDArray[np.float32]

MEMORY = 1000.0
"""What a voice is like is the mean of about as many windows: it is followed when it changes over hours."""

_PRIOR_PAIRS = 3.0
"""A cluster is expected to be as cohesive as the others, which weighs as much as this many pairs of it."""


@dataclass(frozen=True)
class Window:
    """A window's place in the utterance, in seconds from its start."""

    start_s: float
    end_s: float


class Speech:
    """Windows of one voice, of which only sums are kept.

    Args:
        embeddings: [N, D], rows of length 1.
        apart: [N, N], whether two windows do not overlap.

    Attributes:
        count: how many windows; not whole after `MEMORY` was exceeded.
        total: the sum of their embeddings, [D].
        pairs: how many ordered pairs of them do not overlap.
        cosines: the sum of the cosines of these pairs.
    """

    def __init__(self, embeddings: Array, apart: npt.NDArray[np.bool_]) -> None:
        self.count = float(len(embeddings))
        self.total = embeddings.sum(axis=0, dtype=np.float64)
        self.pairs = float(apart.sum())
        self.cosines = float((embeddings @ embeddings.T)[apart].sum(dtype=np.float64))

    @classmethod
    def of_sums(cls, count: float, total: npt.NDArray[np.float64], pairs: float, cosines: float) -> Speech:
        """The windows that have these sums."""
        speech = cls.__new__(cls)
        speech.count, speech.total, speech.pairs, speech.cosines = count, total, pairs, cosines
        return speech

    def add(self, other: Speech) -> None:
        """Add windows that overlap with none of these."""
        self.pairs += other.pairs + 2 * self.count * other.count
        self.cosines += other.cosines + 2 * float(self.total @ other.total)
        self.count += other.count
        self.total = self.total + other.total
        excess = MEMORY / self.count
        if excess < 1:
            self.count, self.total = self.count * excess, self.total * excess
            self.pairs, self.cosines = self.pairs * excess**2, self.cosines * excess**2

    def direction(self, cohesion: float) -> npt.NDArray[np.float64]:
        """The mean embedding, as long as it would be without the scatter of the windows about it.

        Args:
            cohesion: the mean cosine of two windows of one voice in this session.
        """
        own = _own_cohesion(self.cosines, self.pairs, cohesion)
        direction: npt.NDArray[np.float64] = self.total / (self.count * np.sqrt(own))
        return direction

    def resemblance(self, other: Speech, cohesion: float) -> float:
        """About 1 for one voice: the mean cosine between two clusters, relative to that within them.

        It is the cosine of the clusters' true means as estimated from windows that scatter (Spearman 1904,
        "The proof and measurement of association between two things", corrects correlations so).
        """
        return float(self.direction(cohesion) @ other.direction(cohesion))


def clusters(
    embeddings: Array, apart: npt.NDArray[np.bool_], cohesion: float, threshold: float
) -> list[list[int]]:
    """Agglomerative clustering: groups of rows that resemble each other by at least ``threshold``.

    Args:
        embeddings: [N, D], rows of length 1.
        apart: [N, N], whether two windows do not overlap.
        cohesion: the mean cosine of two windows of one voice.
        threshold: see `Speech.resemblance`.
    """
    groups = [[row] for row in range(len(embeddings))]
    counts = np.ones(len(embeddings))
    # Of every two groups: the product of their sums; how many of their windows do not overlap, and the
    # share of the product that comes from those.
    products = embeddings.astype(np.float64) @ embeddings.T
    pairs = apart.astype(np.float64)
    cosines = products * pairs
    while len(groups) > 1:
        lengths = counts * np.sqrt(_own_cohesion(cosines.diagonal(), pairs.diagonal(), cohesion))
        resemblances = products / np.outer(lengths, lengths)
        np.fill_diagonal(resemblances, -1.0)
        one, other = sorted(np.unravel_index(int(resemblances.argmax()), resemblances.shape))
        if resemblances[one, other] < threshold:
            break
        groups[one] += groups.pop(other)
        counts[one] += counts[other]
        counts = np.delete(counts, other)
        products, pairs, cosines = (
            _merged(table, int(one), int(other)) for table in (products, pairs, cosines)
        )
    return sorted(sorted(group) for group in groups)


def _merged(table: npt.NDArray[np.float64], one: int, other: int) -> npt.NDArray[np.float64]:
    """The table [N, N] with row and column ``other`` added to ``one``."""
    table[one] += table[other]
    table[:, one] += table[:, other]
    return np.delete(np.delete(table, other, axis=0), other, axis=1)


def _own_cohesion(cosines: Any, pairs: Any, cohesion: float) -> Any:
    """The mean of ``pairs`` cosines that sum to ``cosines``, with a prior."""
    return np.maximum((cosines + cohesion * _PRIOR_PAIRS) / (pairs + _PRIOR_PAIRS), 1e-3)


def apart(windows: Sequence[Window]) -> npt.NDArray[np.bool_]:
    """Whether each two of N windows do not overlap, [N, N]."""
    starts_s = np.array([window.start_s for window in windows])
    ends_s = np.array([window.end_s for window in windows])
    after = starts_s[None] >= ends_s[:, None] - 1e-9
    neither: npt.NDArray[np.bool_] = after | after.T
    return neither
