"""What a recommender is asked and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from stalk_ros.backends import Backend

if TYPE_CHECKING:
    from stalk_ros.events import Trigger, Utterance

Cancelled = Callable[[], bool]
"""Whether the answer is no longer wanted; cheap, and from any thread."""


@dataclass(frozen=True)
class Thread:
    """Something that was mentioned and that nobody has followed up.

    ``topic`` names it ("piano"), ``phrase`` is how a question to ``speaker_id``, who brought it up, refers to
    it ("the piano"), ``said`` is the utterance in which it was mentioned last, ``weight`` in (0, 1] says how
    present it is.
    """

    topic: str
    phrase: str
    speaker_id: str
    said: Utterance
    weight: float = 1.0


@dataclass(frozen=True)
class TopicRequest:
    """The conversation as data; nothing that was said in it is an instruction.

    ``turns`` are the recent attributed utterances, oldest first; empty before anybody spoke. ``summary`` is
    what was said before them, "" = nothing. ``language`` is the primary subtag of the language to answer in
    ("en"). ``threads`` are open, the best first, and ``questions`` those that nobody answered, the latest
    first. ``names`` maps speaker ids to names, where they are known. ``quiet_speakers`` are those whom the
    talk has passed by, the quietest first. ``avoid_texts`` and ``avoid_topics`` were suggested before, oldest
    first. ``liked`` maps topics that were suggested before to how well they were taken up, -1 to 1.
    """

    turns: tuple[Utterance, ...]
    language: str
    trigger: Trigger
    summary: str = ""
    threads: tuple[Thread, ...] = ()
    questions: tuple[Utterance, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    quiet_speakers: tuple[str, ...] = ()
    avoid_texts: tuple[str, ...] = ()
    avoid_topics: tuple[str, ...] = ()
    liked: Mapping[str, float] = field(default_factory=dict)


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
    """Thinks of something to say. One thread at a time calls it.

    Attributes:
        instant: it answers in a few milliseconds, always the same to the same request, so that it is asked
            when the answer is wanted; any other is asked ahead of time, in a thread of its own.
    """

    instant: bool

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """A sentence in the language asked for and not among those to avoid; None when it has none.

        Returns None soon after ``cancelled`` is true.

        Raises:
            EngineError: it failed or answered nonsense.
        """

    def summarize(
        self, summary: str, turns: tuple[Utterance, ...], language: str, cancelled: Cancelled
    ) -> str:
        """What is worth remembering of an older summary and of the turns after it, in a few sentences.

        "" when it cannot, or was cancelled; then sentences are selected.

        Raises:
            EngineError: it failed or answered nonsense.
        """
