"""Runs a program to its end, or to an end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from stalk_ros.errors import EngineError

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from stalk_ros.mouth.command import Call

_LOOK_S = 0.02
"""How often it is looked whether the program has ended."""

_GRACE_S = 0.3
"""How long a program that is told to end may take to do so."""

_PIECE = 65536
_REMEMBERED = 4096
"""So much of what the program complains about last is kept, in bytes."""


def run(call: Call, timeout_s: float, over: threading.Event) -> None:
    """Run a program until it ends by itself, or until ``over`` is set, from any thread.

    When this returns the program has ended, and what it started has been killed, unless that has left its
    process group.

    Args:
        call: program, arguments and input.
        timeout_s: how long it may run.
        over: ends the program at once; when it is set before, the program does not begin.

    Raises:
        EngineError: the program cannot be started, fails, or runs for longer.
    """
    if over.is_set():
        return
    name = PurePath(call.arguments[0]).name
    process = _started(call, name)
    assert process.stderr is not None
    with process.stderr as stderr:
        complaint = _Complaint(stderr)
        try:
            in_time = _awaited(process, timeout_s, over, complaint)
        finally:
            _end(process)
        complaint.read()
    if over.is_set():
        return
    if not in_time:
        raise EngineError(f"'{name}' did not end within {timeout_s:g} s (timeout_s) and was ended")
    if process.returncode:
        code = process.returncode
        how = f"failed with code {code}" if code > 0 else f"was ended by signal {-code}"
        raise EngineError(f"'{name}' {how}{complaint.last_line}")


class _Complaint:
    """What a program writes to its standard error, read as it comes, so that it never waits for a reader."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._descriptor = stream.fileno()
        self._kept = b""
        os.set_blocking(self._descriptor, False)

    @property
    def last_line(self) -> str:
        """The last line that is not empty, after a colon; "" when there is none."""
        lines = self._kept.decode(errors="replace").split("\n")
        told = [line for line in (" ".join(line.split()) for line in lines) if line]
        return f": {told[-1]}" if told else ""

    def read(self) -> None:
        """Read what is there by now."""
        with contextlib.suppress(BlockingIOError):
            if piece := os.read(self._descriptor, _PIECE):
                self._kept = (self._kept + piece)[-_REMEMBERED:]


def _started(call: Call, name: str) -> subprocess.Popen[bytes]:
    with _given(call.text) as given:
        try:
            return subprocess.Popen(
                call.arguments,
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"'{name}' cannot be started: {error.strerror}") from error


@contextlib.contextmanager
def _given(text: str | None) -> Iterator[int | IO[bytes]]:
    """The standard input: a file, as a pipe would have to wait for a program that does not read it."""
    if text is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.seek(0)
        yield file


def _awaited(
    process: subprocess.Popen[bytes], timeout_s: float, over: threading.Event, complaint: _Complaint
) -> bool:
    """Wait for the end; false when it has not come in time."""
    until_s = time.monotonic() + timeout_s
    while not _has_ended(process):
        if over.wait(_LOOK_S):
            return True
        if time.monotonic() > until_s:
            return False
        complaint.read()
    return True


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended; it is not reaped yet, so that its number is still that of its group."""
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True  # reaped by the system, where this process was started with SIGCHLD ignored


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the group of a process, and reap it."""
    _signal_group(process, signal.SIGTERM)
    until_s = time.monotonic() + _GRACE_S
    while not _has_ended(process) and time.monotonic() < until_s:
        time.sleep(_LOOK_S)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # One that runs as another user cannot be ended: it is waited for.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
