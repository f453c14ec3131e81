"""Programs as child processes, each of which is started again when it dies."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from stalk_ros.ros.start import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MISTAKE = 2
"""The exit code of a program that is told something wrong, and would be again."""

_PR_SET_PDEATHSIG = 1
_LIVED_S = 10.0
_LONGEST_DELAY_S = 30.0
_LEAST_DELAY_S = 0.5
_END_S = 5.0
"""A program that has not ended by then is killed."""


class Supervisor:
    """Runs programs until SIGINT or SIGTERM; one that dies is back at once, one that keeps dying later.

    They end with this process, also when it is killed.

    Args:
        commands: by the name of the program.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._programs = [_Program(name, command) for name, command in commands.items()]

    def run(self) -> int:
        """Run them; returns the exit code: 0, or `MISTAKE` as soon as that is one's."""
        signals = {*SIGNALS, signal.SIGCHLD}
        # They are waited for, and none is lost; the programs let them through when they are ready to end.
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            while not any(program.code() == MISTAKE for program in self._programs):
                delay_s = min(program.keep_running() for program in self._programs)
                told = signal.sigtimedwait(signals, delay_s)
                if told is not None and told.si_signo in SIGNALS:
                    return 0
            return MISTAKE
        finally:
            self._end()

    def _end(self) -> None:
        for program in self._programs:
            program.tell_to_end()
        deadline_s = time.monotonic() + _END_S
        for program in self._programs:
            program.end(deadline_s)


class _Program:
    def __init__(self, name: str, command: Sequence[str]) -> None:
        self._name = name
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._delay_s = 0.0
        self._started_s = self._due_s = time.monotonic()
        self._begin = partial(_end_with, os.getpid(), ctypes.CDLL(None).prctl)

    def code(self) -> int | None:
        """How it ended; None while it runs or is to run again."""
        return self._process.poll() if self._process else None

    def keep_running(self) -> float:
        """Start it when that is due; returns in how many seconds this has to be asked again."""
        now_s = time.monotonic()
        if self._process and (code := self._process.poll()) not in (None, MISTAKE):
            self._process = None
            lived_long = now_s - self._started_s > _LIVED_S
            self._delay_s = 0.0 if lived_long else min(2 * self._delay_s, _LONGEST_DELAY_S) or _LEAST_DELAY_S
            self._due_s = now_s + self._delay_s
            again = f"in {self._delay_s:.1f} s" if self._delay_s else "now"
            print(f"{self._name} {_ended(code)}: it is started again {again}", file=sys.stderr, flush=True)
        if not self._process and now_s >= self._due_s:
            self._started_s = now_s
            self._process = subprocess.Popen(self._command, preexec_fn=self._begin)
        return _LONGEST_DELAY_S if self._process else self._due_s - now_s

    def tell_to_end(self) -> None:
        """Ask it to end."""
        if self._process:
            self._process.terminate()

    def end(self, deadline_s: float) -> None:
        """Wait for its end, and bring that about at the deadline, in seconds of the monotonic clock."""
        if not self._process:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline_s - time.monotonic()))
            return
        print(f"{self._name} does not end: it is killed", file=sys.stderr, flush=True)
        self._process.kill()
        self._process.wait()


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def _end_with(parent: int, prctl: Callable[[int, int], int]) -> None:
    """Called in a child process that begins: it is told to end when its parent has died."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])  # only its parent waits for these
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before
        os._exit(0)
