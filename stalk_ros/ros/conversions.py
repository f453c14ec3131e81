"""The messages of rclpy, made from and turned into the classes the stages use."""

from __future__ import annotations

import array
import functools
import importlib
from typing import TYPE_CHECKING, Any

from stalk_ros.messages import (
    Messages,
    activity_from_msg,
    chunk_from_msg,
    state_from_msg,
    suggestion_from_msg,
    to_ns,
    utterance_from_msg,
)

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "activity_from_msg",
    "activity_to_msg",
    "chunk_from_msg",
    "chunk_to_msg",
    "header",
    "state_from_msg",
    "state_to_msg",
    "suggestion_from_msg",
    "suggestion_to_msg",
    "to_ns",
    "to_time",
    "utterance_from_msg",
    "utterance_to_msg",
]


class _Rclpy:
    """The messages of this process's ROS 2."""

    def make(self, name: str, **fields: Any) -> Any:
        return _message_class(name)(**fields)

    def numbers(self, values: npt.NDArray[Any]) -> Any:
        return array.array(values.dtype.char, values.tobytes())


@functools.cache
def _message_class(name: str) -> Any:
    package, kind, message = name.split("/")
    return getattr(importlib.import_module(f"{package}.{kind}"), message)


_messages = Messages(_Rclpy())

to_time = _messages.time
header = _messages.header
chunk_to_msg = _messages.chunk
activity_to_msg = _messages.activity
utterance_to_msg = _messages.utterance
state_to_msg = _messages.state
suggestion_to_msg = _messages.suggestion
