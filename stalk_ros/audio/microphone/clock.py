"""When samples were captured, from when they arrived."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

_START_S = 0.25
"""How long audio is heard before the first is given a time, and how much of it: one that comes in bursts,
however long, is seen to, as the next one has begun by then."""

_BUCKET_S = 1.0
_BUCKETS = 60
_SLOPE_BUCKETS = 10
"""From so many on the rate of the clock is told; before, what arrived first of the last few counts."""

_RECENT_BUCKETS = 3

_LATE_S = 0.05
"""A block so late may come after a hole. Where a sound server hands out pieces a bit longer than our blocks,
these come later and later, by up to a block, until there are two at once."""

_OVERFLOWED_LATE_S = 0.002
"""The same after PortAudio has told that samples were lost."""

_HOLE_S = 0.3
"""A block that is only late is followed by others that are less so; after a hole all stay as late."""

_EARLY_S = 0.005
"""Nothing arrives before it was captured: where blocks do by so much, the device has told something twice, as
a sound server does that goes back to mix in another voice."""

_SETTLED_S = 0.002

_EMPTY = (0.0, math.inf)
"""A point of elapsed seconds and lag."""


@dataclass
class _Hole:
    """A suspected one: the least that blocks were late, the threshold for it, and since when it is so."""

    late_s: float
    threshold_s: float
    since_s: float


class CaptureClock:
    """Tells the time of a device's samples, which arrive late by anything but never early.

    The lower envelope of arrival minus count is the line of the samples' own clock: Moon, Skelly and Towsley
    (1999, "Estimation and removal of clock skew from network delay measurements", INFOCOM), here over the
    earliest of each second of the last minute. What PortAudio tells of the time of capture is not used: the
    latency that sound servers report is wrong for the first second, and then that of the end of a block.

    Args:
        rate_hz: nominal rate of the device.

    Attributes:
        start_s: when the first frame was captured; to be read when `arrived` first gives a number.
        drift: how much slower the device's clock runs than the one of the arrivals, as a ratio; 0 in the
            first seconds.
    """

    def __init__(self, rate_hz: int) -> None:
        self.start_s = 0.0
        self.drift = 0.0
        self._rate = rate_hz
        self._frames = 0
        self._origin_s: float | None = None
        self._started = False
        self._start_lag_s = 0.0
        self._points: deque[tuple[float, float]] = deque(maxlen=_BUCKETS)
        self._bucket = _EMPTY
        self._bucket_end_s = _BUCKET_S
        self._level = _EMPTY
        self._hole: _Hole | None = None

    def arrived(self, frames: int, at_s: float, overflowed: bool = False) -> int | None:
        """Note a block.

        Args:
            frames: its length.
            at_s: when it arrived, of a clock that never steps.
            overflowed: PortAudio told that frames before it were lost.

        Returns:
            How many frames are missing before this block and those that were not decided on, less than 0
            for a surplus; None when that is not known yet.
        """
        if self._origin_s is None:
            self._origin_s = at_s - frames / self._rate
        self._frames += frames
        elapsed_s = self._frames / self._rate
        lag_s = at_s - self._origin_s - elapsed_s
        if not self._started:
            return self._begin(elapsed_s, lag_s, at_s)
        missing = self._missing(lag_s, at_s, overflowed)
        if missing is not None:
            elapsed_s += missing / self._rate
            self._learn(elapsed_s, lag_s - missing / self._rate)
        return missing

    def skip(self, frames: int) -> None:
        """Note that frames were captured and then lost on the way."""
        self._frames += frames

    @property
    def off_s(self) -> float:
        """How much later the last frame was captured than the start and the count say."""
        at_s, level_s = self._level
        return level_s + self.drift * (self._frames / self._rate - at_s) - self._start_lag_s

    def _begin(self, elapsed_s: float, lag_s: float, at_s: float) -> int | None:
        assert self._origin_s is not None
        self._bucket = min(self._bucket, (elapsed_s, lag_s), key=_lag)
        if min(elapsed_s, at_s - self._origin_s) < _START_S:
            return None
        self._started = True
        self._level = self._bucket
        self._start_lag_s = self._bucket[1]
        self.start_s = self._origin_s + self._start_lag_s
        return 0

    def _missing(self, lag_s: float, at_s: float, overflowed: bool) -> int | None:
        late_s = lag_s - self._start_lag_s - self.off_s
        hole = self._hole
        if late_s < -_EARLY_S:
            return self._shift(late_s)
        if hole is None:
            if not overflowed and late_s <= _LATE_S:
                return 0
            self._hole = _Hole(late_s, _OVERFLOWED_LATE_S if overflowed else _LATE_S, at_s)
            return None
        if overflowed:
            hole.late_s, hole.threshold_s = late_s, _OVERFLOWED_LATE_S
        elif late_s < hole.threshold_s:
            self._hole = None
            return 0
        elif late_s < hole.late_s - _SETTLED_S:
            hole.since_s = at_s
        hole.late_s = min(hole.late_s, late_s)
        if at_s - hole.since_s < _HOLE_S:
            return None
        return self._shift(hole.late_s)

    def _shift(self, missing_s: float) -> int:
        self._hole = None
        missing = round(missing_s * self._rate)
        self._frames += missing
        return missing

    def _learn(self, elapsed_s: float, lag_s: float) -> None:
        self._bucket = min(self._bucket, (elapsed_s, lag_s), key=_lag)
        if elapsed_s < self._bucket_end_s:
            return
        self._points.append(self._bucket)
        self._bucket = _EMPTY
        self._bucket_end_s = elapsed_s + _BUCKET_S
        if len(self._points) < _SLOPE_BUCKETS:
            recent = list(self._points)[-_RECENT_BUCKETS:]
            self._level = min(recent, key=_lag)
        else:
            self._level, self.drift = _envelope(list(self._points))


def _envelope(points: list[tuple[float, float]]) -> tuple[tuple[float, float], float]:
    """The line below all points that is nearest to them: a point of it, and its slope.

    It is the edge of the lower convex hull above which the mean of the abscissas lies.
    """
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) > 1 and _slope(hull[-2], point) <= _slope(hull[-2], hull[-1]):
            hull.pop()
        hull.append(point)
    middle = sum(x for x, _ in points) / len(points)
    right = next(n for n, (x, _) in enumerate(hull) if x >= middle)
    return hull[right], _slope(hull[right - 1], hull[right])


def _lag(point: tuple[float, float]) -> float:
    return point[1]


def _slope(one: tuple[float, float], other: tuple[float, float]) -> float:
    return (other[1] - one[1]) / (other[0] - one[0])
