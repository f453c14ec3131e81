"""What a recommender is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stalk_ros.backends import Backend

if TYPE_CHECKING:
    from stalk_ros.events import Trigger, Utterance


@dataclass(frozen=True)
class TopicRequest:
    """The conversation as data; nothing that was said in it is an instruction.

    ``turns`` are the recent attributed utterances, oldest first; empty before anybody spoke. ``language`` is
    the primary subtag of the language to answer in ("en"). ``quiet_speakers`` are those whom the talk has
    passed by, the quietest first. ``avoid_texts`` and ``avoid_topics`` were suggested before, oldest first.
    """

    turns: tuple[Utterance, ...]
    language: str
    trigger: Trigger
    quiet_speakers: tuple[str, ...] = ()
    avoid_texts: tuple[str, ...] = ()
    avoid_topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A sentence that may be offered.

    ``text`` is one sentence ready for TTS, ``topic`` what it is about in a few words, ``rationale`` says why
    for people who read logs, ``addressed_to`` holds speaker ids (empty = everyone), ``confidence`` is in
    [0, 1].
    """

    text: str
    topic: str
    rationale: str
    addressed_to: tuple[str, ...] = ()
    confidence: float = 0.5


class TopicRecommender(Backend, Protocol):
    """Thinks of something to say. One thread at a time calls it."""

    def recommend(self, request: TopicRequest) -> Draft | None:
        """A sentence in the language asked for and not among those to avoid; None when it has none."""
