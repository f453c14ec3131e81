from __future__ import annotations

import signal
import threading

import pytest
from rclpy.exceptions import InvalidHandle
from rclpy.node import Node
from std_msgs.msg import Bool

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


@pytest.fixture
def losing(graph, monkeypatch) -> tuple[Node, threading.Event]:
    """A node half of whose subscription is destroyed already, and whether the executor has met that."""
    node, met = Node("losing"), threading.Event()
    (event, *_) = node.create_subscription(Bool, "heard", lambda _: None, 1).event_handlers
    add = event.add_to_wait_set
    monkeypatch.setattr(event, "add_to_wait_set", lambda wait_set: (met.set(), add(wait_set)))
    event.destroy()
    return node, met


def test_callbacks_run_while_nodes_destroy_their_subscriptions_in_the_end(losing) -> None:
    (node, met), stop, called = losing, Stop(), threading.Event()
    stop.request()
    with spinning([node], stop) as executor:
        assert met.wait(60.0)
        executor.create_task(called.set)
        assert called.wait(60.0)


def test_the_use_of_what_is_destroyed_ends_the_process_with_its_cause(losing) -> None:
    (node, _), stop = losing, Stop()
    with pytest.raises(InvalidHandle), spinning([node], stop):
        stop.wait()


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
