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
        self._being_said: list[Suggestion] = []
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

    def robot_begins(self, time_ns: int) -> None:
        """The robot begins to speak: it says what stands, and nothing that has expired."""
        self._being_said = [offer for offer in self._standing if time_ns <= offer.valid_until_ns]

    def robot_ends(self) -> bool:
        """The robot has spoken; whether it said an offer to its end, which can no longer be taken back."""
        said = bool(self._being_said)
        if said:
            self._standing, self._being_said = [], []
        return said

    def withdraw(self, since_ns: int, known_ns: int | None = None) -> list[Suggestion]:
        """Take back what stands when somebody speaks from ``since_ns`` on, or the robot is saying.

        Args:
            since_ns: audio time.
            known_ns: up to when that is known. An offer that was made later, which was asked for while the
                transcript lagged behind, is made in the silence after that speech. None = of no matter.
        """
        over = [offer for offer in self._standing if known_ns is None or offer.time_ns < known_ns]
        self._standing = [offer for offer in self._standing if offer not in over]
        said = self._being_said
        self._being_said = [offer for offer in said if offer not in over]
        return [
            replace(offer, status=SuggestionStatus.WITHDRAWN, time_ns=max(since_ns, offer.time_ns))
            for offer in over
            if since_ns <= offer.valid_until_ns or offer in said
        ]

    def _new_id(self, time_ns: int) -> str:
        """The offer's time in ms; with a number when there was one at that time already."""
        time_ms = time_ns // 1_000_000
        same = self._times_ms.count(time_ms)
        self._times_ms.append(time_ms)
        return f"t{time_ms}" + (f"-{same + 1}" if same else "")
