"""The memory of one conversation."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from stalk_ros.topics.checks import commands
from stalk_ros.topics.languages import primary
from stalk_ros.topics.memory.feedback import Feedback
from stalk_ros.topics.memory.heard import hear
from stalk_ros.topics.memory.people import People
from stalk_ros.topics.memory.questions import Questions
from stalk_ros.topics.memory.summary import Summary
from stalk_ros.topics.memory.things import Things
from stalk_ros.topics.memory.topic import TalkTopic

if TYPE_CHECKING:
    from stalk_ros.events import Suggestion, Utterance
    from stalk_ros.topics.memory.heard import Heard
    from stalk_ros.topics.memory.people import Person
    from stalk_ros.topics.memory.things import Topic
    from stalk_ros.topics.recommender import Thread

MAX_TURNS = 60
"""Turns remembered word by word: some five minutes of lively talk."""

_QUIET_SHARE = 0.5
"""Who talks less than this part of an even share is quiet."""


class Memory:
    """What is known of one conversation; of bounded size, however long it lasts.

    Attributes:
        turns: recent attributed utterances, oldest first.
    """

    def __init__(self) -> None:
        self.turns: deque[Utterance] = deque(maxlen=MAX_TURNS)
        self._heard: deque[Heard] = deque(maxlen=MAX_TURNS)
        self._topic = TalkTopic()
        self._things = Things()
        self._questions = Questions()
        self._people = People()
        self._summary = Summary()
        self._feedback = Feedback()

    def add(self, utterance: Utterance) -> None:
        """Remember what was said."""
        if len(self._heard) == MAX_TURNS and not commands(self._heard[0].utterance.text):
            self._summary.add(self._heard[0])
        self.turns.append(utterance)
        heard = hear(utterance, self.language)
        self._heard.append(heard)
        self._things.add(heard, self._topic.add(heard))
        self._questions.add(heard)
        self._people.add(heard)
        self._feedback.add(heard)

    @property
    def language(self) -> str:
        """Primary subtag of the language spoken last, "" when that is not known."""
        return next((primary(turn.language) for turn in reversed(self.turns) if turn.language), "")

    @property
    def topic(self) -> str:
        """What the talk is about at the moment, "" when that is not known."""
        return self._topic.name

    @property
    def topic_since_ns(self) -> int:
        """Audio time of the turn with which the talk last turned to another topic, 0 at first."""
        return self._topic.since_ns

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Everything the talk was about, what was touched last first."""
        return self._things.topics

    def threads(self) -> tuple[Thread, ...]:
        """What was mentioned and not followed up, the best first."""
        return self._things.threads()

    def questions(self) -> tuple[Utterance, ...]:
        """What was asked and not answered, the latest first."""
        return self._questions.unanswered()

    @property
    def names(self) -> dict[str, str]:
        """Names by speaker id, of those who are enrolled or have told theirs."""
        return self._people.names

    @property
    def people(self) -> dict[str, Person]:
        """What each speaker has said since the session began, who spoke last at the end."""
        return self._people.people

    @property
    def summary(self) -> str:
        """What was said before `turns`, "" = nothing."""
        return self._summary.text(self.names)

    def to_summarize(self) -> tuple[str, tuple[Utterance, ...]] | None:
        """An older summary and the turns after it, when there are enough of them for a model to sum up."""
        return self._summary.waiting(self.names)

    def summarized(self, text: str) -> None:
        """What the model made of `to_summarize`; "" = nothing, then the sentences that were selected stay."""
        self._summary.replace(text)

    def suggested(self, suggestion: Suggestion) -> None:
        """Remember an offer, and that what it asks about is followed up."""
        self._feedback.suggested(suggestion)
        self._things.close(suggestion.topic, suggestion.language)

    def spoken(self, time_ns: int) -> None:
        """The robot has said the last offer, to its end at ``time_ns``."""
        self._feedback.spoken(time_ns)

    def heard_robot(self, utterance: Utterance) -> None:
        """The robot's own voice was heard: it has said the last offer, if that was made before."""
        self._feedback.heard_robot(utterance.start_ns, utterance.end_ns)

    def withdrawn(self, suggestion: Suggestion) -> None:
        """An offer was taken back; whether people take it up counts only if the robot had said it."""
        self._feedback.withdrawn(suggestion)

    @property
    def suggested_texts(self) -> tuple[str, ...]:
        """Sentences suggested so far, oldest first."""
        return self._feedback.texts

    def suggested_topics(self, since_ns: int = 0) -> tuple[str, ...]:
        """Topics suggested at or after an audio time, oldest first."""
        return self._feedback.topics(since_ns)

    def liked(self) -> dict[str, float]:
        """Topics suggested before, areas of the bank among them, to how people took them up, -1 to 1."""
        return self._feedback.liked()

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
