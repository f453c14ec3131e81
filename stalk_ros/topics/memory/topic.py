"""What the talk is about at the moment."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from stalk_ros.topics.keyphrases import keyphrases
from stalk_ros.topics.memory.tracking import TopicTracker

if TYPE_CHECKING:
    from stalk_ros.events import Utterance
    from stalk_ros.topics.memory.heard import Heard

_TOPIC_TURNS = 8
"""The topic of the moment is in the last turns."""

_OUTWEIGHS = 1.5
"""Another thing must weigh so many times as much before the talk is about that instead."""


class TalkTopic:
    """The weightiest thing since the talk last turned to something else.

    Attributes:
        name: what the talk is about, "" when that is not known.
        since_ns: audio time of the turn with which it turned to that.
    """

    def __init__(self) -> None:
        self.name = ""
        self.since_ns = 0
        self._tracker = TopicTracker()
        self._turns: deque[Utterance] = deque(maxlen=_TOPIC_TURNS)

    def add(self, heard: Heard) -> bool:
        """Take in a turn; returns whether it begins with another topic."""
        shift = self._tracker.shifts(heard)
        if shift or not self._turns:
            self._turns.clear()
            self.since_ns = heard.utterance.start_ns
        self._turns.append(replace(heard.utterance, text=heard.text, words=()))
        self.name = self._weightiest(heard.language)
        return shift

    def _weightiest(self, tag: str) -> str:
        found = keyphrases(self._turns, tag)
        if not found:
            return ""
        weights = {keyphrase.topic: keyphrase.weight for keyphrase in found}
        stays = weights.get(self.name, 0.0) * _OUTWEIGHS >= found[0].weight
        return self.name if stays else found[0].topic
