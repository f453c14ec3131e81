"""How much two pieces of speech resemble each other, and clustering by that.

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
    from collections.abc import Callable, Sequence

Array = npt.NDArray[np.float32]
Table = npt.NDArray[np.float64]

_PRIOR_PAIRS = 3.0
"""Speech is expected to be as cohesive as other speech, which weighs as much as this many pairs of it."""


@dataclass(frozen=True)
class Window:
    """A window's place in the utterance, in seconds from its start."""

    start_s: float
    end_s: float


@dataclass(frozen=True, eq=False)
class Speech:
    """Windows of one voice, of which only sums are kept.

    Attributes:
        count: how many windows.
        total: sum of their embeddings, [D].
        pairs: how many ordered pairs of them do not overlap.
        cosines: sum of the cosines of those pairs.
    """

    count: float
    total: Table
    pairs: float
    cosines: float

    @classmethod
    def of(cls, embeddings: Array, apart: npt.NDArray[np.bool_]) -> Speech:
        """Speech in N windows.

        Args:
            embeddings: [N, D], rows of length 1.
            apart: [N, N], whether two windows do not overlap.
        """
        return cls(
            float(len(embeddings)),
            embeddings.sum(axis=0, dtype=np.float64),
            float(apart.sum()),
            float((embeddings @ embeddings.T)[apart].sum(dtype=np.float64)),
        )

    def __add__(self, other: Speech) -> Speech:
        """This and other speech, which do not overlap."""
        return Speech(
            self.count + other.count,
            self.total + other.total,
            self.pairs + other.pairs + 2 * self.count * other.count,
            self.cosines + other.cosines + 2 * float(self.total @ other.total),
        )

    def weighing(self, weight: float) -> Speech:
        """The same speech, each window of which counts ``weight`` times."""
        return Speech(
            self.count * weight, self.total * weight, self.pairs * weight**2, self.cosines * weight**2
        )

    def direction(self, cohesion: float) -> Table:
        """The mean embedding, as long as it would be without the scatter of the windows about it.

        Args:
            cohesion: the mean cosine of two windows of one voice in this session.
        """
        own = _own_cohesion(self.cosines, self.pairs, cohesion)
        direction: Table = self.total / (self.count * np.sqrt(own))
        return direction


@dataclass
class Groups:
    """G groups of pieces of speech, to be joined step by step.

    Attributes:
        members: the numbers of the pieces in each.
        counts: how many windows each has, [G].
        products: of every two, the product of the sums of their embeddings, [G, G].
        pairs: of every two, how many ordered pairs of their windows do not overlap, [G, G].
        cosines: of every two, the sum of the cosines of those pairs, [G, G].
    """

    members: list[list[int]]
    counts: Table
    products: Table
    pairs: Table
    cosines: Table

    @classmethod
    def of_windows(cls, embeddings: Array, apart: npt.NDArray[np.bool_]) -> Groups:
        """Each window a group; for the arguments see `Speech.of`."""
        members = [[row] for row in range(len(embeddings))]
        products = embeddings.astype(np.float64) @ embeddings.T
        return cls(members, np.ones(len(members)), products, apart.astype(np.float64), products * apart)

    @classmethod
    def of_speech(cls, pieces: Sequence[Speech]) -> Groups:
        """Each piece a group; the pieces do not overlap."""
        counts = np.array([piece.count for piece in pieces])
        totals = np.stack([piece.total for piece in pieces])
        products = totals @ totals.T
        pairs, cosines = np.outer(counts, counts), products.copy()
        np.fill_diagonal(pairs, [piece.pairs for piece in pieces])
        np.fill_diagonal(cosines, [piece.cosines for piece in pieces])
        return cls([[number] for number in range(len(pieces))], counts, products, pairs, cosines)

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self.members)

    def resemblances(self, cohesion: float) -> Table:
        """Of every two groups, [G, G]: the mean cosine between them, relative to that within them.

        It is about 1 for one voice: the cosine of the groups' true means as estimated from windows that
        scatter (Spearman 1904, "The proof and measurement of association between two things", corrects
        correlations so).

        Args:
            cohesion: the mean cosine of two windows of one voice in this session.
        """
        own = _own_cohesion(self.cosines.diagonal(), self.pairs.diagonal(), cohesion)
        lengths = self.counts * np.sqrt(own)
        resemblances: Table = self.products / np.outer(lengths, lengths)
        return resemblances

    def join(self, one: int, other: int) -> None:
        """Make two groups one, in the place of ``one``, the smaller number."""
        self.members[one] += self.members.pop(other)
        self.counts[one] += self.counts[other]
        self.counts = np.delete(self.counts, other)
        self.products, self.pairs, self.cosines = (
            _joined(table, one, other) for table in (self.products, self.pairs, self.cosines)
        )


def agglomerate(groups: Groups, excess: Callable[[Groups], Table]) -> None:
    """Agglomerative clustering: join the most worthy two groups as long as two are worth it.

    Args:
        groups: where to begin; is changed.
        excess: of every two groups, [G, G], how far they are worth joining: not where it is below 0.
    """
    while len(groups) > 1:
        one, other, worth = best_pair(excess(groups))
        if worth < 0:
            return
        groups.join(one, other)


def best_pair(table: Table) -> tuple[int, int, float]:
    """The two different rows, in order, with the greatest value in a symmetric table, and the value."""
    upper = np.where(np.tri(len(table), dtype=bool), -np.inf, table)
    one, other = divmod(int(upper.argmax()), len(table))
    return one, other, float(upper[one, other])


def apart(windows: Sequence[Window]) -> npt.NDArray[np.bool_]:
    """Whether each two of N windows do not overlap, [N, N]."""
    starts_s = np.array([window.start_s for window in windows])
    ends_s = np.array([window.end_s for window in windows])
    after = starts_s[None] >= ends_s[:, None] - 1e-9
    neither: npt.NDArray[np.bool_] = after | after.T
    return neither


def _joined(table: Table, one: int, other: int) -> Table:
    """The table [N, N] with row and column ``other`` added to ``one``."""
    table[one] += table[other]
    table[:, one] += table[:, other]
    return np.delete(np.delete(table, other, axis=0), other, axis=1)


def _own_cohesion(cosines: Any, pairs: Any, cohesion: float) -> Any:
    """The mean of ``pairs`` cosines that sum to ``cosines``, with a prior."""
    return np.maximum((cosines + cohesion * _PRIOR_PAIRS) / (pairs + _PRIOR_PAIRS), 1e-3)
