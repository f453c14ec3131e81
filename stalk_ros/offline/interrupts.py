"""What is asked to end: by Ctrl-C, by who stops the job, by the terminal that is closed."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def ending_once() -> Iterator[None]:
    """Have the first such signal raise KeyboardInterrupt, and no other disturb the end that then comes.

    What a shell has the program ignore, as ``nohup`` does, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = [number for number in _SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    signalled = False

    def end(*_: object) -> None:
        nonlocal signalled
        signalled = True
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in heeded}
    try:
        yield
    finally:
        if not signalled:  # else it goes on until the process is over
            for number, handler in before.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def undivided() -> Iterator[None]:
    """Have such signals wait until what is done here is done; other threads than the main one never see them.

    An error ends the program as well, and says more.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    held = [number for number in _SIGNALS if signal.getsignal(number) is not None]
    before = {number: signal.signal(number, lambda number, _: waiting.append(number)) for number in held}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if waiting:
        signal.raise_signal(waiting[0])
