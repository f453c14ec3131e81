"""How long engines are at work."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Stopwatch:
    """Adds up the seconds that calls take, in whatever threads they are made."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def watching(self, owner: Any, method: str) -> Iterator[None]:
        """Measure the calls of a method of an object; an object that takes no attributes is not measured."""
        call = getattr(owner, method)

        def timed(*arguments: Any, **named: Any) -> Any:
            began_s = time.perf_counter()
            try:
                return call(*arguments, **named)
            finally:
                took_s = time.perf_counter() - began_s
                with self._lock:
                    self.seconds += took_s

        try:
            setattr(owner, method, timed)
        except AttributeError:
            yield
            return
        try:
            yield
        finally:
            delattr(owner, method)  # the object would hold itself, and with it its model


@contextlib.contextmanager
def watched(calls: Iterable[tuple[str, object, str]]) -> Iterator[dict[str, Stopwatch]]:
    """A stopwatch for each name; see `stalk_ros.offline.conversation.Conversation.calls`."""
    watches: dict[str, Stopwatch] = {}
    with contextlib.ExitStack() as stack:
        for name, owner, method in calls:
            watch = watches.setdefault(name, Stopwatch())
            stack.enter_context(watch.watching(owner, method))
        yield watches
