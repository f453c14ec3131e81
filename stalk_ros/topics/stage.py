"""The topic stage: voice activity and attributed utterances in, conversation state and suggestions out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stalk_ros.backends import backend_class
from stalk_ros.clock import NANOSECONDS, ns_to_seconds, seconds_to_ns
from stalk_ros.events import ROBOT, ConversationState, Suggestion, Trigger, Utterance, VoiceActivity
from stalk_ros.topics.asking import not_a_tag, nothing, request
from stalk_ros.topics.awkwardness import Awkwardness
from stalk_ros.topics.backends import BACKENDS
from stalk_ros.topics.backends.topic_bank import TopicBank
from stalk_ros.topics.checks import Checks
from stalk_ros.topics.drafting import Drafter
from stalk_ros.topics.languages import is_tag
from stalk_ros.topics.memory import Memory
from stalk_ros.topics.offers import Offers
from stalk_ros.topics.pacing import TOO_LATE_NS, Pacing
from stalk_ros.topics.states import States
from stalk_ros.topics.timeline import Timeline

if TYPE_CHECKING:
    from stalk_ros.topics.parameters import TopicParameters
    from stalk_ros.topics.recommender import TopicRecommender

NEW_STREAM_NS = 5 * NANOSECONDS
"""After a gap this long in the audio nobody knows how long the silence is, nor who is still there."""

DRAFT_AFTER_NS = NANOSECONDS
"""A silence is long enough to think of something to say: answers come after 0.2 s, and few after a second
(Stivers et al. 2009, "Universals and cultural variation in turn-taking in conversation")."""

LEAD_NS = 10 * NANOSECONDS
"""A suggestion that must wait for the cooldown is thought of this long before, or the engine's budget."""

_DEFAULT_LANGUAGE = "en"

Answer = Callable[[Suggestion | str], None]
"""Told the offer that was asked for, or why there is none."""


class TopicStage:
    """Follows one conversation; one thread at a time calls it.

    What comes out depends on the audio alone, in whatever order the two inputs arrive (`Timeline`), as long
    as the engine is quick enough; only the robot's own speech and requests, which carry no time, count from
    the newest audio.

    Args:
        parameters: see `TopicParameters`.
        drafter: has the sentences thought of.
    """

    def __init__(self, parameters: TopicParameters, drafter: Drafter) -> None:
        self.parameters = parameters
        self.drafter = drafter
        self._timeline = Timeline()
        self._memory = Memory()
        self._awkwardness = Awkwardness()
        self._pacing = Pacing()
        self._offers = Offers()
        self._tag = _DEFAULT_LANGUAGE
        self._asked: Answer | None = None
        self._last: VoiceActivity | None = None

    @classmethod
    def load(cls, parameters: TopicParameters, patient: bool = False) -> TopicStage:
        """The stage with the engine its parameters name.

        Args:
            parameters: see `TopicParameters`.
            patient: see `Drafter`.

        Raises:
            UserError: the backend is unknown, its engine or model is missing, or a file cannot be read.
        """
        checks = Checks(parameters.avoid)
        engine = backend_class("topic_recommender", BACKENDS, parameters.backend, parameters)(parameters)
        bank = engine if isinstance(engine, TopicBank) else TopicBank(parameters)
        return cls(parameters, Drafter(engine, bank, checks, patient))

    @property
    def engine(self) -> TopicRecommender:
        """The engine in use."""
        return self.drafter.engine

    @property
    def robot_speaking_s(self) -> float:
        """For how much audio the robot has been speaking, in seconds; 0 when it is not."""
        return self._pacing.robot_speaking_s(self._newest_ns)

    @property
    def overdue(self) -> int:
        """Voice activities that went on without the utterances before them, which did not come in time."""
        return self._timeline.overdue

    @property
    def waits_s(self) -> float:
        """For how much audio something has been waiting for what was said before it, in seconds."""
        return ns_to_seconds(self._timeline.waits_ns)

    def heard(self, activity: VoiceActivity) -> list[ConversationState | Suggestion]:
        """Add voice activity; returns what is known through it, in audio time."""
        return self._follow(self._timeline.heard(activity)) + self.answered()

    def said(self, utterance: Utterance) -> list[ConversationState | Suggestion]:
        """Add an attributed utterance; returns what is known through it, likewise.

        Partials are ignored, and finals without words, which only take back partials.
        """
        return self._follow(self._timeline.said(utterance)) if utterance.final and utterance.text else []

    def robot_spoke(self, speaking: bool) -> list[ConversationState | Suggestion]:
        """The robot begins to speak (``speaking``) or stops; returns what is known through it.

        What it has said to the end can no longer be withdrawn.
        """
        time_ns = self._newest_ns
        if speaking and not self._pacing.robot_speaking:
            self._offers.robot_begins(time_ns)
        if self._pacing.robot_speaking and not speaking and self._offers.robot_ends():
            self._memory.spoken(time_ns)
        self._pacing.robot_spoke(speaking, time_ns)
        return self.answered()

    def ask(self, language: str, answer: Answer) -> list[ConversationState | Suggestion]:
        """Ask for a suggestion, whatever the cooldown says.

        Args:
            language: BCP 47 tag to answer in; "" = as the parameters or the talk have it.
            answer: called once, now or in a later call of the stage.

        Returns:
            The offer, when it is there at once; otherwise a later call of `heard` or `answered` returns it.
        """
        if self._asked is not None:
            answer("somebody else has asked for a suggestion and is about to get it")
            return []
        if language and not is_tag(language):
            answer(not_a_tag(language))
            return []
        self._asked = answer
        if not self._refusal():
            self._begin(Trigger.REQUEST, self._newest_ns, language)
        return self.answered()

    def answered(self) -> list[ConversationState | Suggestion]:
        """The offer for whoever asked, when there is one by now; `heard` looks for it too."""
        answer = self._asked
        refusal = self._refusal()
        if answer is None or not (refusal or self.drafter.ready):
            return []
        self._asked = None
        if refusal:
            self.drafter.cancel()
            answer(refusal)
            return []
        newest = self._timeline.newest
        assert newest is not None
        # A sound that may turn out to be speech holds the transcript back: the offer belongs before it.
        until_ns = newest.transcribed_until_ns
        time_ns = until_ns if newest.since_ns <= until_ns else newest.time_ns
        offer = self._offer(time_ns, newest.since_ns, Trigger.REQUEST)
        answer(offer or nothing(self._tag))
        if offer is None:
            return []
        self._pacing.served(newest.since_ns)
        return [offer]

    def deactivated(self) -> None:
        """Nothing comes any more for now: whoever waits is told, and the engine need not go on.

        Nor does anybody tell when the robot stops speaking.
        """
        self.drafter.cancel()
        self._pacing.robot_spoke(False, self._newest_ns)
        if self._asked is not None:
            self._asked("the recommender was deactivated")
            self._asked = None

    def close(self) -> None:
        """End the engine's thread; the stage cannot be used any more."""
        self.drafter.close()

    @property
    def _newest_ns(self) -> int:
        return self._timeline.newest.time_ns if self._timeline.newest else 0

    def _refusal(self) -> str:
        newest = self._timeline.newest
        if newest is None:
            return "no audio was heard yet"
        if newest.speech:
            return "somebody speaks"
        return "the robot speaks" if self._pacing.robot_speaking else ""

    def _follow(self, events: list[VoiceActivity | Utterance]) -> list[ConversationState | Suggestion]:
        told: list[ConversationState | Suggestion] = []
        for event in events:
            if isinstance(event, Utterance):
                self._remember(event)
            else:
                told += self._step(event)
        return told

    def _remember(self, utterance: Utterance) -> None:
        memory = self._memory
        if utterance.speaker_id == ROBOT:
            memory.heard_robot(utterance)
            return
        memory.add(utterance)
        self._pacing.talked()
        self._awkwardness.turn(tuple(memory.turns), memory.talk_share(), memory.language, self.parameters)
        self._sum_up()

    def _sum_up(self) -> None:
        """Have older turns summed up whenever the engine has time: drafts come first, and may come often."""
        summary = self.drafter.summed_up()
        if summary is not None:
            self._memory.summarized(summary)
        if self.drafter.idle and (older := self._memory.to_summarize()) is not None:
            self.drafter.summarize(self._memory.language or _DEFAULT_LANGUAGE, *older)

    def _step(self, activity: VoiceActivity) -> list[ConversationState | Suggestion]:
        told: list[ConversationState | Suggestion] = []
        last = self._last
        if last is not None and not 0 < activity.time_ns - last.time_ns <= NEW_STREAM_NS:
            told += self._withdraw(last.time_ns)
            self._pacing.new_stream(back=activity.time_ns < last.time_ns)
            self._awkwardness = Awkwardness()
            last = None
        self._pacing.heard(activity)
        news: list[ConversationState | Suggestion] = []
        if activity.speech:
            news += self._withdraw(activity.since_ns, activity.time_ns)
        else:
            if last is not None and not last.speech and activity.since_ns > last.time_ns:
                # Another silence: somebody spoke between the two, and the news of it was lost.
                told += self._withdraw(last.time_ns, activity.time_ns)
            news += self._fill(activity, last.time_ns if last else activity.time_ns)
        states = States(self._memory, self._awkwardness, self._pacing, self.parameters)
        news += states.between(last, activity)
        self._sum_up()
        self._last = activity
        # A state and a suggestion of the same instant: the state, which explains the suggestion, comes first.
        return told + sorted(news, key=lambda event: (event.time_ns, isinstance(event, Suggestion)))

    def _fill(self, activity: VoiceActivity, last_ns: int) -> list[Suggestion]:
        """The suggestion that this silence calls for, once it is sure that nobody spoke when it was due."""
        if self._asked is not None:
            return []
        lapse_s = self._awkwardness.due_s(self.parameters)
        due_ns = self._pacing.due_ns(activity.since_ns, lapse_s, self.parameters)
        if due_ns is None:
            self.drafter.cancel()
            return []
        if activity.time_ns - due_ns > TOO_LATE_NS:
            self._pacing.served(activity.since_ns)
            self.drafter.cancel()
            return []
        trigger = self._awkwardness.state(lapse_s, self.parameters).trigger
        self._think_ahead(activity, due_ns, trigger)
        if due_ns >= activity.time_ns or not self.drafter.ready:
            return []
        self._pacing.served(activity.since_ns)
        time_ns = due_ns if due_ns >= last_ns else activity.time_ns
        offer = self._offer(time_ns, activity.since_ns, trigger)
        return [offer] if offer else []

    def _think_ahead(self, activity: VoiceActivity, due_ns: int, trigger: Trigger) -> None:
        """Begin a draft while the silence grows, long enough before it is due, be that soon or much later."""
        silent_ns = self._pacing.quiet_since_ns(activity.since_ns) + DRAFT_AFTER_NS
        begin_ns = max(silent_ns, due_ns - max(seconds_to_ns(self.parameters.budget_s), LEAD_NS))
        if not self.drafter.begun and activity.time_ns > min(begin_ns, due_ns):
            self._begin(trigger, activity.time_ns)

    def _begin(self, trigger: Trigger, time_ns: int, wanted: str = "") -> None:
        """Begin a draft in a language, a BCP 47 tag, "" = as the parameters or the talk have it by then."""
        tag = wanted or self.parameters.language or self._memory.language or _DEFAULT_LANGUAGE
        self._tag = tag.replace("_", "-")
        repeatable_ns = time_ns - seconds_to_ns(self.parameters.repeat_after_s)
        asked = request(self._memory, trigger, self._tag, repeatable_ns)
        self.drafter.begin(asked, self.parameters.budget_s)

    def _offer(self, time_ns: int, since_ns: int, trigger: Trigger) -> Suggestion | None:
        drafted = self.drafter.take()
        if drafted is None:
            return None
        draft, source = drafted
        silence_s = max(0.0, ns_to_seconds(time_ns - self._pacing.quiet_since_ns(since_ns)))
        offer = self._offers.make(
            draft,
            source,
            time_ns=time_ns,
            language=self._tag,
            trigger=trigger,
            awkwardness=self._awkwardness.state(silence_s, self.parameters).score,
            valid_s=self.parameters.valid_s,
        )
        self._memory.suggested(offer)
        self._awkwardness.offered(silence_s, self.parameters)
        self._pacing.offered(time_ns, asked=trigger == Trigger.REQUEST)
        return offer

    def _withdraw(self, time_ns: int, known_ns: int | None = None) -> list[Suggestion]:
        """Take back what stands, because somebody speaks from ``time_ns`` on; see `Offers.withdraw`."""
        if self._asked is None:
            self.drafter.cancel()
        withdrawn = self._offers.withdraw(time_ns, known_ns)
        for suggestion in withdrawn:
            self._memory.withdrawn(suggestion)
        return withdrawn
