"""Which suggestion is said: each at most once, and none that is out of date or taken back."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stalk_ros.events import SuggestionStatus
from stalk_ros.mouth.command import speakable

if TYPE_CHECKING:
    from stalk_ros.events import Suggestion

_REMEMBERED = 1000
"""Ids of so many suggestions are remembered, so that none is said twice."""


@dataclass(frozen=True)
class Turn:
    """The robot's turn to speak; ``over`` is set when it is taken away, because somebody else speaks."""

    offer: Suggestion
    over: threading.Event = field(default_factory=threading.Event)


class Turns:
    """Gives the turn to the newest offer that stands; any thread may call it.

    Attributes:
        expired: offers that waited until they were out of date.
    """

    def __init__(self) -> None:
        self.expired = 0
        self._lock = threading.Lock()
        self._open = False
        self._known: OrderedDict[str, None] = OrderedDict()
        self._waiting: Suggestion | None = None
        self._turn: Turn | None = None
        self._now_ns: int | None = None

    def begin(self) -> None:
        """Take offers from now on; what time it is in the audio has to be told anew."""
        with self._lock:
            self._open = True
            self._now_ns = None

    def end(self) -> None:
        """Take no offers any more; the turn is over, and nothing waits."""
        with self._lock:
            self._open = False
            self._waiting = None
            if self._turn:
                self._turn.over.set()

    def heard(self, time_ns: int) -> None:
        """Audio time is ``time_ns`` now, which is earlier than before where another stream has begun."""
        with self._lock:
            self._now_ns = time_ns

    def suggested(self, suggestion: Suggestion, interrupt: bool = True) -> bool:
        """Take an offer, or a withdrawal, in whatever order they come; whether an offer waits through it.

        A new offer replaces the one that waits.

        Args:
            suggestion: the offer or withdrawal.
            interrupt: a withdrawal ends the turn of what is being said.
        """
        with self._lock:
            suggestion_id = suggestion.suggestion_id
            known = suggestion_id in self._known
            self._remember(suggestion_id)
            if suggestion.status == SuggestionStatus.WITHDRAWN:
                if self._waiting and self._waiting.suggestion_id == suggestion_id:
                    self._waiting = None
                if interrupt and self._turn and self._turn.offer.suggestion_id == suggestion_id:
                    self._turn.over.set()
                return False
            if known or not self._open or not speakable(suggestion.text):
                return False
            self._waiting = suggestion
            return True

    def take(self) -> Turn | None:
        """Give the turn to the offer that waits; None when none does that is still valid."""
        with self._lock:
            offer, self._waiting, self._turn = self._waiting, None, None
            if offer is None:
                return None
            now_ns = offer.time_ns if self._now_ns is None else self._now_ns
            if now_ns > offer.valid_until_ns:
                self.expired += 1
                return None
            self._turn = Turn(offer)
            return self._turn

    def _remember(self, suggestion_id: str) -> None:
        self._known[suggestion_id] = None
        self._known.move_to_end(suggestion_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
