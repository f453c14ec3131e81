"""What a measure says of several recordings, how sure that is, and whether two runs differ.

Recordings are drawn again and again, with replacement, from those that were measured; the middle 95 % of what
comes out is the interval. Words of one recording have much in common, so whole recordings are drawn (the
bootstrap of Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation",
ICASSP 2004). Two runs are compared on the same draws, so that hard recordings do not hide a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.offline.evaluation.scores import Scores

FEWEST_FOR_INTERVAL = 3
FEWEST_FOR_DIFFERENCE = 6
"""Five changes that all go one way happen by chance once in 16 times, six once in 32."""


@dataclass(frozen=True)
class Interval:
    """A measure over ``files`` recordings; ``low`` and ``high`` are None where these are too few."""

    value: float
    low: float | None
    high: float | None
    files: int


@dataclass(frozen=True)
class Difference:
    """How much more a measure is in the second run, over the ``files`` recordings that both have.

    ``low``, ``high`` and ``exceeds_noise`` are None where the recordings are too few to tell.
    """

    value: float
    low: float | None
    high: float | None
    files: int

    @property
    def exceeds_noise(self) -> bool | None:
        """Whether 0, no difference, lies outside of the interval."""
        if self.low is None or self.high is None or self.files < FEWEST_FOR_DIFFERENCE:
            return None
        return self.low > 0 or self.high < 0


def interval(scores: Sequence[Scores], name: str, quantile: float = 0.5) -> Interval | None:
    """A measure over recordings with its 95 % interval; None where no recording has it.

    Args:
        scores: one for each recording.
        name: a name of `Scores.ratios`, whose parts and wholes are added up, or of `Scores.times_s`.
        quantile: of times, which one: 0.5 = the median, 0.9 = what nine of ten do not exceed.
    """
    raise NotImplementedError


def difference(
    first: Sequence[Scores], second: Sequence[Scores], name: str, quantile: float = 0.5
) -> Difference | None:
    """How two runs differ; see `interval`.

    The recordings of both are in the same order; None where there is none of which both have the measure.
    """
    raise NotImplementedError
