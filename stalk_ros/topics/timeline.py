"""Voice activity and utterances in the order of the audio, however late each of them arrives.

The two come over different topics, and an utterance comes later than the activity around it, by as much as
the engines need. What this hands on depends on the audio alone:

- An utterance comes before the activity whose state began when it ended, or later.
- An activity waits until every utterance that ended when its state began, or before, has arrived: until
  ``transcribed_until_ns`` says that no other will come, and the utterance that ends at
  ``last_utterance_end_ns`` is there (of an utterance that was split, the last part ends at the original end).
- Silence also waits until ``transcribed_until_ns`` has reached it, since a sound in it may turn out to be
  speech. When it does, what was reported as silence after the speech began is left out.

Newer activities tell how far the transcript has come for the older ones that wait.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from typing import TYPE_CHECKING

from stalk_ros.clock import NANOSECONDS
from stalk_ros.events import Utterance, VoiceActivity

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ACTIVITIES = 3000
"""So many activities wait, five minutes at ten per second; then the oldest goes on without its utterances."""

MAX_UTTERANCES = 200
"""So many utterances wait; then the oldest is handed on."""

REPEAT_NS = 2 * NANOSECONDS
"""An activity older than the newest by up to this is a repetition; an even older one begins a new stream."""


class Timeline:
    """Merges the two topics of one conversation.

    Attributes:
        newest: the newest activity that arrived, None before the first.
        overdue: activities handed on without waiting any longer.
    """

    def __init__(self) -> None:
        self.newest: VoiceActivity | None = None
        self.overdue = 0
        self._activities: deque[VoiceActivity] = deque()
        self._utterances: list[Utterance] = []
        self._transcribed_until_ns = 0
        self._published_until_ns = 0
        self._arrived_until_ns = 0
        self._begin_ns = 0

    @property
    def waits_ns(self) -> int:
        """For how much audio the oldest activity has been waiting; 0 when none waits."""
        first = next(iter(self._activities), None)
        return self.newest.time_ns - first.time_ns if first and self.newest else 0

    def heard(self, activity: VoiceActivity) -> list[VoiceActivity | Utterance]:
        """Add an activity; returns what comes next in audio time, in order."""
        ready: list[VoiceActivity | Utterance] = []
        if self.newest is not None and activity.time_ns < self.newest.time_ns - REPEAT_NS:
            ready = self._rest()
            self.newest = None
        if self.newest is None:
            self._begin(activity)
        self._note(activity)
        return ready + list(self._ready())

    def said(self, utterance: Utterance) -> list[VoiceActivity | Utterance]:
        """Add an attributed final utterance; returns what comes next in audio time, in order."""
        if utterance.end_ns <= self._begin_ns:
            return []
        insort(self._utterances, utterance, key=_end_ns)
        excess = len(self._utterances) - MAX_UTTERANCES
        ready: list[VoiceActivity | Utterance] = [self._pop() for _ in range(excess)]
        return ready + list(self._ready())

    def _begin(self, activity: VoiceActivity) -> None:
        """Start with an activity; what was said before may be lost, so it is neither awaited nor taken."""
        self._begin_ns = _published_until_ns(activity)
        self._published_until_ns = self._arrived_until_ns = self._begin_ns
        self._transcribed_until_ns = activity.transcribed_until_ns

    def _rest(self) -> list[VoiceActivity | Utterance]:
        """Everything that waits, when a new stream begins and nothing is sure to come any more."""
        rest: list[VoiceActivity | Utterance] = []
        while self._activities:
            rest += self._next()
        return rest + [self._pop() for _ in range(len(self._utterances))]

    def _note(self, activity: VoiceActivity) -> None:
        self._transcribed_until_ns = max(self._transcribed_until_ns, activity.transcribed_until_ns)
        self._published_until_ns = max(self._published_until_ns, _published_until_ns(activity))
        if self.newest is None or activity.time_ns > self.newest.time_ns:
            self._enqueue(activity)
        if self.newest is None or activity.time_ns >= self.newest.time_ns:
            self.newest = activity

    def _enqueue(self, activity: VoiceActivity) -> None:
        while activity.speech and self._activities:
            last = self._activities[-1]
            if last.speech or last.time_ns <= activity.since_ns:
                break
            self._activities.pop()
        self._activities.append(activity)

    def _ready(self) -> Iterator[VoiceActivity | Utterance]:
        while self._activities and (
            self._complete(self._activities[0]) or self._give_up(self._activities[0])
        ):
            yield from self._next()

    def _complete(self, activity: VoiceActivity) -> bool:
        """Whether all that was said before the activity is here."""
        if self._transcribed_until_ns < _known_ns(activity):
            return False
        published_ns = self._published_until_ns
        arrived_ns = max(
            (utterance.end_ns for utterance in self._utterances if utterance.end_ns <= published_ns),
            default=self._arrived_until_ns,
        )
        return max(arrived_ns, self._arrived_until_ns) >= min(published_ns, activity.since_ns + 1)

    def _give_up(self, activity: VoiceActivity) -> bool:
        """Stop waiting for what keeps the activity back, when too many wait behind it."""
        if len(self._activities) <= MAX_ACTIVITIES:
            return False
        self.overdue += 1
        self._transcribed_until_ns = max(self._transcribed_until_ns, _known_ns(activity))
        self._arrived_until_ns = self._published_until_ns
        return True

    def _next(self) -> Iterator[VoiceActivity | Utterance]:
        activity = self._activities.popleft()
        while self._utterances and self._utterances[0].end_ns <= activity.since_ns:
            yield self._pop()
        yield activity

    def _pop(self) -> Utterance:
        utterance = self._utterances.pop(0)
        self._arrived_until_ns = max(self._arrived_until_ns, utterance.end_ns)
        return utterance


def _end_ns(utterance: Utterance) -> int:
    return utterance.end_ns


def _known_ns(activity: VoiceActivity) -> int:
    """Up to when nothing new may be said, so that the activity stands as it is."""
    return activity.since_ns if activity.speech else activity.time_ns


def _published_until_ns(activity: VoiceActivity) -> int:
    """When the last utterance ended; one that ended in the future belongs to an earlier stream."""
    end_ns = activity.last_utterance_end_ns
    return end_ns if end_ns <= activity.time_ns else 0
