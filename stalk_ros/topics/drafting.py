"""Having an engine think ahead of time, so that a sentence is there when it is wanted."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from stalk_ros.topics.asking import nothing
from stalk_ros.topics.checks import commands, ordering
from stalk_ros.topics.jobs import Job, JobThread, one_line

if TYPE_CHECKING:
    from stalk_ros.events import Utterance
    from stalk_ros.topics.checks import Checks
    from stalk_ros.topics.recommender import Draft, TopicRecommender, TopicRequest

_TRIES = 8
"""The topic bank is asked again so often when what it says is refused."""

_SUMMARY_S = 60.0
"""So long a patient one waits for a summary; without one, sentences are selected."""

_END_S = 1.0
"""What is cancelled ends within a fifth of this."""


class Drafter:
    """Gets one checked sentence at a time from an engine, or from the topic bank where the engine has none.

    Whether an engine is too slow is the one thing here that is a matter of the wall clock.

    Args:
        engine: thinks of the sentences.
        bank: answers where the engine fails, is too slow, or says what must not be said; instant.
        checks: what every sentence has to pass.
        patient: wait for the engine whenever a sentence is wanted, as is right where audio comes faster than
            people talk; otherwise nothing here waits.

    Attributes:
        engine: as above.
        failures: how often the engine failed.
        refused: sentences of the engine that did not pass.
        late: how often it was too slow.
        problem: the latest of these, or that there was nothing to say, in words; "" = none since the engine
            last had a sentence that passed.
    """

    def __init__(
        self, engine: TopicRecommender, bank: TopicRecommender, checks: Checks, patient: bool = False
    ) -> None:
        self.engine = engine
        self.failures = self.refused = self.late = 0
        self.problem = ""
        self._bank = bank
        self._checks = checks
        self._patient = patient
        self._thread = None if engine.instant else JobThread()
        self._request: TopicRequest | None = None
        self._draft: Job[Draft | None] | None = None
        self._summary: Job[str] | None = None
        self._deadline_s = 0.0

    @property
    def hanging_s(self) -> float:
        """Seconds that the engine has been at work on one thing; 0 while it rests."""
        return self._thread.busy_for_s if self._thread else 0.0

    def begin(self, request: TopicRequest, budget_s: float) -> None:
        """Think of something to say, for at most ``budget_s``; what was begun before is forgotten."""
        self._request = request
        if self._thread is None:
            return
        readable = _readable(request)
        self._draft = Job(lambda cancelled: self.engine.recommend(readable, cancelled))
        self._deadline_s = time.monotonic() + budget_s
        if self._summary is not None and not self._summary.done.is_set():
            self._summary = None
        self._thread.do(self._draft)

    def cancel(self) -> None:
        """What was begun is no longer wanted."""
        self._request = None
        if self._thread and self._draft is not None:
            self._draft = None
            self._thread.drop()

    @property
    def begun(self) -> bool:
        """Something was begun and not yet taken."""
        return self._request is not None

    @property
    def ready(self) -> bool:
        """`take` has an answer, without waiting unless patient."""
        if self._request is None or self._draft is None or self._patient:
            return True
        return self._draft.done.is_set() or time.monotonic() >= self._deadline_s

    def take(self) -> tuple[Draft, str] | None:
        """What was begun: a sentence that passed and the name of its engine, None when there is none."""
        request, job = self._request, self._draft
        if request is None:
            return None
        draft = self._instant(request) if job is None else self._waited(job, request)
        self.cancel()
        if draft is not None:
            return draft, self.engine.name
        banked = self._from_bank(request)
        if banked is None:
            return None
        if self.engine is self._bank:
            self.problem = ""
        return banked, self._bank.name

    @property
    def idle(self) -> bool:
        """There is an engine that could sum up now, and nothing better for it to do."""
        return self._thread is not None and self._summary is None and self._thread.idle

    def summarize(self, language: str, summary: str, turns: tuple[Utterance, ...]) -> None:
        """Have the engine sum up if it is `idle`; see `summed_up`."""
        if self._thread is None or not self.idle:
            return
        said = _harmless(turns)
        self._summary = Job(lambda cancelled: self.engine.summarize(summary, said, language, cancelled))
        self._thread.do(self._summary)
        if self._patient and not self._summary.done.wait(_SUMMARY_S):
            self._thread.drop()
            self._summary = Job(self._summary.run, error=f"it did not sum up within {_SUMMARY_S:.0f} s")
            self._summary.done.set()

    def summed_up(self) -> str | None:
        """The summary that was begun, "" when it could not be made; None while it is not there."""
        job = self._summary
        if job is None or not job.done.is_set():
            return None
        self._summary = None
        if job.error:
            self._failed(self.engine.name, job.error)
        return job.result if isinstance(job.result, str) else ""

    def close(self) -> None:
        """Give up whatever was begun and end the thread, so that the engine is free to go."""
        self._request = self._draft = self._summary = None
        if self._thread:
            self._thread.close(_END_S)

    def _instant(self, request: TopicRequest) -> Draft | None:
        if self.engine is self._bank:
            return None
        try:
            draft = self.engine.recommend(_readable(request), _never)
        except (Exception, SystemExit) as error:
            self._failed(self.engine.name, one_line(error))
            return None
        return self._passed(draft, request)

    def _waited(self, job: Job[Draft | None], request: TopicRequest) -> Draft | None:
        if not job.done.wait(max(0.0, self._deadline_s - time.monotonic()) if self._patient else 0.0):
            self.late += 1
            self.problem = f"{self.engine.name} took too long to think of something to say"
            return None
        if job.error:
            self._failed(self.engine.name, job.error)
            return None
        return self._passed(job.result, request)

    def _passed(self, draft: Draft | None, request: TopicRequest) -> Draft | None:
        complaint = ""
        if draft is not None:
            complaint = self._checks.complaint(draft, request) or self._checks.suspicion(draft, request)
        if complaint:
            self.refused += 1
            self.problem = f"what {self.engine.name} said was refused: {complaint}"
            return None
        if draft is not None:
            self.problem = ""
        return draft

    def _failed(self, name: str, error: str) -> None:
        self.failures += 1
        self.problem = f"{name} failed: {error}"

    def _from_bank(self, request: TopicRequest) -> Draft | None:
        try:
            return self._banked(request)
        except Exception as error:
            # Whoever waits for a sentence has to hear that there is none.
            self._failed(self._bank.name, one_line(error))
            return None

    def _banked(self, request: TopicRequest) -> Draft | None:
        """The bank's next sentence that passes; what does not is avoided like what was said before."""
        asked = _readable(request)
        for _ in range(_TRIES):
            draft = self._bank.recommend(asked, _never)
            if draft is None:
                break
            if not self._checks.complaint(draft, request):
                return draft
            asked = replace(
                asked,
                avoid_texts=(*asked.avoid_texts, draft.text),
                avoid_topics=(*asked.avoid_topics, draft.topic),
            )
        self.problem = nothing(request.language)
        return None


def _readable(request: TopicRequest) -> TopicRequest:
    """The request without what people said to give a model orders: it does not get to read that."""
    turns = _harmless(request.turns)
    orders = {turn.utterance_id for turn in request.turns} - {turn.utterance_id for turn in turns}

    def harmless(said: Utterance) -> bool:
        return said.utterance_id not in orders and not commands(said.text)

    return replace(
        request,
        turns=turns,
        threads=tuple(thread for thread in request.threads if harmless(thread.said)),
        questions=tuple(question for question in request.questions if harmless(question)),
    )


def _harmless(turns: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
    orders = ordering(turns)
    return tuple(turn for place, turn in enumerate(turns) if place not in orders)


def _never() -> bool:
    return False
