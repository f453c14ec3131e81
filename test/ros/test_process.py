from __future__ import annotations

import signal
import threading

import pytest
from rclpy.node import Node

from stalk_ros.ros.process import Stop, spinning


def test_a_callback_that_raises_ends_the_process_with_its_cause(graph) -> None:
    node = Node("broken")
    node.create_timer(0.01, lambda: 1 / 0)
    stop = Stop()
    with pytest.raises(ZeroDivisionError), spinning([node], stop):
        stop.wait()


def test_a_callback_that_never_returns_does_not_hold_up_the_end(graph) -> None:
    node, stop = Node("stuck"), Stop()
    working, release = threading.Event(), threading.Event()

    def hang() -> None:
        working.set()
        release.wait()

    node.create_timer(0.01, hang)
    with spinning([node], stop):
        working.wait()
    assert not release.is_set()
    release.set()


def test_a_signal_that_comes_before_the_wait_ends_it() -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    stop = Stop()
    stop.heed_signals()
    try:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        stop.wait()
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert stop.requested
