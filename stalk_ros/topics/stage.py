"""The topic stage: voice activity and attributed utterances in, conversation state and suggestions out."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from stalk_ros.backends import backend_class
from stalk_ros.clock import NANOSECONDS, ns_to_seconds, seconds_to_ns
from stalk_ros.events import (
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Trigger,
    Utterance,
    VoiceActivity,
)
from stalk_ros.topics.awkwardness import silence_cue
from stalk_ros.topics.backends import BACKENDS
from stalk_ros.topics.languages import primary
from stalk_ros.topics.memory import MAX_SUGGESTIONS, Memory
from stalk_ros.topics.pacing import Pacing
from stalk_ros.topics.recommender import TopicRequest
from stalk_ros.topics.timeline import Timeline

if TYPE_CHECKING:
    from stalk_ros.topics.parameters import TopicParameters
    from stalk_ros.topics.recommender import TopicRecommender

STATE_INTERVAL_NS = NANOSECONDS // 2
"""The state is told at the multiples of this."""

NEW_STREAM_NS = 5 * NANOSECONDS
"""After a gap this long in the audio nobody knows how long the silence is, nor who is still there."""

_DEFAULT_LANGUAGE = "en"


class TopicStage:
    """Follows one conversation; one thread at a time calls it.

    What comes out depends on the audio alone, in whatever order the two inputs arrive (`Timeline`); only the
    robot's own speech and requests, which carry no time, count from the newest audio.

    Args:
        parameters: see `TopicParameters`.
        recommender: thinks of the sentences.
    """

    def __init__(self, parameters: TopicParameters, recommender: TopicRecommender) -> None:
        self.parameters = parameters
        self._recommender = recommender
        self._timeline = Timeline()
        self._memory = Memory()
        self._pacing = Pacing()
        self._standing: list[Suggestion] = []
        self._offered_ms: deque[int] = deque(maxlen=MAX_SUGGESTIONS)
        self._last: VoiceActivity | None = None

    @classmethod
    def load(cls, parameters: TopicParameters) -> TopicStage:
        """The stage with the engine its parameters name.

        Raises:
            UserError: the backend is unknown, or its engine or model is missing.
        """
        engine = backend_class("topic_recommender", BACKENDS, parameters.backend, parameters)
        return cls(parameters, engine(parameters))

    @property
    def engine(self) -> TopicRecommender:
        """The engine in use."""
        return self._recommender

    @property
    def overdue(self) -> int:
        """Voice activities that went on without the utterances before them, which did not come in time."""
        return self._timeline.overdue

    def heard(self, activity: VoiceActivity) -> list[ConversationState | Suggestion]:
        """Add voice activity; returns what is known through it, in audio time."""
        return self._follow(self._timeline.heard(activity))

    def said(self, utterance: Utterance) -> list[ConversationState | Suggestion]:
        """Add an attributed utterance; returns what is known through it, likewise.

        Partials are ignored, and finals without words, which only take back partials.
        """
        return self._follow(self._timeline.said(utterance)) if utterance.final and utterance.text else []

    def robot_spoke(self, speaking: bool) -> list[ConversationState | Suggestion]:
        """The robot begins to speak (``speaking``) or stops; returns nothing so far.

        What it has said to the end can no longer be withdrawn.
        """
        newest = self._timeline.newest
        if self._pacing.robot_speaking and not speaking:
            self._standing.clear()
        self._pacing.robot_spoke(speaking, newest.time_ns if newest else 0)
        return []

    def suggest_now(self, language: str = "") -> Suggestion | None:
        """A suggestion on request, whatever the cooldown says.

        Args:
            language: BCP 47 tag to answer in; "" = as the parameters or the talk have it.

        Returns:
            The offer; None before any audio was heard, while somebody speaks, the robot included, and when
            the recommender has nothing new.
        """
        newest = self._timeline.newest
        if newest is None or newest.speech or self._pacing.robot_speaking:
            return None
        # A sound that may turn out to be speech holds the transcript back: the offer belongs before it.
        until_ns = newest.transcribed_until_ns
        time_ns = until_ns if newest.since_ns <= until_ns else newest.time_ns
        return self._offer(time_ns, newest.since_ns, Trigger.REQUEST, language)

    def _follow(self, events: list[VoiceActivity | Utterance]) -> list[ConversationState | Suggestion]:
        told: list[ConversationState | Suggestion] = []
        for event in events:
            if isinstance(event, Utterance):
                self._memory.add(event)
                self._pacing.talked()
            else:
                told += self._step(event)
        return told

    def _step(self, activity: VoiceActivity) -> list[ConversationState | Suggestion]:
        told: list[ConversationState | Suggestion] = []
        last = self._last
        if last is not None and not 0 < activity.time_ns - last.time_ns <= NEW_STREAM_NS:
            told += self._withdraw(last.time_ns)
            self._pacing.new_stream(back=activity.time_ns < last.time_ns)
            last = None
        news: list[ConversationState | Suggestion] = []
        if activity.speech:
            news += self._withdraw(activity.since_ns)
        else:
            news += self._fill(activity, last.time_ns if last else activity.time_ns)
        news += self._states(activity, last)
        self._last = activity
        # A state and a suggestion of the same instant: the state, which explains the suggestion, comes first.
        return told + sorted(news, key=lambda event: (event.time_ns, isinstance(event, Suggestion)))

    def _states(self, activity: VoiceActivity, last: VoiceActivity | None) -> list[ConversationState]:
        """The states from the last activity to this one."""
        from_ns = last.time_ns if last else activity.time_ns - 1
        first = from_ns // STATE_INTERVAL_NS + 1
        return [
            self._state(index * STATE_INTERVAL_NS, activity, last)
            for index in range(first, activity.time_ns // STATE_INTERVAL_NS + 1)
        ]

    def _state(self, time_ns: int, activity: VoiceActivity, last: VoiceActivity | None) -> ConversationState:
        if activity.speech and last and time_ns < activity.since_ns:
            activity = last
        silence_s = self._silence_s(time_ns, activity)
        cue = silence_cue(silence_s, (self.parameters.silence_s or 4.0))
        shares = self._memory.talk_share()
        return ConversationState(
            time_ns,
            silence_s,
            cue.score,
            (cue.reason,) if cue.reason else (),
            tuple(shares),
            tuple(shares.values()),
            self._pacing.robot_speaking,
            self._memory.topic,
        )

    def _silence_s(self, time_ns: int, activity: VoiceActivity) -> float:
        if activity.speech or self._pacing.robot_speaking:
            return 0.0
        return max(0.0, ns_to_seconds(time_ns - self._pacing.quiet_since_ns(activity.since_ns)))

    def _fill(self, activity: VoiceActivity, last_ns: int) -> list[Suggestion]:
        """The suggestion that this silence calls for, once it is sure that nobody spoke when it was due."""
        due_ns = self._pacing.due_ns(activity.since_ns, self.parameters)
        if due_ns is None or due_ns >= activity.time_ns:
            return []
        self._pacing.served(activity.since_ns)
        offer = self._offer(max(due_ns, last_ns), activity.since_ns, Trigger.SILENCE)
        return [offer] if offer else []

    def _offer(self, time_ns: int, since_ns: int, trigger: Trigger, language: str = "") -> Suggestion | None:
        memory = self._memory
        tag = language or self.parameters.language or memory.language or _DEFAULT_LANGUAGE
        request = TopicRequest(
            tuple(memory.turns),
            primary(tag),
            trigger,
            quiet_speakers=memory.quiet_speakers(),
            avoid_texts=memory.suggested_texts,
            avoid_topics=memory.suggested_topics(),
        )
        draft = self._recommender.recommend(request, lambda: False)
        if draft is None or draft.text in request.avoid_texts:
            return None
        silence_s = ns_to_seconds(time_ns - self._pacing.quiet_since_ns(since_ns))
        offer = Suggestion(
            time_ns,
            self._new_id(time_ns),
            SuggestionStatus.OFFERED,
            draft.text,
            tag,
            draft.topic,
            draft.rationale,
            draft.addressed_to,
            trigger,
            silence_cue(silence_s, (self.parameters.silence_s or 4.0)).score,
            draft.confidence,
            self._recommender.name,
            time_ns + seconds_to_ns(self.parameters.valid_s),
        )
        memory.suggested(offer)
        self._pacing.offered(time_ns)
        self._standing.append(offer)
        return offer

    def _new_id(self, time_ns: int) -> str:
        """The offer's time in ms; with a number when there was one at that time already."""
        time_ms = time_ns // 1_000_000
        same = self._offered_ms.count(time_ms)
        self._offered_ms.append(time_ms)
        return f"t{time_ms}" + (f"-{same + 1}" if same else "")

    def _withdraw(self, time_ns: int) -> list[Suggestion]:
        """Take back the offers that still stand at ``time_ns``."""
        standing, self._standing = self._standing, []
        return [
            replace(offer, status=SuggestionStatus.WITHDRAWN, time_ns=max(time_ns, offer.time_ns))
            for offer in standing
            if time_ns <= offer.valid_until_ns
        ]
