"""Stand-ins where it is measured when something is offered, and not what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.topics import Draft
from stalk_ros.topics.checks import Checks

if TYPE_CHECKING:
    from stalk_ros.events import Utterance
    from stalk_ros.topics import TopicRequest
    from stalk_ros.topics.recommender import Cancelled

CUES = ("minimal_responses", "repetition", "one_sided", "unanswered_question", "hesitation")
"""The signs of awkwardness beside silence."""

SILENCE_ALONE = {f"{cue}_weight": 0.0 for cue in CUES}
"""Parameters with which nothing else brings an offer forward."""


class Talkative:
    """A `TopicRecommender` that always has something new and harmless to say."""

    name = "stand-in"
    instant = True

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """See `stalk_ros.topics.TopicRecommender.recommend`."""
        number = len(request.avoid_texts)
        return Draft(f"What would you do with {number} free days?", f"free days {number}", "it is a bench")

    def summarize(
        self, summary: str, turns: tuple[Utterance, ...], language: str, cancelled: Cancelled
    ) -> str:
        """See `stalk_ros.topics.TopicRecommender.summarize`."""
        return ""


class Anything(Checks):
    """Lets pass whatever is said."""

    def complaint(self, draft: Draft, request: TopicRequest) -> str:
        """See `Checks.complaint`."""
        return ""
