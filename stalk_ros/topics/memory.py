"""What the recommender remembers of a conversation."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from stalk_ros.topics.keyphrases import keyphrases
from stalk_ros.topics.languages import primary

if TYPE_CHECKING:
    from stalk_ros.events import Utterance

MAX_TURNS = 60
"""Turns remembered: some five minutes of lively talk."""

MAX_SUGGESTIONS = 5000
"""Suggestions remembered so that none is made twice: a day of one every 20 s."""

_TOPIC_TURNS = 8
"""The topic of the moment is in the last turns."""

_QUIET_SHARE = 0.5
"""Who talks less than this part of an even share is quiet."""


class Memory:
    """The recent turns and all suggestions of one session.

    Attributes:
        turns: recent attributed utterances, oldest first.
        topic: what the talk is about at the moment, "" when that is not known.
    """

    def __init__(self) -> None:
        self.turns: deque[Utterance] = deque(maxlen=MAX_TURNS)
        self.topic = ""
        self._texts: deque[str] = deque(maxlen=MAX_SUGGESTIONS)
        self._topics: deque[str] = deque(maxlen=MAX_SUGGESTIONS)

    @property
    def texts(self) -> tuple[str, ...]:
        """Sentences suggested so far, oldest first."""
        return tuple(self._texts)

    @property
    def suggested_topics(self) -> tuple[str, ...]:
        """Their topics."""
        return tuple(self._topics)

    @property
    def language(self) -> str:
        """Primary subtag of the language spoken last, "" when that is not known."""
        return next((primary(turn.language) for turn in reversed(self.turns) if turn.language), "")

    def add(self, utterance: Utterance) -> None:
        """Remember what was said."""
        self.turns.append(utterance)
        found = keyphrases(tuple(self.turns)[-_TOPIC_TURNS:], self.language)
        self.topic = found[0].topic if found else ""

    def suggested(self, offer: Suggestion) -> None:
        """Remember what was suggested."""
        self._texts.append(offer.text)
        self._topics.append(offer.topic)

    summary = ""
    names: dict[str, str] = {}

    def threads(self):
        return ()

    def questions(self):
        return ()

    def liked(self):
        return {}

    def spoken(self):
        pass

    def withdrawn(self, s):
        pass

    def to_summarize(self):
        return None

    def summarized(self, text):
        pass

    def talk_share(self) -> dict[str, float]:
        """Each known speaker's share of the remembered talking time, in order of appearance."""
        spoken: dict[str, int] = {}
        for turn in self.turns:
            if turn.speaker_id:
                spoken[turn.speaker_id] = spoken.get(turn.speaker_id, 0) + turn.end_ns - turn.start_ns
        total = sum(spoken.values())
        return {speaker: duration / total for speaker, duration in spoken.items()} if total else {}

    def quiet_speakers(self) -> tuple[str, ...]:
        """Who has said much less than the others, the quietest first."""
        shares = self.talk_share()
        quiet = [speaker for speaker, share in shares.items() if share * len(shares) < _QUIET_SHARE]
        return tuple(sorted(quiet, key=lambda speaker: shares[speaker]))
