"""Whether an offer is made in every lapse of the talk, at its instant, and nowhere else.

Timed dialogues go through the topic stage as a perfect listener reports them, with an engine that always
has something new to say and no cooldown. A lapse is a silence that reaches the threshold after a closed
turn: one that its transcriber ended with a full stop, a question mark or an exclamation mark, and no
filler, conjunction or article before it. Who says a word or two while somebody else speaks has no turn.
Where speech begins within 0.1 s of the threshold, before the next report of voice activity, there is no
offer.

The dialogues hold few lapses, so more are inserted: at ends of closed turns, and within turns after a word
that leaves them open, where the longer threshold counts. What was said is given as it was transcribed, and
also bare, in small letters without punctuation, as many engines for speech write.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tables
from dialogues import Dialogue, heard, load
from silences import INSERTED, SHORTEST_S, Silence, bare, cut, lengthened, silences
from stand_ins import CUES, SILENCE_ALONE, Anything, Talkative

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.events import Suggestion, SuggestionStatus, Utterance
from stalk_ros.topics import TopicParameters, TopicStage
from stalk_ros.topics.awkwardness import lapse_s
from stalk_ros.topics.drafting import Drafter

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

_TOLERANCE_NS = 100_000_000
_EXACT, _EARLIER, _LATER = "at the threshold ± 0.1 s", "earlier", "later"
_TOO_SHORT, _MISSED = "none, the lapse ending within 0.1 s", "none"
_OPEN_LONGER = "in an open turn, at the longer threshold"
_OPEN, _SHORTER = "in an open turn, before", "in a shorter silence"
_KINDS = (_EXACT, _EARLIER, _LATER, _TOO_SHORT, _MISSED, _OPEN_LONGER, _OPEN, _SHORTER)


@dataclass(frozen=True)
class Wait:
    """A silence of the truth, and after how long in it an offer was made, None = never.

    ``whole_ns`` and ``longer_ns`` are the thresholds after a turn and within one.
    """

    silence: Silence
    offered_ns: int | None
    whole_ns: int
    longer_ns: int

    @property
    def is_lapse(self) -> bool:
        """Whether there ought to be an offer."""
        return self.silence.closed and self.silence.length_ns > self.whole_ns

    @property
    def kind(self) -> str:
        """The column that it counts in, "" for none."""
        if self.offered_ns is None:
            outlasts = self.silence.outlasts(self.whole_ns)
            return (_MISSED if outlasts else _TOO_SHORT) if self.is_lapse else ""
        if self.is_lapse:
            late_ns = self.offered_ns - self.whole_ns
            return _EXACT if abs(late_ns) <= _TOLERANCE_NS else _LATER if late_ns > 0 else _EARLIER
        if self.silence.closed:
            return _SHORTER
        return _OPEN if self.offered_ns < self.longer_ns else _OPEN_LONGER

    @property
    def brought_forward_ns(self) -> int:
        """How much sooner than silence alone a cue had the offer made."""
        early_ns = 0 if self.offered_ns is None else self.whole_ns - self.offered_ns
        return early_ns if early_ns > _TOLERANCE_NS else 0


@dataclass(frozen=True)
class Outcome:
    """What came out of a dialogue; ``amid_speech`` counts offers while somebody spoke."""

    hours: float
    waits: list[Wait]
    amid_speech: int


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    dialogues = load(options)
    at_ends = lengthened(dialogues)
    print("\nLapses by when the offer came in them, and offers elsewhere:\n")
    tables.head(
        "dialogues", "cues", "hours", "lapses", *_KINDS, "the last two an hour", "while somebody speaks"
    )
    for corpus in dict.fromkeys(dialogue.corpus for dialogue in dialogues):
        _tell_lapses(corpus, [dialogue for dialogue in dialogues if dialogue.corpus == corpus])
    _tell_lapses(f"all, {INSERTED} lapses inserted at ends of turns", at_ends)
    _tell_lapses("the same, bare", [bare(dialogue) for dialogue in at_ends], at_ends)
    _tell_within(cut(dialogues))
    _tell_cues({"as they are": dialogues, f"{INSERTED} lapses inserted at ends of turns": at_ends})


def _tell_lapses(name: str, dialogues: list[Dialogue], truth: list[Dialogue] | None = None) -> None:
    for cues, weights in (("silence alone", SILENCE_ALONE), ("all", {})):
        outcomes = _outcomes(dialogues, _parameters(**weights), truth)
        hours = sum(outcome.hours for outcome in outcomes)
        waits = [wait for outcome in outcomes for wait in outcome.waits]
        counts = Counter(wait.kind for wait in waits)
        tables.row(
            name,
            cues,
            f"{hours:.1f}",
            sum(wait.is_lapse for wait in waits),
            *(counts[kind] for kind in _KINDS),
            f"{(counts[_OPEN] + counts[_SHORTER]) / hours:.2f}",
            sum(outcome.amid_speech for outcome in outcomes),
        )


def _tell_within(dialogues: list[Dialogue]) -> None:
    """The silences that were inserted after an open word, with the default factor and a smaller one."""
    print("\nSilences of 3 s and more after a word that leaves the turn open:\n")
    tables.head("text", "cues", "threshold", "silences", "outlast it", "offers at it ± 0.1 s", "earlier")
    for text, given in (("as transcribed", dialogues), ("bare", [bare(dialogue) for dialogue in dialogues])):
        for factor in (2.0, 1.5):
            for cues, weights in (("silence alone", SILENCE_ALONE), ("all", {})):
                parameters = _parameters(mid_turn_factor=factor, **weights)
                outcomes = _outcomes(given, parameters, dialogues)
                tables.row(text, cues, *_within([wait for outcome in outcomes for wait in outcome.waits]))


def _within(waits: list[Wait]) -> Iterator[object]:
    threshold_ns = waits[0].longer_ns
    inserted = [
        wait for wait in waits if wait.silence.cut and wait.silence.length_ns >= seconds_to_ns(SHORTEST_S)
    ]
    late_ns = [wait.offered_ns - threshold_ns for wait in inserted if wait.offered_ns is not None]
    yield f"{ns_to_seconds(threshold_ns):.0f} s"
    yield len(inserted)
    yield sum(wait.silence.outlasts(threshold_ns) for wait in inserted)
    yield sum(abs(late) <= _TOLERANCE_NS for late in late_ns)
    yield sum(late < -_TOLERANCE_NS for late in late_ns)


def _tell_cues(sets: dict[str, list[Dialogue]]) -> None:
    """Precision and recall of the offers, with silence and one cue at a time, and with all of them."""
    print("\nAn offer is right in a lapse; those that a cue brought forward also apart:\n")
    tables.head(
        "dialogues", "cues", "offers", "precision %", "recall %", "brought forward", "right of these %",
        "right where silence lasts 3 s %", "earlier by s, median / 90 %",
    )  # fmt: skip
    chosen = {
        "silence alone": SILENCE_ALONE,
        **{cue.replace("_", " "): _without(cue) for cue in CUES},
        "all": {},
    }
    for name, dialogues in sets.items():
        for cues, weights in chosen.items():
            parameters = _parameters(**weights)
            waits = [wait for outcome in _outcomes(dialogues, parameters) for wait in outcome.waits]
            tables.row(name, cues, *_rates(waits))


def _rates(waits: list[Wait]) -> Iterator[object]:
    offered = [wait for wait in waits if wait.offered_ns is not None]
    right = sum(wait.is_lapse for wait in offered)
    forward = [wait for wait in offered if wait.brought_forward_ns]
    yield len(offered)
    yield tables.percent(right / len(offered))
    yield tables.percent(right / sum(wait.is_lapse for wait in waits))
    yield len(forward)
    long = sum(wait.silence.closed and wait.silence.length_ns > seconds_to_ns(SHORTEST_S) for wait in forward)
    yield tables.percent(sum(wait.is_lapse for wait in forward) / len(forward)) if forward else ""
    yield tables.percent(long / len(forward)) if forward else ""
    yield tables.quantiles([ns_to_seconds(wait.brought_forward_ns) for wait in forward])


def _without(cue: str) -> dict[str, float]:
    return {name: weight for name, weight in SILENCE_ALONE.items() if name != f"{cue}_weight"}


def _parameters(**others: float) -> TopicParameters:
    return TopicParameters(cooldown_s=0.0, max_per_hour=3600, **others)


def _lapse_ns(parameters: TopicParameters, finished: bool = True) -> int:
    return seconds_to_ns(lapse_s(parameters, "en", finished))


def _outcomes(
    dialogues: list[Dialogue], parameters: TopicParameters, truth: list[Dialogue] | None = None
) -> list[Outcome]:
    """What comes out of each dialogue, beside what the ``truth``, itself unless it is another, calls for."""
    return [
        _outcome(dialogue, true, parameters)
        for dialogue, true in zip(dialogues, truth or dialogues, strict=True)
    ]


def _outcome(dialogue: Dialogue, truth: Dialogue, parameters: TopicParameters) -> Outcome:
    engine = Talkative()
    stage = TopicStage(parameters, Drafter(engine, engine, Anything()))
    after_ns = 2 * _lapse_ns(parameters, finished=False)
    told = []
    for event in heard(dialogue, after_ns):
        told += stage.said(event) if isinstance(event, Utterance) else stage.heard(event)
    offered = [
        event.time_ns
        for event in told
        if isinstance(event, Suggestion) and event.status == SuggestionStatus.OFFERED
    ]
    whole_ns, longer_ns = _lapse_ns(parameters), _lapse_ns(parameters, finished=False)
    waits = [
        Wait(silence, _offered_ns(silence, offered), whole_ns, longer_ns)
        for silence in silences(truth, after_ns)
    ]
    amid_speech = len(offered) - sum(wait.offered_ns is not None for wait in waits)
    return Outcome(ns_to_seconds(dialogue.end_ns) / 3600, waits, amid_speech)


def _offered_ns(silence: Silence, offers_ns: list[int]) -> int | None:
    """After how long in a silence the offer was made."""
    return next((at - silence.start_ns for at in offers_ns if silence.start_ns <= at < silence.end_ns), None)
