"""A recorded conversation, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stalk_ros.audio import AudioChunk

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class RobotSpeech:
    """The robot begins to speak, or stops, as ``/robot_speaking`` told at this place of the recording."""

    speaking: bool


Item = AudioChunk | RobotSpeech


class Recording(Protocol):
    """What was recorded, in the order in which it came.

    Attributes:
        name: of the recording, without a folder and a suffix.
        duration_s: audio in seconds, to tell how far one is.
    """

    name: str
    duration_s: float

    @property
    def problem(self) -> str:
        """What is missing, in one line for people; "" = nothing. Complete when `items` is over."""

    def items(self) -> Iterator[Item]:
        """The audio, and between the chunks when the robot spoke; may be asked for again.

        An empty chunk follows every stretch of audio: what comes after it, if anything, is another stream.

        Raises:
            UserError: the recording cannot be read.
        """
