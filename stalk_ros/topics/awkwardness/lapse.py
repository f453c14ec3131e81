"""How much silence people bear before it is awkward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.topics.languages import primary

if TYPE_CHECKING:
    from stalk_ros.topics.parameters import TopicParameters

_WILLING_GAP_S = 0.7
"""Up to about this, a gap before an answer is not heard as reluctance (Roberts and Francis 2013, "Identifying
a temporal threshold of tolerance for silent gaps after requests"), and quick answers are how connection feels
(Templeton et al. 2022, "Fast response times signal social connection in conversation")."""

_LAPSES_S = {"strangers": 3.0, "acquaintances": 4.0, "friends": 7.0}
"""A silence is a lapse from 3 s (McLaughlin and Cody 1982, "Awkward silences: behavioral antecedents and
consequences of the conversational lapse", on strangers); one of 4 s makes people feel rejected (Koudenburg,
Postmes and Gordijn 2011, "Disrupting the flow: how brief silences in group conversations affect social
needs"). Long gaps are awkward among strangers and not among friends (Templeton et al. 2023, "Long gaps
between turns are awkward for strangers but not for friends"); that friends bear 7 s is assumed."""

_FACTORS = {"en": 1.0, "ko": 1.25, "ja": 2.0}
"""Silence borne beside that in English. In business meetings the longest pauses of Japanese speakers were
about twice those of Americans (Yamada 1992, "American and Japanese business discourse"); for Korean no
measurement is known to us: it is assumed between the two and nearer to English. This is about lapses only:
answers come as quickly in both languages as in English, or quicker (Stivers et al. 2009, "Universals and
cultural variation in turn-taking in conversation")."""


def lapse_s(parameters: TopicParameters, tag: str, finished: bool) -> float:
    """The silence that calls for a suggestion on its own, in seconds.

    Args:
        parameters: say how well people know each other, or the silence itself.
        tag: BCP 47 tag of the language of the talk; one without a factor counts as English.
        finished: whether the last turn was; within a turn silence is waited through for longer.
    """
    silence_s = parameters.silence_s
    if not silence_s:
        factor = parameters.silence_factor or _FACTORS.get(primary(tag), 1.0)
        silence_s = _LAPSES_S[parameters.relationship] * factor
    return silence_s if finished else silence_s * parameters.mid_turn_factor


def willing_gap_s(lapse_s: float) -> float:
    """The silence that says nothing yet, in seconds: `_WILLING_GAP_S`, or a quarter of a short lapse."""
    return min(_WILLING_GAP_S, lapse_s / 4)
