"""A process with nodes in it, from its first signal to a clean end."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rclpy.node import Node


@contextlib.contextmanager
def ros() -> Iterator[threading.Event]:
    """ROS 2 for as long as the context lasts; gives an event that SIGINT and SIGTERM set.

    rclpy's own handlers would shut it down at once, and what is queued could no longer be published.

    Raises:
        UserError: the arguments for ROS 2 are wrong.
    """
    try:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    except Exception as error:
        # What rclpy raises for a wrong argument or params file is of a private type.
        raise UserError(f"ROS 2 does not start: {' '.join(str(error).split())}") from None
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        yield stopped
    finally:
        rclpy.shutdown()


@contextlib.contextmanager
def mistakes(program: str) -> Iterator[None]:
    """End the process with one line and code 2 for a user's mistake."""
    try:
        yield
    except UserError as error:
        print(f"{program}: {error}", file=sys.stderr)
        sys.exit(2)


@contextlib.contextmanager
def spinning(nodes: Sequence[Node]) -> Iterator[None]:
    """Spin nodes in a thread, so that this one sees a signal at once; destroys them in the end."""
    executor = SingleThreadedExecutor()
    for node in nodes:
        executor.add_node(node)
    thread = threading.Thread(target=executor.spin, name="executor")
    thread.start()
    try:
        yield
    finally:
        executor.shutdown()
        thread.join()
        for node in nodes:
            node.destroy_node()


def leave() -> None:
    """End the process, also while an engine computes in a thread that nobody could wait for.

    Such a thread would come back into an interpreter that is being taken down, and abort the process.
    """
    if any(thread.daemon for thread in threading.enumerate()):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
