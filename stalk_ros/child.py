"""A Python process beside this one, for an engine that would hold this one up or could take it down.

It speaks through a socket, which is its standard input, for both directions, so that nothing that is printed
gets between the answers.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import IO


def start_child(module: str, output: int | IO[bytes] = 2) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a process that runs ``main`` of a module; returns it and this side of the socket.

    Args:
        module: its name.
        output: descriptor or file that what it prints goes to; by default standard error.
    """
    # It imports what this process would; with "-m" modules in the current folder would come first.
    run = f"from {module} import main; main()"
    ours, theirs = socket.socketpair()
    with theirs:
        # A session of its own keeps Ctrl-C away.
        process = subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {run}"],
            stdin=theirs.fileno(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return process, ours


def end_child(process: subprocess.Popen[bytes], channel: socket.socket) -> None:
    """End a process, whatever it is doing."""
    process.kill()
    process.wait()
    channel.close()
