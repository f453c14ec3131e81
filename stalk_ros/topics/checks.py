"""What must be true of a sentence before a robot may say it, whoever thought of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stalk_ros.topics.recommender import Draft, TopicRequest


class Checks:
    """Says what is wrong with a draft.

    Args:
        avoid: path of lists of what to avoid (YAML), in place of or beside the package's; "" = the package's.

    Raises:
        UserError: the lists cannot be read.
    """

    def __init__(self, avoid: str = "") -> None:
        self._avoid = avoid

    def complaint(self, draft: Draft, request: TopicRequest) -> str:
        """What keeps a draft from being offered, in words; "" when nothing does."""
        return ""


def commands(text: str) -> bool:
    """Whether somebody tries to give a model orders with what he says; then no model gets to read it."""
    return False
