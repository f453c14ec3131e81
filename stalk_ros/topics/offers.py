"""Suggestions that stand until somebody speaks."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Suggestion, SuggestionStatus, Trigger

if TYPE_CHECKING:
    from stalk_ros.topics.recommender import Draft

_REMEMBERED = 1000
"""Ids of so many offers are remembered, so that none is given twice."""


class Offers:
    """Makes offers and takes back those that stand."""

    def __init__(self) -> None:
        self._standing: list[Suggestion] = []
        self._times_ms: deque[int] = deque(maxlen=_REMEMBERED)

    def make(
        self,
        draft: Draft,
        source: str,
        *,
        time_ns: int,
        language: str,
        trigger: Trigger,
        awkwardness: float,
        valid_s: float,
    ) -> Suggestion:
        """Offer a draft of the engine ``source`` at ``time_ns``."""
        offer = Suggestion(
            time_ns,
            self._new_id(time_ns),
            SuggestionStatus.OFFERED,
            draft.text,
            language,
            draft.topic,
            draft.rationale,
            draft.addressed_to,
            trigger,
            awkwardness,
            draft.confidence,
            source,
            time_ns + seconds_to_ns(valid_s),
        )
        self._standing.append(offer)
        return offer

    def spoken(self) -> None:
        """The robot has said what stood: that can no longer be taken back."""
        self._standing.clear()

    def withdraw(self, time_ns: int) -> list[Suggestion]:
        """Take back the offers that still stand at ``time_ns``."""
        standing, self._standing = self._standing, []
        return [
            replace(offer, status=SuggestionStatus.WITHDRAWN, time_ns=max(time_ns, offer.time_ns))
            for offer in standing
            if time_ns <= offer.valid_until_ns
        ]

    def _new_id(self, time_ns: int) -> str:
        """The offer's time in ms; with a number when there was one at that time already."""
        time_ms = time_ns // 1_000_000
        same = self._times_ms.count(time_ms)
        self._times_ms.append(time_ms)
        return f"t{time_ms}" + (f"-{same + 1}" if same else "")
