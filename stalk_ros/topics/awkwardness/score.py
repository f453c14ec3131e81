"""The cues together: how awkward it is, and after how much silence that calls for a suggestion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.events import Trigger
from stalk_ros.topics.awkwardness.cues import (
    Cue,
    hesitation_cue,
    minimal_responses_cue,
    one_sided_cue,
    repetition_cue,
    silence_cue,
    unanswered_question_cue,
)
from stalk_ros.topics.awkwardness.lapse import lapse_s, willing_gap_s
from stalk_ros.topics.turns import has_finished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stalk_ros.events import Utterance
    from stalk_ros.topics.parameters import TopicParameters

_TRIGGERS = {
    "minimal_responses": Trigger.MINIMAL_RESPONSES,
    "repetition": Trigger.REPETITION,
    "one_sided": Trigger.ONE_SIDED,
}
"""What an offer that a cue brought forward is due to; the other cues only make silence harder to bear."""

_ROUNDING_S = 1e-6
"""Silence that the caller has rounded to nanoseconds, and is short of a lapse by so little, is one."""


@dataclass(frozen=True)
class Judgement:
    """How awkward it is at a moment.

    ``score`` is in [0, 1], ``reasons`` name the cues behind it in words, and ``trigger`` is why a suggestion
    would be made now.
    """

    score: float
    reasons: tuple[str, ...]
    trigger: Trigger


class Awkwardness:
    """Follows one conversation, turn by turn; a new stream gets a new one.

    What was said (the context) says how awkward it is without silence: the cues' scores, each times its
    weight, joined as independent causes (noisy-or; Pearl 1988, "Probabilistic reasoning in intelligent
    systems"). Silence joins them likewise. Silence alone calls for a suggestion after `lapse_s`, to the
    instant; the context makes people wait less, but not less than half of it, and never within a turn, where
    the greater of the two counts.

    After an offer that the context brought forward, only a whole lapse calls for the next one until the
    context has calmed down (``calm_at``).
    """

    def __init__(self) -> None:
        self._cues: dict[str, Cue] = {}
        self._tag = ""
        self._finished = True
        self._spent = False

    def turn(
        self, turns: tuple[Utterance, ...], shares: Mapping[str, float], tag: str, parameters: TopicParameters
    ) -> None:
        """Take in that somebody has said something.

        Args:
            turns: what was said lately, oldest first, this turn last.
            shares: each known speaker's share of the recent talking time.
            tag: BCP 47 tag of the language of the talk, "" = not known.
            parameters: bounds of the cues and their weights.
        """
        self._tag = tag
        self._finished = has_finished(turns, tag)
        self._cues = {
            "minimal_responses": minimal_responses_cue(turns, tag, parameters.minimal_responses),
            "repetition": repetition_cue(turns, tag),
            "one_sided": one_sided_cue(turns, shares, parameters.one_sided_share),
            "unanswered_question": unanswered_question_cue(turns, tag),
            "hesitation": hesitation_cue(turns, tag),
        }
        self._spent = self._spent and self._context(parameters) > parameters.calm_at

    def offered(self, silence_s: float, parameters: TopicParameters) -> None:
        """Take in that a suggestion was made after so much silence, in seconds."""
        self._spent = self._spent or not self._is_whole(silence_s, parameters)

    def due_s(self, parameters: TopicParameters) -> float:
        """The silence after the last turn at which a suggestion is due, in seconds."""
        whole_s = self._lapse_s(parameters)
        if not self._finished or self._spent:
            return whole_s
        context = self._context(parameters)
        offer_at = parameters.offer_at
        missing = (offer_at - context) / (1 - context)
        gap_s = willing_gap_s(whole_s)
        # Exactly the lapse where the context is calm.
        return whole_s - (whole_s - gap_s) * (1 - missing / offer_at)

    def state(self, silence_s: float, parameters: TopicParameters) -> Judgement:
        """How awkward it is after so much silence, in seconds; 0 while somebody speaks.

        The score reaches ``offer_at`` when a suggestion is due, or before when the context has had its offer.
        An answer is awaited for as long as a willing gap before its absence counts.
        """
        whole_s = self._lapse_s(parameters)
        silence = silence_cue(silence_s, whole_s, parameters.offer_at)
        cues = {name: cue for name, cue in self._cues.items() if _weight(name, parameters)}
        if silence_s <= willing_gap_s(whole_s):
            cues.pop("unanswered_question", None)
        context = self._joined(cues, parameters)
        joined = 1 - (1 - silence.score) * (1 - context)
        score = joined if self._finished else max(silence.score, context)
        reasons = (cue.reason for cue in (silence, *cues.values()))
        return Judgement(score, tuple(filter(None, reasons)), self._trigger(silence_s, parameters))

    def _lapse_s(self, parameters: TopicParameters) -> float:
        return lapse_s(parameters, self._tag, self._finished)

    def _is_whole(self, silence_s: float, parameters: TopicParameters) -> bool:
        return silence_s > self._lapse_s(parameters) - _ROUNDING_S

    def _context(self, parameters: TopicParameters) -> float:
        return self._joined(self._cues, parameters)

    def _joined(self, cues: Mapping[str, Cue], parameters: TopicParameters) -> float:
        """The score without silence, at most what lets half a lapse of silence reach ``offer_at``."""
        calm = math.prod(1 - _weight(name, parameters) * cue.score for name, cue in cues.items())
        whole_s = self._lapse_s(parameters)
        half = silence_cue(whole_s / 2, whole_s, parameters.offer_at).score
        return min(1 - calm, (parameters.offer_at - half) / (1 - half))

    def _trigger(self, silence_s: float, parameters: TopicParameters) -> Trigger:
        """Silence when it is enough on its own, else the strongest cue that is worth naming."""
        if self._is_whole(silence_s, parameters) or not self._finished or self._spent:
            return Trigger.SILENCE
        named = {name: cue for name, cue in self._cues.items() if cue.reason}
        strength = {name: _weight(name, parameters) * cue.score for name, cue in named.items()}
        strongest = max(strength, key=lambda name: strength[name], default="")
        return _TRIGGERS.get(strongest, Trigger.SILENCE) if strength.get(strongest) else Trigger.SILENCE


def _weight(name: str, parameters: TopicParameters) -> float:
    weight: float = getattr(parameters, f"{name}_weight")
    return weight
