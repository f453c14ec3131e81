"""What every format can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk
    from stalk_ros.events import Utterance
    from stalk_ros.offline.conversation import Event


class Export:
    """Writes what is in a recording, and what comes out of it, in the order in which it happens.

    A format takes what it has a place for. What it writes is complete after each call or at least after
    `close`, which comes after an interrupt too.
    """

    def hear(self, chunk: AudioChunk) -> None:
        """Take the audio that comes next, before the events that it causes."""

    def robot_spoke(self, speaking: bool) -> None:
        """Take that the robot begins to speak, or stops."""

    def transcribed(self, utterance: Utterance) -> None:
        """Take what was said, before anybody knows who said it."""

    def write(self, event: Event) -> None:
        """Take an event."""

    def close(self) -> None:
        """Complete the file."""
