"""What a format may want to know beside what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.recording import Recording
    from stalk_ros.offline.times import RecordingTime


@dataclass(frozen=True)
class Context:
    """How a recording is heard.

    Attributes:
        recording: what is read; its ``problem`` is complete when all of it was read.
        times: of the recording.
        configuration: parameters of the stages.
        engines: name of a node to the name of its engine.
    """

    recording: Recording
    times: RecordingTime
    configuration: Configuration
    engines: dict[str, str]
