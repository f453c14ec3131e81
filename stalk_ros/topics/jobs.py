"""A thread for an engine that takes its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from stalk_ros.errors import EngineError

if TYPE_CHECKING:
    from stalk_ros.topics.recommender import Cancelled

Result = TypeVar("Result")


@dataclass(eq=False)
class Job(Generic[Result]):
    """Work for the engine's thread, and what has come of it: a ``result``, or an ``error`` in one line."""

    run: Callable[[Cancelled], Result]
    cancelled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: str = ""


class JobThread:
    """Does one job at a time; a job that is given up is no longer waited for."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._next: Job[Any] | None = None
        self._current: Job[Any] | None = None
        self._started_s: float | None = None
        self._closed = False
        # A daemon, so that an engine that never returns cannot keep the process alive.
        self._thread = threading.Thread(target=self._run, name="drafts", daemon=True)
        self._thread.start()

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

    def do(self, job: Job[Any]) -> None:
        """Do a job as soon as the present one, which is cancelled, has ended."""
        with self._condition:
            self._drop()
            self._next = job
            self._condition.notify()

    def drop(self) -> None:
        """Cancel whatever is being done or waits."""
        with self._condition:
            self._drop()

    def close(self, patience_s: float) -> None:
        """Cancel everything and end, waiting no longer than ``patience_s`` for an engine to return."""
        with self._condition:
            self._drop()
            self._closed = True
            self._condition.notify()
        self._thread.join(patience_s)

    def _drop(self) -> None:
        for job in (self._next, self._current):
            if job is not None:
                job.cancelled.set()
        self._next = None

    def _run(self) -> None:
        while (job := self._wait()) is not None:
            try:
                job.result = job.run(job.cancelled.is_set)
            # Also SystemExit and the like: a thread that ended would leave everybody waiting for ever.
            except BaseException as error:
                job.error = one_line(error)
            with self._condition:
                self._current = self._started_s = None
            job.done.set()
            del job  # or the engine, which it knows, would be kept while nothing is to do

    def _wait(self) -> Job[Any] | None:
        """The next job; None when there will be no more."""
        with self._condition:
            self._condition.wait_for(lambda: self._next is not None or self._closed)
            if self._closed:
                return None
            job = self._current = self._next
            self._next = None
            self._started_s = time.monotonic()
            return job


def one_line(error: BaseException) -> str:
    """What an engine failed with; its type too, unless it says it all."""
    kind = "" if isinstance(error, EngineError) else f"{type(error).__name__}: "
    return " ".join(f"{kind}{error}".split())
