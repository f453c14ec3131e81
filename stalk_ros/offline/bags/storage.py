"""What the files of a bag hold, whichever format they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

CDR = "cdr"
"""How ROS 2 serialises messages."""

LARGEST_PIECE = 1 << 28
"""So many bytes are read at once at most, whatever a file claims."""


class Topic(NamedTuple):
    """A topic of messages of one type, such as ``std_msgs/msg/Bool``."""

    name: str
    type: str


@dataclass
class Content:
    """What there is of a topic.

    Attributes:
        count: messages.
        start_ns: when the first was recorded.
        end_ns: when the last was recorded.
        definition: of the type, as text; "" = not told.
    """

    count: int = 0
    start_ns: int = 0
    end_ns: int = 0
    definition: str = ""

    def add(self, other: Content) -> None:
        """Count in more of the topic."""
        if other.count:
            self.start_ns = min(self.start_ns, other.start_ns) if self.count else other.start_ns
            self.end_ns = max(self.end_ns, other.end_ns) if self.count else other.end_ns
            self.count += other.count
        self.definition = self.definition or other.definition


class Message(NamedTuple):
    """A message as it was recorded at ``log_ns``, serialised."""

    log_ns: int
    topic: Topic
    data: bytes


class Storage(Protocol):
    """A file of a bag.

    Attributes:
        topics: what it holds.
    """

    topics: dict[Topic, Content]

    @property
    def problem(self) -> str:
        """What is missing, as a part of a sentence; "" = nothing. Complete when all was read."""

    def messages(self, topics: Collection[Topic]) -> Iterator[Message]:
        """What was recorded of some topics, in the order of the time when it was."""


class DamagedFileError(Exception):
    """A file of which nothing can be read; the message says why."""


def topic_of(name: str, message_type: str, encoding: str) -> Topic:
    """A topic by its names; a type that ROS 2 did not serialise has a name of its own."""
    package, _, kind = message_type.partition("/")
    full = f"{package}/msg/{kind.rpartition('/')[2]}" if kind else message_type
    return Topic(name, full if encoding == CDR else f"{full} in '{encoding}'")
