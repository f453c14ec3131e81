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


RATIOS = {
    "WER": "words wrong, missing or too many, of the words said",
    "WER substituted": "words wrong, of the words said",
    "WER deleted": "words missing, of the words said",
    "WER inserted": "words too many, of the words said",
    "CER": "the same for characters, spaces not counted",
    "cpWER": "words wrong or of the wrong speaker, of the words said",
    "DER": "seconds missed, invented or of the wrong speaker, of the seconds spoken",
    "DER missed": "seconds missed, of the seconds spoken",
    "DER false alarm": "seconds invented, of the seconds spoken",
    "DER confusion": "seconds of the wrong speaker, of the seconds spoken",
    "JER": "error of a speaker's time, over speakers",
    "voices": "people who speak, of one recording",
    "voices found": "different speakers of final utterances, of one recording",
    "voices right": "recordings with as many voices found as people who speak, of all recordings",
    "offers": "suggestions offered, of one recording",
    "lapse precision": "offers made in a lapse, of all offers",
    "lapse recall": "lapses with an offer, of all lapses",
    "offers amid speech": "offers made while somebody spoke, of all offers",
}
"""The names in `Scores.ratios`, in the order in which they are shown."""

TIMES_S = {
    "offer after lapse": "from when a silence had become a lapse to its first offer; below 0 = before",
    "final after last word": "from the end of what was said to its final text",
    "speaker after last word": "from the end of what one speaker said to its final text with the speaker",
    "partial after first word": "from the begin of what was said to its first partial text",
    "withdrawal after speech": "from when somebody began to speak to the withdrawal of an offer",
}
"""The names in `Scores.times_s`, all in seconds of audio."""


@dataclass(frozen=True)
class Scores:
    """All measures of one recording.

    Attributes:
        ratios: names of `RATIOS` as far as the truth is known; over several recordings they are added.
        times_s: names of `TIMES_S` in the same way; over several recordings they are put together.
    """

    ratios: dict[str, Ratio] = field(default_factory=dict)
    times_s: dict[str, tuple[float, ...]] = field(default_factory=dict)
