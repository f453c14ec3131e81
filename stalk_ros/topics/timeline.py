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
from dataclasses import replace
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
    """Merges the two topics of one conversation, stream after stream.

    Where time jumps back, what was said before may arrive when the new stream is as far again. Utterances
    arrive in the order in which they were said. So the new stream waits until its voice activity tells which
    utterance was the last of the old one, and until that is here.

    Attributes:
        overdue: activities handed on without waiting any longer.
    """

    def __init__(self) -> None:
        self._stream = _Stream()
        self._next: _Stream | None = None
        self._unsorted: list[Utterance] = []
        self._last_end_ns: int | None = None
        self._overdue = 0

    @property
    def newest(self) -> VoiceActivity | None:
        """The newest activity that arrived, None before the first."""
        return (self._next or self._stream).newest

    @property
    def overdue(self) -> int:
        """Activities handed on without waiting any longer."""
        return self._overdue + self._stream.overdue

    @property
    def waits_ns(self) -> int:
        """For how much audio the oldest activity has been waiting; 0 when none waits."""
        return self._stream.waits_ns or (self._next.waits_ns if self._next else 0)

    def heard(self, activity: VoiceActivity) -> list[VoiceActivity | Utterance]:
        """Add an activity; returns what comes next in audio time, in order."""
        ready: list[VoiceActivity | Utterance] = []
        newest = self.newest
        if newest is not None and activity.time_ns < newest.time_ns - REPEAT_NS:
            if self._next is not None:
                ready += self._change(len(self._unsorted))
            self._next, self._last_end_ns = _Stream(), None
            self._unsorted = self._stream.take_utterances()
        if self._next is None:
            self._stream.note(activity)
            return list(self._stream.ready())
        if self._last_end_ns is None and activity.transcribed_until_ns >= self._next.start_ns(activity):
            self._last_end_ns = activity.last_utterance_end_ns
        old = self._last_end_ns in (None, activity.last_utterance_end_ns)
        self._next.note(replace(activity, last_utterance_end_ns=0) if old else activity)
        return ready + self._try_change()

    def said(self, utterance: Utterance) -> list[VoiceActivity | Utterance]:
        """Add an attributed final utterance; returns what comes next in audio time, in order."""
        if self._next is None:
            return self._stream.said(utterance)
        self._unsorted.append(utterance)
        return self._try_change()

    def _try_change(self) -> list[VoiceActivity | Utterance]:
        """Go on with the next stream, when all of the old one is here or too much waits."""
        assert self._next is not None
        last_end_ns, unsorted = self._last_end_ns, self._unsorted
        ends_ns = [utterance.end_ns for utterance in unsorted]
        if last_end_ns is not None and last_end_ns <= self._stream.arrived_until_ns:
            return self._change(0)
        if last_end_ns in ends_ns:
            return self._change(ends_ns.index(last_end_ns) + 1)
        if len(unsorted) > MAX_UTTERANCES or self._next.is_full:
            self._overdue += 1
            return self._change(len(unsorted))
        return []

    def _change(self, old: int) -> list[VoiceActivity | Utterance]:
        """Hand on the rest of the old stream, with so many of the utterances, and begin the next one."""
        assert self._next is not None
        ready: list[VoiceActivity | Utterance] = []
        for utterance in self._unsorted[:old]:
            ready += self._stream.said(utterance)
        ready += self._stream.rest()
        self._overdue += self._stream.overdue
        self._stream, new = self._next, self._unsorted[old:]
        self._next, self._unsorted = None, []
        for utterance in new:
            ready += self._stream.said(utterance)
        return ready + list(self._stream.ready())


class _Stream:
    """Merges the two topics as long as time goes on.

    Attributes:
        newest: the newest activity that arrived, None before the first.
        overdue: activities handed on without waiting any longer.
        arrived_until_ns: when the latest utterance ended that was handed on, or said before all of this.
    """

    def __init__(self) -> None:
        self.newest: VoiceActivity | None = None
        self.overdue = 0
        self.arrived_until_ns = 0
        self._activities: deque[VoiceActivity] = deque()
        self._utterances: list[Utterance] = []
        self._transcribed_until_ns = 0
        self._published_until_ns = 0
        self._begin_ns = 0
        self._start_ns: int | None = None

    @property
    def waits_ns(self) -> int:
        """For how much audio the oldest activity has been waiting; 0 when none waits."""
        first = next(iter(self._activities), None)
        return self.newest.time_ns - first.time_ns if first and self.newest else 0

    @property
    def is_full(self) -> bool:
        """Whether too many activities wait."""
        return len(self._activities) > MAX_ACTIVITIES

    def start_ns(self, activity: VoiceActivity) -> int:
        """When the state of the first activity began, be it this one."""
        if self._start_ns is None:
            self._start_ns = activity.since_ns
        return self._start_ns

    def said(self, utterance: Utterance) -> list[VoiceActivity | Utterance]:
        """Add an utterance; returns what comes next."""
        if utterance.end_ns <= self._begin_ns:
            return []
        insort(self._utterances, utterance, key=_end_ns)
        excess = len(self._utterances) - MAX_UTTERANCES
        ready: list[VoiceActivity | Utterance] = [self._pop() for _ in range(excess)]
        return ready + list(self.ready())

    def take_utterances(self) -> list[Utterance]:
        """Take back the utterances that wait."""
        taken, self._utterances = self._utterances, []
        return taken

    def rest(self) -> list[VoiceActivity | Utterance]:
        """Everything that waits, when nothing more will come."""
        rest: list[VoiceActivity | Utterance] = []
        while self._activities:
            rest += self._next()
        return rest + [self._pop() for _ in range(len(self._utterances))]

    def note(self, activity: VoiceActivity) -> None:
        """Add an activity."""
        if self.newest is None:
            self._begin(activity)
        self._transcribed_until_ns = max(self._transcribed_until_ns, activity.transcribed_until_ns)
        self._published_until_ns = max(self._published_until_ns, _published_until_ns(activity))
        if self.newest is None or activity.time_ns > self.newest.time_ns:
            self._enqueue(activity)
        if self.newest is None or activity.time_ns >= self.newest.time_ns:
            self.newest = activity

    def ready(self) -> Iterator[VoiceActivity | Utterance]:
        """What comes next."""
        while self._activities and (
            self._complete(self._activities[0]) or self._give_up(self._activities[0])
        ):
            yield from self._next()

    def _begin(self, activity: VoiceActivity) -> None:
        """Start with an activity; what was said before may be lost, so it is neither awaited nor taken."""
        self._begin_ns = _published_until_ns(activity)
        self._published_until_ns = self.arrived_until_ns = self._begin_ns
        self._transcribed_until_ns = activity.transcribed_until_ns

    def _enqueue(self, activity: VoiceActivity) -> None:
        while activity.speech and self._activities:
            last = self._activities[-1]
            if last.speech or last.time_ns <= activity.since_ns:
                break
            self._activities.pop()
        self._activities.append(activity)

    def _complete(self, activity: VoiceActivity) -> bool:
        """Whether all that was said before the activity is here."""
        if self._transcribed_until_ns < _known_ns(activity):
            return False
        published_ns = self._published_until_ns
        arrived_ns = max(
            (utterance.end_ns for utterance in self._utterances if utterance.end_ns <= published_ns),
            default=self.arrived_until_ns,
        )
        return max(arrived_ns, self.arrived_until_ns) >= min(published_ns, activity.since_ns + 1)

    def _give_up(self, activity: VoiceActivity) -> bool:
        """Stop waiting for what keeps the activity back, when too many wait behind it."""
        if not self.is_full:
            return False
        self.overdue += 1
        self._transcribed_until_ns = max(self._transcribed_until_ns, _known_ns(activity))
        self.arrived_until_ns = self._published_until_ns
        return True

    def _next(self) -> Iterator[VoiceActivity | Utterance]:
        activity = self._activities.popleft()
        while self._utterances and self._utterances[0].end_ns <= activity.since_ns:
            yield self._pop()
        yield activity

    def _pop(self) -> Utterance:
        utterance = self._utterances.pop(0)
        self.arrived_until_ns = max(self.arrived_until_ns, utterance.end_ns)
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
