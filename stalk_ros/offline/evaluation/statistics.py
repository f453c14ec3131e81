"""What a measure says of several recordings, how sure that is, and whether two runs differ.

Recordings are drawn again and again, with replacement, from those that were measured; the middle 95 % of what
comes out is the interval. Words of one recording have much in common, so whole recordings are drawn (the
bootstrap of Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation",
ICASSP 2004). A few recordings vary less than all there could be, so the interval is widened as far as
Student's t is wider than the normal distribution (the expanded percentile interval of Hesterberg, "What
Teachers Should Know About the Bootstrap", The American Statistician 69, 2015). Two runs are compared on the
same draws, so that hard recordings do not hide a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.offline.evaluation.scores import Scores

DRAWS = 2000
FEWEST_FOR_INTERVAL = 3
FEWEST_FOR_DIFFERENCE = 6
"""By chance five changes all go one way once in 16 times, which is too often, and six once in 32."""


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
    known = [each for each in scores if _has(each, name)]
    value = _value(known, name, quantile)
    if value is None:
        return None
    low, high = _middle(len(known), [_drawn(known, name, quantile, draw) for draw in _draws(len(known))])
    return Interval(value, low, high, len(known))


def difference(
    first: Sequence[Scores], second: Sequence[Scores], name: str, quantile: float = 0.5
) -> Difference | None:
    """How two runs differ; see `interval`.

    The recordings of both are in the same order; None where there is none of which both have the measure.
    """
    both = [
        (one, other)
        for one, other in zip(first, second, strict=True)
        if _has(one, name) and _has(other, name)
    ]
    ones, others = [one for one, _ in both], [other for _, other in both]
    before, after = _value(ones, name, quantile), _value(others, name, quantile)
    if before is None or after is None:
        return None
    changes = [
        _drawn(others, name, quantile, draw) - _drawn(ones, name, quantile, draw)
        for draw in _draws(len(both))
    ]
    low, high = _middle(len(both), changes)
    return Difference(after - before, low, high, len(both))


def _has(scores: Scores, name: str) -> bool:
    """Whether a recording says anything about a measure: also that nothing was said, but something heard."""
    ratio = scores.ratios.get(name)
    return bool(scores.times_s.get(name)) if ratio is None else bool(ratio.whole or ratio.part)


def _value(scores: Sequence[Scores], name: str, quantile: float) -> float | None:
    value = _drawn(scores, name, quantile, range(len(scores)))
    return None if np.isnan(value) else value


def _drawn(scores: Sequence[Scores], name: str, quantile: float, draw: Sequence[int]) -> float:
    """The measure over the recordings with these numbers; NaN where they have none."""
    drawn = [scores[number] for number in draw]
    if any(name in each.ratios for each in drawn):
        whole = sum((each.ratios[name].whole for each in drawn), 0.0)
        return sum((each.ratios[name].part for each in drawn), 0.0) / whole if whole else np.nan
    times_s = [time_s for each in drawn for time_s in each.times_s.get(name, ())]
    return float(np.quantile(times_s, quantile)) if times_s else np.nan


def _draws(files: int) -> list[list[int]]:
    """Recordings drawn with replacement, the same ones every time; none where there are too few."""
    if files < FEWEST_FOR_INTERVAL:
        return []
    drawn: list[list[int]] = np.random.default_rng(0).integers(files, size=(DRAWS, files)).tolist()
    return drawn


def _middle(files: int, values: list[float]) -> tuple[float | None, float | None]:
    """Between what the middle 95 % lie, widened as so few files ask for."""
    found = [value for value in values if not np.isnan(value)]
    if not found:
        return None, None
    from scipy.stats import norm, t

    outside = norm.cdf(np.sqrt(files / (files - 1)) * t.ppf(0.025, files - 1))
    low, high = np.quantile(found, (outside, 1 - outside))
    return float(low), float(high)
