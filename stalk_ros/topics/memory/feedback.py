"""What was suggested, and whether people took it up."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stalk_ros.clock import NANOSECONDS
from stalk_ros.topics.content import content_words
from stalk_ros.topics.turns import is_question

if TYPE_CHECKING:
    from stalk_ros.events import Suggestion
    from stalk_ros.topics.memory.heard import Heard

MAX_SUGGESTIONS = 5000
"""Suggestions remembered so that none is made twice: a day of one every 20 s."""

MAX_JUDGED = 500
"""Topics whose reception is remembered, those that were judged last."""

_HEARD_NS = 2 * NANOSECONDS
"""Who begins to speak sooner after an offer has not heard it."""

_REPLY_NS = 30 * NANOSECONDS
_REPLY_TURNS = 4
"""What is said later than this, and after so many turns with content, is no reaction to an offer."""


@dataclass(frozen=True)
class _Offer:
    suggestion: Suggestion
    words: frozenset[str]
    since_ns: int
    spoken: bool = False
    withdrawn: bool = False
    unheard: bool = False
    turns: int = 0


class Feedback:
    """The suggestions of a session and their reception.

    A suggestion is taken up when one of the next turns has a content word of it, or when the first of them is
    a full answer to a question that the robot did say. Else it was passed over, also when nobody says
    anything. Whether the robot had said one that was withdrawn is known only when it is taken up, or when
    the robot itself was heard, whose voice may have withdrawn it.
    """

    def __init__(self) -> None:
        self._made: deque[tuple[int, str, str]] = deque(maxlen=MAX_SUGGESTIONS)
        self._judged: dict[str, tuple[int, int]] = {}
        self._offer: _Offer | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Sentences suggested so far, oldest first."""
        return tuple(text for _, text, _ in self._made)

    def topics(self, since_ns: int) -> tuple[str, ...]:
        """Topics suggested at or after an audio time, oldest first."""
        return tuple(topic for time_ns, _, topic in self._made if time_ns >= since_ns)

    def liked(self) -> dict[str, float]:
        """Topics that were suggested to how they were received, -1 (passed over) to 1 (taken up).

        The difference of both by one more than their sum: one reception says less than many.
        """
        return {topic: (up - over) / (up + over + 1) for topic, (up, over) in self._judged.items()}

    def suggested(self, suggestion: Suggestion) -> None:
        """An offer goes out; there was no reaction to the one before."""
        self._pass_over()
        self._made.append((suggestion.time_ns, suggestion.text, suggestion.topic))
        found = content_words(f"{suggestion.topic}. {suggestion.text}", suggestion.language)
        self._offer = _Offer(suggestion, frozenset(found), suggestion.time_ns)

    def spoken(self, time_ns: int) -> None:
        """The robot has said the offer to its end."""
        if self._offer is not None and not self._offer.withdrawn:
            self._offer = replace(self._offer, since_ns=max(time_ns, self._offer.since_ns), spoken=True)

    def heard_robot(self, start_ns: int, end_ns: int) -> None:
        """The robot was heard: it has said the offer, though it was withdrawn because of that very voice."""
        if self._offer is not None and start_ns >= self._offer.suggestion.time_ns:
            self._offer = replace(self._offer, withdrawn=False, unheard=False)
            self.spoken(end_ns)

    def withdrawn(self, suggestion: Suggestion) -> None:
        """An offer was taken back."""
        offer = self._offer
        if offer is None or offer.spoken or offer.suggestion.suggestion_id != suggestion.suggestion_id:
            return
        heard = suggestion.time_ns >= offer.suggestion.time_ns + _HEARD_NS
        self._offer = replace(offer, withdrawn=True, unheard=not heard)

    def add(self, heard: Heard) -> None:
        """Take in a turn."""
        offer = self._offer
        if offer is None or offer.unheard or heard.minimal:
            return
        if heard.utterance.start_ns - offer.since_ns > _REPLY_NS:
            self._pass_over()
        elif offer.words & frozenset(heard.words) or _answers(offer, heard):
            self._judge(offer, taken_up=True)
        elif offer.turns + 1 >= _REPLY_TURNS:
            self._pass_over()
        else:
            self._offer = replace(offer, turns=offer.turns + 1)

    def _pass_over(self) -> None:
        offer, self._offer = self._offer, None
        if offer is not None and not offer.withdrawn:
            self._judge(offer, taken_up=False)

    def _judge(self, offer: _Offer, taken_up: bool) -> None:
        self._offer = None
        topic = offer.suggestion.topic
        up, over = self._judged.pop(topic, (0, 0))
        self._judged[topic] = (up + taken_up, over + (not taken_up))
        if len(self._judged) > MAX_JUDGED:
            del self._judged[next(iter(self._judged))]


def _answers(offer: _Offer, heard: Heard) -> bool:
    asked = is_question(offer.suggestion.text, offer.suggestion.language)
    return offer.spoken and offer.turns == 0 and asked and bool(heard.tells)
