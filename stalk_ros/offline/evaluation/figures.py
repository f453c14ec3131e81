"""How measures are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.measuring import REAL_TIME_FACTOR
from stalk_ros.offline.evaluation.statistics import interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.offline.evaluation.scores import Scores
    from stalk_ros.offline.evaluation.statistics import Difference, Interval


@dataclass(frozen=True)
class Figure:
    """One number of a table.

    Attributes:
        title: with the unit.
        name: of the measure, see `Scores`.
        quantile: of times, which one.
        scale: what the measure is multiplied by.
        digits: behind the point.
    """

    title: str
    name: str
    quantile: float = 0.5
    scale: float = 1.0
    digits: int = 2

    def of(self, scores: Sequence[Scores]) -> Interval | None:
        """The measure over recordings; None where none of them has it."""
        return interval(scores, self.name, self.quantile)

    def text(self, value: float) -> str:
        """A value as it is shown."""
        shown = f"{self.scale * value:.{self.digits}f}"
        return shown.removeprefix("-") if not float(shown) else shown

    def cell(self, measured: Interval | Difference | None) -> str:
        """A value with its interval; "" for None."""
        if measured is None:
            return ""
        value = self.text(measured.value)
        if measured.low is None or measured.high is None:
            return value
        return f"{value} ({self.text(measured.low)} to {self.text(measured.high)})"


def _percent(name: str) -> Figure:
    return Figure(f"{name} %", name, scale=100.0, digits=1)


WORDS = (
    _percent("WER"),
    _percent("WER substituted"),
    _percent("WER deleted"),
    _percent("WER inserted"),
    _percent("CER"),
    _percent("cpWER"),
)
SPEAKERS = (
    _percent("DER"),
    _percent("DER missed"),
    _percent("DER false alarm"),
    _percent("DER confusion"),
    _percent("JER"),
    Figure("voices", "voices", digits=1),
    Figure("voices found", "voices found", digits=1),
    _percent("voices right"),
)
OFFERS = (
    Figure("offers", "offers", digits=1),
    _percent("lapse precision"),
    _percent("lapse recall"),
    _percent("offers amid speech"),
    Figure("offer after lapse, median s", "offer after lapse"),
    Figure("withdrawal after speech, median s", "withdrawal after speech"),
)
LATENCIES = (
    Figure("final after last word, median s", "final after last word"),
    Figure("final after last word, p90 s", "final after last word", 0.9),
    Figure("speaker after last word, median s", "speaker after last word"),
    Figure("speaker after last word, p90 s", "speaker after last word", 0.9),
    Figure("partial after first word, median s", "partial after first word"),
    Figure("partial after first word, p90 s", "partial after first word", 0.9),
)
SPEED = (
    Figure("real-time factor (RTF)", REAL_TIME_FACTOR, digits=3),
    Figure("RTF voice activity", f"{REAL_TIME_FACTOR} voice activity", digits=3),
    Figure("RTF speech to text", f"{REAL_TIME_FACTOR} speech to text", digits=3),
    Figure("RTF speaker embedding", f"{REAL_TIME_FACTOR} speaker embedding", digits=3),
    Figure("RTF topics", f"{REAL_TIME_FACTOR} topics", digits=3),
)

SECTIONS = {
    "Words": WORDS,
    "Speakers": SPEAKERS,
    "Offers": OFFERS,
    "Latencies": LATENCIES,
    "Speed": SPEED,
}
"""The tables of a run: title to columns."""

MEASURES = {
    figure.name: figure for section in SECTIONS.values() for figure in section if figure.quantile == 0.5
}
"""The name of each measure to its figure."""


def measure_figure(name: str) -> Figure:
    """The figure of a measure; upper or lower case does not matter.

    Raises:
        UserError: there is no such measure.
    """
    for known, figure in MEASURES.items():
        if known.casefold() == name.casefold():
            return figure
    raise UserError(f"there is no measure '{name}'; there are: {', '.join(MEASURES)}")
