"""The first thing that a program does: heed signals, and only then import what it is made of."""

from __future__ import annotations

import importlib
import os
import signal

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(module: str) -> None:
    """Import a module of this folder and run its ``main``; a signal before that heeds them ends the process.

    Args:
        module: its name within this folder.
    """
    # Nothing is there yet that would have to be brought to an end.
    for number in SIGNALS:
        signal.signal(number, lambda *_: os._exit(0))
    # Whoever started this may have held them back until now.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    importlib.import_module(f"{__package__}.{module}").main()
