"""Having an engine think ahead of time, so that a sentence is there when it is wanted."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from stalk_ros.topics.checks import commands, ordering

if TYPE_CHECKING:
    from collections.abc import Callable

    from stalk_ros.events import Utterance
    from stalk_ros.topics.checks import Checks
    from stalk_ros.topics.recommender import Cancelled, Draft, TopicRecommender, TopicRequest

Result = TypeVar("Result")

_TRIES = 8
"""The topic bank is asked again so often when what it says is refused."""


@dataclass
class _Job(Generic[Result]):
    """Work for the engine's thread, and what has come of it."""

    run: Callable[[Cancelled], Result]
    cancelled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: str = ""


class _Thread:
    """Does one job at a time; a job that is given up is no longer waited for."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._next: _Job[Any] | None = None
        self._current: _Job[Any] | None = None
        self._started_s: float | None = None
        # A daemon, so that an engine that never returns cannot keep the process alive.
        threading.Thread(target=self._run, name="drafts", daemon=True).start()

    @property
    def idle(self) -> bool:
        """Nothing is being done, nor waits."""
        with self._condition:
            return self._next is None and self._current is None

    @property
    def busy_for_s(self) -> float:
        """Seconds since the present job began; 0 when there is none."""
        started_s = self._started_s
        return 0.0 if started_s is None else time.monotonic() - started_s

    def do(self, job: _Job[Any]) -> None:
        """Do a job as soon as the present one, which is cancelled, has ended."""
        with self._condition:
            self._drop()
            self._next = job
            self._condition.notify()

    def drop(self) -> None:
        """Cancel whatever is being done or waits."""
        with self._condition:
            self._drop()

    def _drop(self) -> None:
        for job in (self._next, self._current):
            if job is not None:
                job.cancelled.set()
        self._next = None

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._next is not None)
                job = self._current = self._next
                self._next = None
                self._started_s = time.monotonic()
            assert job is not None
            try:
                job.result = job.run(job.cancelled.is_set)
            except Exception as error:
                job.error = " ".join(f"{type(error).__name__}: {error}".split())
            with self._condition:
                self._current = self._started_s = None
            job.done.set()


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
        problem: the latest of these, in words; "" = none since the engine last had a sentence that passed.
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
        self._thread = None if engine.instant else _Thread()
        self._request: TopicRequest | None = None
        self._draft: _Job[Draft | None] | None = None
        self._summary: _Job[str] | None = None
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
        self._draft = _Job(lambda cancelled: self.engine.recommend(readable, cancelled))
        self._deadline_s = time.monotonic() + budget_s
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
        return (banked, self._bank.name) if banked else None

    def summarize(self, language: str, summary: str, turns: tuple[Utterance, ...]) -> None:
        """Have the engine sum up, when it has nothing better to do; see `summed_up`."""
        if self._thread is None or self._summary is not None or not self._thread.idle:
            return
        said = _harmless(turns)
        self._summary = _Job(lambda cancelled: self.engine.summarize(summary, said, language, cancelled))
        self._thread.do(self._summary)
        if self._patient:
            self._summary.done.wait()

    def summed_up(self) -> str | None:
        """The summary that was begun, "" when it could not be made; None while it is not there."""
        job = self._summary
        if job is None or not job.done.is_set():
            return None
        self._summary = None
        if job.error:
            self._failed(job.error)
        return job.result if isinstance(job.result, str) else ""

    def _instant(self, request: TopicRequest) -> Draft | None:
        if self.engine is self._bank:
            return None
        try:
            draft = self.engine.recommend(_readable(request), _never)
        except Exception as error:
            self._failed(" ".join(f"{type(error).__name__}: {error}".split()))
            return None
        return self._passed(draft, request)

    def _waited(self, job: _Job[Draft | None], request: TopicRequest) -> Draft | None:
        if not job.done.wait(max(0.0, self._deadline_s - time.monotonic()) if self._patient else 0.0):
            self.late += 1
            self.problem = f"{self.engine.name} took too long to think of something to say"
            return None
        if job.error:
            self._failed(job.error)
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

    def _failed(self, error: str) -> None:
        self.failures += 1
        self.problem = f"{self.engine.name} failed: {error}"

    def _from_bank(self, request: TopicRequest) -> Draft | None:
        """The bank's next sentence that passes; what does not is avoided like what was said before."""
        asked = _readable(request)
        for _ in range(_TRIES):
            draft = self._bank.recommend(asked, _never)
            if draft is None or not self._checks.complaint(draft, request):
                return draft
            asked = replace(
                asked,
                avoid_texts=(*asked.avoid_texts, draft.text),
                avoid_topics=(*asked.avoid_topics, draft.topic),
            )
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
