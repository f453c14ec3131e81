"""A process with nodes in it, from its first signal to a clean end."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import remove_ros_args

from stalk_ros.errors import UserError
from stalk_ros.ros.start import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rclpy.executors import Executor
    from rclpy.node import Node

_LAST_CALLBACK_S = 0.1
"""How long the end waits for a callback; one that takes longer, such as a load of a model, is left behind."""


class Stop:
    """Whether the process is to end, and who waits for that.

    It is a pipe: a signal is lost on a thread that is about to wait for a lock, such as that of a
    `threading.Event`, and a handler that interrupts such a lock's holder waits for itself.
    """

    def __init__(self) -> None:
        self.requested = False
        self._waiting, self._requests = os.pipe()
        os.set_blocking(self._requests, False)

    def request(self) -> None:
        """Have the process end."""
        self.requested = True
        os.write(self._requests, b"\0")

    def heed_signals(self) -> None:
        """Have the process end by SIGINT and SIGTERM."""
        signal.set_wakeup_fd(self._requests, warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, self._signalled)

    def wait(self) -> None:
        """Wait until the process is to end."""
        while not self.requested:
            os.read(self._waiting, 1)

    def wait_for(self, seconds: float) -> bool:
        """Wait so long at most; returns whether the process is to end."""
        if not self.requested:
            select.select([self._waiting], [], [], max(0.0, seconds))
        return self.requested

    def _signalled(self, *_: object) -> None:
        self.requested = True


@contextlib.contextmanager
def ros() -> Iterator[Stop]:
    """ROS 2 for as long as the context lasts; gives what SIGINT and SIGTERM request.

    rclpy's own handlers would shut it down at once, and what is queued could no longer be published.

    Raises:
        UserError: the arguments for ROS 2 are wrong.
    """
    with _refusals():
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    stop = Stop()
    stop.heed_signals()
    try:
        yield stop
    finally:
        rclpy.shutdown()


def own_arguments() -> list[str]:
    """The arguments of the program that are not for ROS 2.

    Raises:
        UserError: those for ROS 2 are wrong.
    """
    with _refusals():
        return list(remove_ros_args(sys.argv)[1:])


@contextlib.contextmanager
def mistakes(program: str) -> Iterator[None]:
    """End the process with one line and code 2 for a user's mistake."""
    try:
        yield
    except UserError as error:
        print(f"{program}: {error}", file=sys.stderr)
        sys.exit(2)


@contextlib.contextmanager
def spinning(nodes: Sequence[Node], stop: Stop) -> Iterator[Executor]:
    """Spin nodes in a thread, so that this one sees a signal at once; destroys them in the end.

    A callback that raises requests the end, and its exception is raised here.
    """
    executor = SingleThreadedExecutor()
    for node in nodes:
        executor.add_node(node)
    failures: list[Exception] = []

    def spin() -> None:
        try:
            _spin(executor, stop)
        except Exception as error:
            failures.append(error)
            stop.request()

    # A daemon, so that a callback that never returns cannot keep the process alive.
    thread = threading.Thread(target=spin, name="executor", daemon=True)
    thread.start()
    try:
        yield executor
        if failures:
            raise failures[0]
    finally:
        executor.shutdown()
        thread.join(_LAST_CALLBACK_S)
        for node in nodes:
            node.destroy_node()


def _spin(executor: Executor, stop: Stop) -> None:
    """Spin until the executor is shut down, also while another thread destroys what the nodes listen to.

    At the end of the process one does. rclpy first looks what is still there and then begins to wait for it;
    it bears that a subscription is destroyed in between, and raises for the subscription's events.
    """
    while True:
        with _losing(stop):
            executor.spin()
            return


@contextlib.contextmanager
def _losing(stop: Stop) -> Iterator[None]:
    try:
        yield
    except InvalidHandle:
        if not stop.requested:
            raise


def leave() -> None:
    """End the process, also while an engine computes in a thread that nobody could wait for.

    Such a thread would come back into an interpreter that is being taken down, and abort the process.
    """
    # The interpreter takes Python's handlers away before it has ended.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if any(thread.daemon for thread in threading.enumerate()):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # What rclpy raises for a wrong argument or params file is of a private type.
        raise UserError(f"ROS 2 does not start: {' '.join(str(error).split())}") from None
