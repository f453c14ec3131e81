"""Diarization error rate, with a collar of 0.25 s on each side of a boundary, overlap scored."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from stalk_ros.clock import ns_to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.events import Utterance

COLLAR_S = 0.25


@dataclass(frozen=True)
class Errors:
    """Seconds of speech, and of it missed or said by another one; and of silence in which somebody was heard.

    None of it where the truth does not know who speaks.
    """

    speech_s: float = 0.0
    missed_s: float = 0.0
    false_alarm_s: float = 0.0
    confused_s: float = 0.0

    def __add__(self, other: Errors) -> Errors:
        """The errors of two recordings, each with a mapping of voices of its own."""
        return Errors(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    @property
    def rate(self) -> float | None:
        """The diarization error rate, a share of the speech; None without speech."""
        parts_s = self.missed_s + self.false_alarm_s + self.confused_s
        return parts_s / self.speech_s if self.speech_s else None

    @property
    def parts(self) -> tuple[float | None, float | None, float | None]:
        """What of the rate is missed, false alarm and confused."""
        if not self.speech_s:
            return None, None, None
        return (
            self.missed_s / self.speech_s,
            self.false_alarm_s / self.speech_s,
            self.confused_s / self.speech_s,
        )


def errors(known: Annotation, heard: Annotation, duration_s: float) -> Errors:
    """Compare with the truth, by the best mapping of the voices heard to those known."""
    if not known:
        return Errors()
    # pyannote's collar is the whole of both sides.
    metric = DiarizationErrorRate(collar=2 * COLLAR_S, skip_overlap=False)
    found = metric(known, heard, uem=Timeline([Segment(0, duration_s)]), detailed=True)
    names = ("total", "missed detection", "false alarm", "confusion")
    return Errors(*(float(found[name]) for name in names))


def annotation(spans: Iterable[tuple[float, float, str]]) -> Annotation:
    """Start and end in seconds and the voice; spans may overlap."""
    whole = Annotation()
    for number, (start_s, end_s, voice) in enumerate(spans):
        whole[Segment(start_s, end_s), number] = voice
    return whole


def heard(utterances: Iterable[Utterance]) -> Annotation:
    """Who was said to speak when; nobody, "", is one voice more."""
    return annotation(
        (ns_to_seconds(utterance.start_ns), ns_to_seconds(utterance.end_ns), utterance.speaker_id)
        for utterance in utterances
    )
