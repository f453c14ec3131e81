"""Who spoke when: diarization error rate, with a collar of 0.25 s on each side of a boundary, overlap scored.

The Jaccard error rate has no collar, as it is defined: Ryant et al., "The Second DIHARD Diarization
Challenge: Dataset, Task, and Baselines", Interspeech 2019.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import ROBOT
from stalk_ros.offline.evaluation.scores import Ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyannote.core import Annotation, Timeline

    from stalk_ros.events import Utterance
    from stalk_ros.offline.evaluation.references import Reference

COLLAR_S = 0.25


@dataclass(frozen=True)
class Errors:
    """Seconds of speech, and of it missed or given to another one; and of silence taken for speech."""

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
        return self._share(self.missed_s + self.false_alarm_s + self.confused_s)

    @property
    def parts(self) -> tuple[float | None, float | None, float | None]:
        """What of the rate is missed, false alarm and confused."""
        return self._share(self.missed_s), self._share(self.false_alarm_s), self._share(self.confused_s)

    def _share(self, part_s: float) -> float | None:
        return part_s / self.speech_s if self.speech_s else None


def ratios(
    reference: Reference, utterances: Iterable[Utterance], start_ns: int, duration_s: float
) -> dict[str, Ratio]:
    """DER with its parts, JER, and how many voices, where it is known who speaks from ``start_ns`` on."""
    if reference.spans is None:
        return {}
    known = annotation(reference.spans)
    spoken = heard(utterances, start_ns)
    found = errors(known, spoken, duration_s, reference.unscored_s)
    people, voices = known.labels(), set(spoken.labels()) - {"", ROBOT}
    wrong_s = {
        "DER": found.missed_s + found.false_alarm_s + found.confused_s,
        "DER missed": found.missed_s,
        "DER false alarm": found.false_alarm_s,
        "DER confusion": found.confused_s,
    }
    return {
        **{name: Ratio(part_s, found.speech_s) for name, part_s in wrong_s.items()},
        "JER": _jaccard(known, spoken, _scored(duration_s, reference.unscored_s)),
        "voices": Ratio(len(people), 1),
        "voices found": Ratio(len(voices), 1),
        "voices right": Ratio(len(voices) == len(people), 1),
    }


def errors(
    known: Annotation,
    heard: Annotation,
    duration_s: float,
    unscored_s: Sequence[tuple[float, float]] = (),
) -> Errors:
    """Compare with the truth, by the best mapping of the voices heard to those known."""
    from pyannote.metrics.diarization import DiarizationErrorRate

    # pyannote's collar is the whole of both sides.
    metric = DiarizationErrorRate(collar=2 * COLLAR_S, skip_overlap=False)
    found = metric(known, heard, uem=_scored(duration_s, unscored_s), detailed=True)
    names = ("total", "missed detection", "false alarm", "confusion")
    return Errors(*(float(found[name]) for name in names))


def annotation(spans: Iterable[tuple[float, float, str]]) -> Annotation:
    """Start and end in seconds and the voice; spans may overlap."""
    from pyannote.core import Annotation, Segment

    whole = Annotation()
    for number, (start_s, end_s, voice) in enumerate(spans):
        whole[Segment(start_s, end_s), number] = voice
    return whole


def heard(utterances: Iterable[Utterance], start_ns: int = 0) -> Annotation:
    """Who was said to speak when; nobody, "", is one voice more."""
    return annotation(
        (
            ns_to_seconds(utterance.start_ns - start_ns),
            ns_to_seconds(utterance.end_ns - start_ns),
            utterance.speaker_id,
        )
        for utterance in utterances
    )


def _scored(duration_s: float, unscored_s: Sequence[tuple[float, float]]) -> Timeline:
    from pyannote.core import Segment, Timeline

    left_out = Timeline([Segment(*span_s) for span_s in unscored_s])
    return Timeline([Segment(0, duration_s)]).extrude(left_out)


def _jaccard(known: Annotation, spoken: Annotation, scored: Timeline) -> Ratio:
    from pyannote.metrics.diarization import JaccardErrorRate

    metric: Any = JaccardErrorRate
    found = metric()(known, spoken, uem=scored, detailed=True)
    return Ratio(float(found["speaker error"]), float(found["speaker count"]))
