"""What must be true of a sentence before a robot may say it, whoever thought of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.topics.checks import claims, form, orders, repetition, tongue, vocabulary
from stalk_ros.topics.checks.avoid import AvoidLists, avoided
from stalk_ros.topics.checks.orders import commands, ordering

if TYPE_CHECKING:
    from stalk_ros.topics.recommender import Draft, TopicRequest

__all__ = ["AvoidLists", "Checks", "avoided", "commands", "ordering"]


class Checks:
    """Says what is wrong with a draft.

    Args:
        avoid: path of lists of what to avoid (YAML), in place of or beside the package's; "" = the package's.

    Raises:
        UserError: the lists cannot be read.
    """

    def __init__(self, avoid: str = "") -> None:
        self._avoid = AvoidLists(avoid)

    def complaint(self, draft: Draft, request: TopicRequest) -> str:
        """What keeps a draft from being offered, in words; "" when nothing does.

        Args:
            draft: what an engine answered, of whatever type it is.
            request: what it was asked, with all that was said.
        """
        return (
            form.complaint(draft, request)
            or tongue.complaint(draft.text, request.language)
            or repetition.complaint(draft, request)
            or self._touches(draft, request.language)
            or self._unfounded(draft, request)
        )

    def suspicion(self, draft: Draft, request: TopicRequest) -> str:
        """What keeps the draft of a model, which may have read more than was noticed, from being offered.

        Args:
            draft: what a model answered, without `complaint`.
            request: what it was asked, with all that was said.
        """
        return vocabulary.complaint(draft, request, ordering(request.turns))

    def _touches(self, draft: Draft, tag: str) -> str:
        for text in (draft.text, draft.topic):
            category = self._avoid.category(text, tag)
            if category:
                return f"it touches {category}"
        return ""

    def _unfounded(self, draft: Draft, request: TopicRequest) -> str:
        ordered = ordering(request.turns)
        return orders.complaint(draft, request, ordered) or claims.complaint(draft, request, ordered)
