"""What the stages made of a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stalk_ros.events import Suggestion, Utterance


@dataclass(frozen=True)
class Told:
    """An event, and how much of the recording had been heard when it came out, in ns of audio time."""

    event: Utterance | Suggestion
    at_ns: int


@dataclass(frozen=True)
class Heard:
    """What came out of a recording whose first sample is at ``start_ns``.

    Attributes:
        told: utterances as diarization tells them, partials where they were asked for, and suggestions, in
            order.
        written: final utterances as asr tells them, before anybody knows who speaks.
        speech_ns: from when to when voice activity heard anybody.
    """

    start_ns: int
    duration_s: float
    told: tuple[Told, ...]
    written: tuple[Told, ...]
    speech_ns: tuple[tuple[int, int], ...]
