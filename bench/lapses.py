"""Whether an offer is made in every lapse of the talk, at its instant, and nowhere else.

Timed dialogues go through the topic stage as a perfect listener reports them, with an engine that always has
something new to say and no cooldown. A lapse is a silence that reaches the threshold after a turn that its
transcriber ended with a full stop, a question mark or an exclamation mark (and not with a filler or a
conjunction before it); no offer ought to be made elsewhere. The dialogues hold few, so more are inserted: at
ends of turns, and within turns after a word that leaves them open, where the longer threshold counts.

What was said is given as it was transcribed, and once in small letters without punctuation, as many engines
for speech write.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import tables
from dialogues import Dialogue, Row, heard, load

from stalk_ros.clock import NANOSECONDS, ns_to_seconds, seconds_to_ns
from stalk_ros.events import Suggestion, SuggestionStatus, Utterance
from stalk_ros.topics import Draft, TopicParameters, TopicStage
from stalk_ros.topics.awkwardness import lapse_s
from stalk_ros.topics.checks import Checks
from stalk_ros.topics.drafting import Drafter

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Sequence

    from stalk_ros.topics.recommender import Cancelled, TopicRequest

SEED = 20_240_315
_INSERTED = 200
_SHORTEST_S, _LONGEST_S = 3.0, 8.0
_TOLERANCE_NS = 100_000_000
_CUES = ("minimal_responses", "repetition", "one_sided", "unanswered_question", "hesitation")
_OPEN = "and so because um uh er the a an my your but or if to of".split()
_CUT_AFTER = "and so because um uh er the a an".split()
_OFF = {f"{cue}_weight": 0.0 for cue in _CUES}


@dataclass(frozen=True)
class Silence:
    """Nobody speaks; ``finished`` says whether the turn before was, None when nobody had said anything."""

    start_ns: int
    end_ns: int
    finished: bool | None

    @property
    def length_ns(self) -> int:
        """How long it lasts."""
        return self.end_ns - self.start_ns


@dataclass(frozen=True)
class Outcome:
    """What came out of a dialogue; ``lapses`` are the silences in which an offer ought to be made."""

    hours: float
    speech: list[tuple[int, int]]
    silences: list[Silence]
    lapses: list[Silence]
    offers: list[Suggestion]

    def offer_in(self, silence: Silence) -> Suggestion | None:
        """The offer that was made in a silence."""
        return next((o for o in self.offers if silence.start_ns <= o.time_ns < silence.end_ns), None)


class _Talkative:
    """Always has something new and harmless to say."""

    name = "stand-in"
    instant = True

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft:
        number = len(request.avoid_texts)
        return Draft(f"What would you do with {number} free days?", f"free days {number}", "it is a bench")

    def summarize(
        self, summary: str, turns: tuple[Utterance, ...], language: str, cancelled: Cancelled
    ) -> str:
        return ""


class _Anything(Checks):
    """Lets pass whatever the stand-in says."""

    def complaint(self, draft: Draft, request: TopicRequest) -> str:
        return ""


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    dialogues = load(options)
    corpora = dict.fromkeys(dialogue.corpus for dialogue in dialogues)
    at_ends = _lengthened(dialogues)
    within = _cut(dialogues)
    print("\nLapses, and offers in them:\n")
    tables.head(
        "dialogues", "cues", "hours", "lapses", "offered in", "at the threshold ± 0.1 s", "earlier", "later",
        "offers elsewhere", "of these an hour", "while somebody speaks",
    )  # fmt: skip
    for corpus in corpora:
        _tell_lapses(corpus, [dialogue for dialogue in dialogues if dialogue.corpus == corpus])
    _tell_lapses(f"all with {_INSERTED} lapses at ends of turns", at_ends)
    _tell_lapses("the same without punctuation", [_bare(dialogue) for dialogue in at_ends], at_ends)
    _tell_within(within)
    _tell_cues(dialogues, at_ends)


def _tell_lapses(name: str, dialogues: list[Dialogue], truth: list[Dialogue] | None = None) -> None:
    for cues, weights in (("silence alone", _OFF), ("all", {})):
        parameters = _parameters(**weights)
        outcomes = _outcomes(dialogues, parameters, truth)
        hours = sum(outcome.hours for outcome in outcomes)
        late_ns = [
            offer.time_ns - lapse.start_ns - _lapse_ns(parameters)
            for outcome in outcomes
            for lapse in outcome.lapses
            if (offer := outcome.offer_in(lapse))
        ]
        elsewhere = sum(len(_elsewhere(outcome)) for outcome in outcomes)
        tables.row(
            name,
            cues,
            f"{hours:.1f}",
            sum(len(outcome.lapses) for outcome in outcomes),
            len(late_ns),
            sum(abs(late) <= _TOLERANCE_NS for late in late_ns),
            sum(late < -_TOLERANCE_NS for late in late_ns),
            sum(late > _TOLERANCE_NS for late in late_ns),
            elsewhere,
            f"{elsewhere / hours:.2f}",
            sum(_amid_speech(outcome) for outcome in outcomes),
        )


def _tell_within(dialogues: list[Dialogue]) -> None:
    """The silences that were inserted after an open turn, with the default factor and a smaller one."""
    print("\nSilences of 3 to 8 s within turns:\n")
    tables.head(
        "text", "cues", "threshold", "silences", "reach it", "offered at it ± 0.1 s", "offered earlier"
    )
    for text, given in (("as transcribed", dialogues), ("bare", [_bare(dialogue) for dialogue in dialogues])):
        for factor in (2.0, 1.5):
            for cues, weights in (("silence alone", _OFF), ("all", {})):
                parameters = _parameters(mid_turn_factor=factor, **weights)
                threshold_ns = _lapse_ns(parameters, finished=False)
                waits = [
                    (
                        silence.length_ns,
                        (offer := outcome.offer_in(silence)) and offer.time_ns - silence.start_ns,
                    )
                    for outcome in _outcomes(given, parameters, dialogues)
                    for silence in outcome.silences
                    if silence.finished is False and silence.length_ns >= _SHORTEST_S * NANOSECONDS
                ]
                offered = [wait for _, wait in waits if wait]
                tables.row(
                    text,
                    cues,
                    f"{ns_to_seconds(threshold_ns):.0f} s",
                    len(waits),
                    sum(length > threshold_ns for length, _ in waits),
                    sum(abs(wait - threshold_ns) <= _TOLERANCE_NS for wait in offered),
                    sum(wait < threshold_ns - _TOLERANCE_NS for wait in offered),
                )


def _tell_cues(dialogues: list[Dialogue], at_ends: list[Dialogue]) -> None:
    """Precision and recall of the offers, with silence and one cue at a time, and with all of them."""
    print("\nCues: an offer is right in a lapse:\n")
    tables.head(
        "dialogues", "cues", "offers", "precision %", "recall %", "brought forward", "right of these %",
        "earlier by (s, median / 90 %)",
    )  # fmt: skip
    for name, given in (("as they are", dialogues), (f"with {_INSERTED} lapses at ends of turns", at_ends)):
        for cues, weights in (
            ("silence alone", _OFF),
            *((cue.replace("_", " "), _without(cue)) for cue in _CUES),
            ("all", {}),
        ):
            parameters = _parameters(**weights)
            _tell_cue(name, cues, _outcomes(given, parameters), _lapse_ns(parameters))


def _without(cue: str) -> dict[str, float]:
    return {name: weight for name, weight in _OFF.items() if name != f"{cue}_weight"}


def _tell_cue(name: str, cues: str, outcomes: Sequence[Outcome], threshold_ns: int) -> None:
    lapses = sum(len(outcome.lapses) for outcome in outcomes)
    right = [
        _TOLERANCE_NS < threshold_ns - (offer.time_ns - lapse.start_ns)
        and threshold_ns - (offer.time_ns - lapse.start_ns)
        for outcome in outcomes
        for lapse in outcome.lapses
        if (offer := outcome.offer_in(lapse))
    ]
    forward = [ns_to_seconds(lead) for lead in right if lead]
    wrong = sum(len(_elsewhere(outcome)) for outcome in outcomes)
    early = len(forward) + sum(_early(outcome, threshold_ns) for outcome in outcomes)
    tables.row(
        name,
        cues,
        len(right) + wrong,
        tables.percent(len(right) / max(1, len(right) + wrong)),
        tables.percent(len(right) / max(1, lapses)),
        early,
        tables.percent(len(forward) / early) if early else "",
        tables.quantiles(forward),
    )


def _early(outcome: Outcome, threshold_ns: int) -> int:
    """Offers brought forward in silences that were no lapse."""
    lapses = {lapse.start_ns for lapse in outcome.lapses}
    offered = ((outcome.offer_in(silence), silence) for silence in outcome.silences)
    return sum(
        offer.time_ns - silence.start_ns < threshold_ns - _TOLERANCE_NS
        for offer, silence in offered
        if offer and silence.start_ns not in lapses
    )


def _elsewhere(outcome: Outcome) -> list[Suggestion]:
    right = [outcome.offer_in(lapse) for lapse in outcome.lapses]
    return [offer for offer in outcome.offers if offer not in right]


def _amid_speech(outcome: Outcome) -> int:
    return sum(start <= offer.time_ns < end for offer in outcome.offers for start, end in outcome.speech)


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
    engine = _Talkative()
    stage = TopicStage(parameters, Drafter(engine, engine, _Anything()))
    after_ns = 2 * _lapse_ns(parameters, finished=False)
    told = []
    for event in heard(dialogue, after_ns):
        told += stage.said(event) if isinstance(event, Utterance) else stage.heard(event)
    offers = [
        event for event in told if isinstance(event, Suggestion) and event.status == SuggestionStatus.OFFERED
    ]
    silences = _silences(truth, after_ns)
    threshold_ns = _lapse_ns(parameters)
    lapses = [silence for silence in silences if silence.finished and silence.length_ns > threshold_ns]
    return Outcome(ns_to_seconds(dialogue.end_ns) / 3600, dialogue.speech, silences, lapses, offers)


def _silences(dialogue: Dialogue, after_ns: int) -> list[Silence]:
    speech = dialogue.speech
    starts = [start_ns for start_ns, _ in speech[1:]] + [dialogue.end_ns + after_ns]
    ends = [end_ns for _, end_ns in speech]
    return [
        Silence(end, start, _is_closed(dialogue.rows, end)) for end, start in zip(ends, starts, strict=True)
    ]


def _is_closed(rows: Iterable[Row], until_ns: int) -> bool | None:
    """Whether the last turn has a mark that closes it, and no open word before that."""
    said = [row for row in rows if row.text.strip() and row.end_ns <= until_ns]
    if not said:
        return None
    text = max(said, key=lambda row: row.end_ns).text.strip()
    last = re.findall(r"[a-z']+", text.lower())[-1:]
    return text.endswith((".", "?", "!")) and not (last and last[0] in _OPEN)


def _bare(dialogue: Dialogue) -> Dialogue:
    """The dialogue in small letters without punctuation."""
    rows = (
        replace(row, text=" ".join(re.sub(r"[^\w' -]", " ", row.text.lower()).split()))
        for row in dialogue.rows
    )
    return replace(dialogue, rows=tuple(rows))


def _lengthened(dialogues: list[Dialogue]) -> list[Dialogue]:
    """The dialogues with silences inserted at ends of turns."""

    def places(dialogue: Dialogue) -> list[tuple[int, int | None]]:
        return [(end, None) for _, end in dialogue.speech[:-1] if _is_closed(dialogue.rows, end)]

    return _with_silences(dialogues, places)


def _cut(dialogues: list[Dialogue]) -> list[Dialogue]:
    """The dialogues with silences inserted in turns, after a word that leaves them open."""

    def places(dialogue: Dialogue) -> list[tuple[int, int | None]]:
        rows = dialogue.rows
        alone = [
            (at, row)
            for at, row in enumerate(rows)
            if all(
                other.end_ns <= row.start_ns or other.start_ns >= row.end_ns for other in rows if other != row
            )
        ]
        return [(row.start_ns, at) for at, row in alone if _open_places(row.text)]

    return _with_silences(dialogues, places)


def _open_places(text: str) -> list[int]:
    """Where a text can be cut after an open word."""
    cuts = (match.end() for match in re.finditer(rf"\b(?:{'|'.join(_CUT_AFTER)})\b(?= \w)", text.lower()))
    return [cut for cut in cuts if text[cut:].strip()]


def _with_silences(
    dialogues: list[Dialogue], places: Callable[[Dialogue], list[tuple[int, int | None]]]
) -> list[Dialogue]:
    """Insert silences in places drawn from all dialogues: after a time, or in a row that begins then."""
    rng = random.Random(SEED)
    found = [(at, place) for at, dialogue in enumerate(dialogues) for place in places(dialogue)]
    chosen: dict[int, list[tuple[int, int | None]]] = {}
    for at, place in rng.sample(found, _INSERTED):
        chosen.setdefault(at, []).append(place)
    changed = []
    for at, dialogue in enumerate(dialogues):
        rows = list(dialogue.rows)
        for time_ns, number in sorted(chosen.get(at, ()), reverse=True):
            added_ns = seconds_to_ns(rng.uniform(_SHORTEST_S, _LONGEST_S))
            first = () if number is None else _halves(rows.pop(number), added_ns, rng)
            rows = [_moved(row, added_ns) if row.start_ns >= time_ns else row for row in rows]
            rows = sorted((*rows, *first), key=lambda row: (row.start_ns, row.end_ns))
        changed.append(replace(dialogue, rows=tuple(rows)))
    return changed


def _halves(row: Row, added_ns: int, rng: random.Random) -> tuple[Row, Row]:
    cut = rng.choice(_open_places(row.text))
    cut_ns = row.start_ns + (row.end_ns - row.start_ns) * cut // len(row.text)
    first = replace(row, end_ns=cut_ns, text=row.text[:cut])
    return first, replace(row, start_ns=cut_ns + added_ns, end_ns=row.end_ns + added_ns, text=row.text[cut:])


def _moved(row: Row, by_ns: int) -> Row:
    return replace(row, start_ns=row.start_ns + by_ns, end_ns=row.end_ns + by_ns)
