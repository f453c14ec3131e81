"""Parameters of topic recommendation."""

from __future__ import annotations

from dataclasses import dataclass

from stalk_ros.parameters import Parameters, parameter


@dataclass(frozen=True)
class TopicParameters(Parameters):
    """Parameters of the topic_recommender node.

    The default of ``silence_s`` is the silence that made people in a group feel rejected (Koudenburg, Postmes
    and Gordijn 2011, "Disrupting the flow"). Strangers find 2 s awkward already, friends do not mind more
    (Templeton et al. 2023, "Long gaps between turns are awkward for strangers but not for friends"), and
    speakers of Japanese bear about twice the silence of Americans.
    """

    backend: str = parameter(
        "auto", "Engine that makes suggestions: 'auto' or the name of a backend", read_only=True
    )
    model: str = parameter(
        "",
        "Model of the engine; for topic_bank the path of your own bank (YAML); empty = the engine's default",
        read_only=True,
    )
    language: str = parameter(
        "", "Language of the suggestions as a BCP 47 tag; empty = the language of the talk"
    )
    silence_s: float = parameter(
        4.0, "Silence after speech at which a suggestion is offered, in seconds", minimum=0.5, maximum=60.0
    )
    cooldown_s: float = parameter(
        20.0, "Least time from one suggestion to the next, in seconds", minimum=0.0, maximum=3600.0
    )
    valid_s: float = parameter(
        10.0, "How long an offer stands unless somebody speaks, in seconds", minimum=1.0, maximum=300.0
    )
