"""What a measure says of one recording, so that several can be taken together."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ratio:
    """A measure such as the word error rate: what is wrong of what there is."""

    part: float = 0.0
    whole: float = 0.0

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.part + other.part, self.whole + other.whole)

    @property
    def value(self) -> float | None:
        """The rate; None where there is nothing to be right or wrong about."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Scores:
    """All measures of one recording.

    Attributes:
        ratios: of "WER", "CER", "DER" and its parts and so on; over several recordings they are added.
        times_s: instants and delays in seconds; over several recordings they are put together.
    """

    ratios: dict[str, Ratio] = field(default_factory=dict)
    times_s: dict[str, tuple[float, ...]] = field(default_factory=dict)
