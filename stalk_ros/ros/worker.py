"""A thread that takes work from a bounded queue."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP_S = 0.1


class Worker:
    """Runs ``handle`` on every item, in order, in a thread of its own.

    Args:
        name: name of the thread.
        handle: what to do with an item.
        capacity: how much may wait.
        on_error: told about an exception of ``handle``; the work goes on with the next item.
        size: how much an item is; each one counts as 1 by default.

    Attributes:
        waiting: how much waits.
        dropped: items that were refused because the queue was full.
        busy_s: seconds spent in ``handle``.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[Any], None],
        capacity: float,
        on_error: Callable[[Exception], None],
        size: Callable[[Any], float] = lambda _: 1,
    ) -> None:
        self.waiting = 0.0
        self.dropped = 0
        self.busy_s = 0.0
        self._handle = handle
        self._capacity = capacity
        self._on_error = on_error
        self._size = size
        self._started_s: float | None = None
        self._items: deque[Any] = deque()
        self._condition = threading.Condition()
        self._finishing = False
        # A daemon, so that an engine that never returns cannot keep the process alive.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._items)

    @property
    def busy_for_s(self) -> float:
        """Seconds since the work on the present item began; 0 when there is none."""
        started_s = self._started_s
        return 0.0 if started_s is None else time.perf_counter() - started_s

    def put(self, item: Any) -> bool:
        """Queue an item; false when it was dropped because the queue is full or closed."""
        size = self._size(item)
        with self._condition:
            if self._finishing or self.waiting + size > self._capacity:
                self.dropped += 1
                return False
            self._items.append(item)
            self.waiting += size
            self._condition.notify()
            return True

    def finish(self, time_left_s: Callable[[], float]) -> int:
        """Do what is queued, then stop; returns how many items were left undone when the time was over."""
        with self._condition:
            self._finishing = True
            self._condition.notify()
        # In steps: the time may be cut short while it waits.
        while self._thread.is_alive() and (left_s := time_left_s()) > 0:
            self._thread.join(min(left_s, _STEP_S))
        if not self._thread.is_alive():
            return 0
        with self._condition:
            left = len(self._items) + 1
            self._items.clear()
            self.waiting = 0.0
            return left

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._items or self._finishing)
                if not self._items:
                    return
                item = self._items.popleft()
                self.waiting -= self._size(item)
            self._started_s = started_s = time.perf_counter()
            try:
                self._handle(item)
            except Exception as error:
                self._on_error(error)
            self._started_s = None
            self.busy_s += time.perf_counter() - started_s
