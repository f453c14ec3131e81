"""Nodes in this process, in a DDS domain of their own."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 120.0
"""Long enough for a busy machine; only a broken test waits for it."""


class Graph:
    """Spins nodes in a thread, and waits for what they do."""

    def __init__(self) -> None:
        self._executor = SingleThreadedExecutor()
        self._nodes: list[Node] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._spin, name="test executor")
        self._thread.start()
        self.probe = self.add(Node("probe"))

    def add(self, node: Any) -> Any:
        self._nodes.append(node)
        self._executor.add_node(node)
        return node

    def remove(self, node: Any) -> None:
        self._nodes.remove(node)
        self._executor.remove_node(node)
        node.destroy_node()

    def collect(self, message_type: Any, topic: str, qos: Any = 100) -> list[Any]:
        """A list that grows as messages come."""
        messages: list[Any] = []

        def received(message: Any) -> None:
            with self._changed:
                messages.append(message)
                self._changed.notify_all()

        self.probe.create_subscription(message_type, topic, received, qos)
        return messages

    def publisher(self, message_type: Any, topic: str, qos: Any = 100) -> Any:
        return self.probe.create_publisher(message_type, topic, qos)

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until the condition holds; it is looked at whenever a message comes."""
        with self._changed:
            # Some conditions, such as that of discovery, change without a message.
            deadline_s = time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline_s:
                result = condition()
                if result:
                    return result
                self._changed.wait(0.05)
        raise AssertionError(f"{what} did not happen within {PATIENCE_S} s")

    def connected(self, publisher: Any) -> None:
        self.wait(lambda: publisher.get_subscription_count() > 0, f"a subscriber of {publisher.topic_name}")

    def ask(self, service_type: Any, name: str, request: Any) -> Any:
        """A future that has the answer when there is one."""
        client = self.probe.create_client(service_type, name)
        assert client.wait_for_service(PATIENCE_S), f"there is no service {name}"
        future = client.call_async(request)
        future.add_done_callback(lambda _: self._notify())
        return future

    def call(self, service_type: Any, name: str, request: Any) -> Any:
        future = self.ask(service_type, name, request)
        self.wait(future.done, f"an answer of {name}")
        return future.result()

    def close(self) -> None:
        self._executor.shutdown()
        self._thread.join()
        for node in self._nodes:
            if hasattr(node, "stop"):
                node.stop(time.monotonic() + PATIENCE_S)
            node.destroy_node()

    def _spin(self) -> None:
        # A test has a node destroy its subscriptions in another thread, which rclpy does not bear.
        while True:
            with contextlib.suppress(InvalidHandle):
                self._executor.spin()
                return

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()


@pytest.fixture
def graph(domain_id: int) -> Iterator[Graph]:
    rclpy.init(domain_id=domain_id)
    graph = Graph()
    yield graph
    graph.close()
    rclpy.shutdown()
