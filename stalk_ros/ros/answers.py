"""Answers to service requests that another thread gives later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rclpy.task import Future

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.node import Node

Answer = TypeVar("Answer")


class Answers(Generic[Answer]):
    """Lets service callbacks wait without holding up the node.

    Args:
        node: whose services they are.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._open: set[Any] = set()

    @property
    def waiting(self) -> int:
        """How many wait for an answer."""
        return len(self._open)

    async def to(self, begin: Callable[[Callable[[Answer], None]], None]) -> Answer:
        """What ``begin`` is answered: it gets a function to call with it, once, in any thread."""
        future: Any = Future(executor=self._node.executor)
        # Any callback lets the executor wake up.
        future.add_done_callback(self._open.discard)
        self._open.add(future)
        begin(lambda answer: _resolve(future, answer))
        answer: Answer = await future
        return answer

    def give_all(self, answer: Answer) -> None:
        """Answer everybody who waits."""
        for future in list(self._open):
            _resolve(future, answer)


def _resolve(future: Any, answer: Any) -> None:
    if not future.done():
        future.set_result(answer)
