"""A stand-in for what comes before the topic stage: voice activity and utterances from a script of sounds."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity
from stalk_ros.topics import Draft, TopicParameters, TopicRequest, TopicStage
from stalk_ros.topics.drafting import Drafter

MS = 1_000_000
WINDOW = 32 * MS
MIN_SPEECH = 100 * MS
END_OF_TURN = 600 * MS
REPORT = 100 * MS
WAIT_S = 10.0
SILENCE_ALONE = {
    f"{cue}_weight": 0.0
    for cue in ("minimal_responses", "repetition", "one_sided", "unanswered_question", "hesitation")
}


@dataclass
class Listening:
    """What two topics carry, each in its order, and when somebody really spoke (start and end in ns)."""

    activities: list[VoiceActivity] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    speech: list[tuple[int, int]] = field(default_factory=list)


class Listener:
    """Listens window by window; ``delays_ms`` holds how long the engine needs for each utterance in turn."""

    def __init__(self, sounds, delays_ms=(), origin_ns=0):
        self.heard = Listening()
        self._sounds = [
            (start // WINDOW * WINDOW, end // WINDOW * WINDOW, text) for start, end, text in sounds
        ]
        self._delays = list(delays_ms)
        self._origin = origin_ns
        self._now = self._next = 0
        self._speech, self._since, self._onset, self._voiced_until = False, 0, None, 0
        self._pending = []
        self._done = self._due = self._published = 0

    def until(self, end_ns):
        while self._now < end_ns:
            while self._next < len(self._sounds) and self._sounds[self._next][1] <= self._now:
                self._next += 1
            voiced = self._next < len(self._sounds) and self._sounds[self._next][0] <= self._now
            self._now += WINDOW
            changed = self._while_speech(voiced) if self._speech else self._while_silence(voiced)
            if changed or self._now >= self._due:
                self._due = self._now // REPORT * REPORT + REPORT
                self._report(self._now)
            self._finish()
        return self.heard

    def _while_silence(self, voiced):
        self._onset = (self._onset if self._onset is not None else self._now - WINDOW) if voiced else None
        if self._onset is None or self._now - self._onset < MIN_SPEECH:
            return False
        self._speech, self._since, self._onset, self._voiced_until = True, self._onset, None, self._now
        return True

    def _while_speech(self, voiced):
        if voiced:
            self._voiced_until = self._now
        if self._now - self._voiced_until < END_OF_TURN:
            return False
        start, end = self._since, self._voiced_until
        self._done = max(self._done, self._now) + (self._delays.pop(0) if self._delays else 0) * MS
        self._pending.append((self._done, start, end))
        self.heard.speech.append((start, end))
        self._speech, self._since = False, end
        return True

    def _report(self, time_ns):
        if self._pending:
            until = self._pending[0][1]
        elif self._speech:
            until = self._since
        else:
            until = self._now if self._onset is None else self._onset
        origin = self._origin
        self.heard.activities.append(
            VoiceActivity(
                origin + time_ns,
                self._speech,
                0.5,
                time_ns - self._since,
                origin + min(until, time_ns),
                origin + self._published if self._published else 0,
            )
        )

    def _finish(self):
        while self._pending and self._pending[0][0] <= self._now:
            _, start, end = self._pending.pop(0)
            words = [
                (text, speaker)
                for a, b, what in self._sounds
                if what and start < b and a < end
                for speaker, _, text in [what.partition(":")]
            ]
            if words:
                self._published = end
                self._publish(start, end, words)
            newest = self.heard.activities[-1]
            self._report(newest.time_ns - self._origin)

    def _publish(self, start, end, words):
        """One utterance; where several spoke it is split, and the last part ends where the whole ended."""
        step = (end - start) // len(words)
        for index, (text, speaker) in enumerate(words):
            last = index == len(words) - 1
            self.heard.utterances.append(
                Utterance(
                    f"u{(self._origin + start) // MS}.{index}",
                    self._origin + start + index * step,
                    self._origin + (end if last else start + (index + 1) * step),
                    text,
                    language="en",
                    speaker_id=speaker,
                )
            )


@pytest.fixture(scope="session")
def listen():
    """``listen([(start_ms, end_ms, "S1:text"), …], until_ms, delays_ms)`` -> what the two topics carry.

    A sound without text (None) is one in which no words were understood.
    """

    def run(sounds, until_ms, delays_ms=(), origin_ns=0):
        in_ns = [(start * MS, end * MS, text) for start, end, text in sounds]
        return Listener(in_ns, delays_ms, origin_ns).until(until_ms * MS)

    return run


@pytest.fixture(scope="session")
def arrival():
    """``arrival(heard, choose)`` -> the order in which the two topics arrive: True = the next activity.

    ``choose(latest)`` says after how many activities the next utterance arrives, at most ``latest``: some 300
    activities, 30 s, after it was published. Without it, each arrives when it is published.
    """

    def run(heard, choose=None):
        order, passed = [], 0
        for utterance in heard.utterances:
            told = (
                index
                for index, a in enumerate(heard.activities)
                if a.last_utterance_end_ns >= utterance.end_ns
            )
            published = next(told)
            after = choose(min(published + 300, len(heard.activities))) if choose else published
            order += [True] * (after - passed) + [False]
            passed = max(passed, after)
        return order + [True] * (len(heard.activities) - passed)

    return run


class Echo:
    """A recommender whose sentences tell what it was asked."""

    name = "echo"
    instant = True

    def __init__(self):
        self.requests = []

    def recommend(self, request: TopicRequest, cancelled=None) -> Draft | None:
        self.requests.append(request)
        said = "|".join(turn.text for turn in request.turns)
        return Draft(f"{len(request.avoid_texts)}: {said}.", f"topic {len(request.avoid_texts)}", "asked")


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture(scope="session")
def make_echo():
    return Echo


class Thinker:
    """An engine that needs a while: until it is told to ``speak``, or gives up when it is cancelled."""

    name, caveat, instant = "thinker", "", False

    def __init__(self):
        self.speak, self.begun, self.gave_up = threading.Event(), threading.Event(), threading.Event()
        self.summed_up = threading.Event()
        self.requests = []

    def recommend(self, request, cancelled):
        self.requests.append(request)
        self.begun.set()
        while not self.speak.wait(0.01):
            if cancelled():
                self.gave_up.set()
                return None
        return Draft("Thought?", "thought", "asked")

    def summarize(self, summary, turns, language, cancelled):
        """In no time."""
        self.summed_up.set()
        return "They talked."

    def done(self, stage):
        """Let it speak, and wait until it has."""
        self.speak.set()
        assert stage.drafter._draft.done.wait(WAIT_S)


@pytest.fixture
def thinker():
    thinker = Thinker()
    yield thinker
    thinker.speak.set()


class Anything:
    """Checks that let everything pass."""

    def complaint(self, draft, request):
        return ""

    def suspicion(self, draft, request):
        return ""


@pytest.fixture(scope="session")
def make_stage():
    """``make_stage(engine, bank, checks, **parameters)``: only silence counts, unless they say so."""

    def make(engine, bank=None, checks=None, **parameters):
        drafter = Drafter(engine, bank or engine, checks or Anything())
        return TopicStage(TopicParameters(**{**SILENCE_ALONE, **parameters}), drafter)

    return make


@pytest.fixture(scope="session")
def feed(arrival):
    """``feed(stage, heard, choose)`` -> everything a stage says; ``choose`` as for ``arrival``."""

    def run(stage, heard, choose=None):
        activities, utterances = iter(heard.activities), iter(heard.utterances)
        told = []
        for is_activity in arrival(heard, choose):
            told += stage.heard(next(activities)) if is_activity else stage.said(next(utterances))
        return told

    return run


@pytest.fixture(scope="session")
def heard_until():
    """``heard_until(stage, heard, time_ns)`` -> what is told up to an audio time; the rest stays in it."""

    def run(stage, heard, time_ns):
        told = [event for utterance in heard.utterances for event in stage.said(utterance)]
        heard.utterances.clear()
        while heard.activities and heard.activities[0].time_ns <= time_ns:
            told += stage.heard(heard.activities.pop(0))
        return told

    return run


@pytest.fixture(scope="session")
def ask(suggestions):
    """``ask(stage, language)`` -> the answer that is there at once, an offer or a reason; None without."""

    def run(stage, language=""):
        answers = []
        told = stage.ask(language, answers.append)
        assert suggestions(told) == [answer for answer in answers if isinstance(answer, Suggestion)]
        return answers[0] if answers else None

    return run


@pytest.fixture(scope="session")
def suggestions():
    """``suggestions(told)`` -> those among what a stage told."""
    return lambda told: [event for event in told if isinstance(event, Suggestion)]


@pytest.fixture(scope="session")
def states():
    """``states(told)`` -> those among what a stage told."""
    return lambda told: [event for event in told if isinstance(event, ConversationState)]
