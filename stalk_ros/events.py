"""What the stages tell each other.

The messages in ``msg/`` mirror these classes. All times are absolute audio times in integer nanoseconds
(see `stalk_ros.clock`): the stamp of the audio plus samples / rate.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Word:
    """One word with its place in time; ``probability`` is in [0, 1]."""

    text: str
    start_ns: int
    end_ns: int
    probability: float


_UNSPACED = ("ja", "zh", "yue", "th", "lo", "my", "km")
"""Languages written without spaces between words."""


def unspaced(language: str) -> bool:
    """Whether a language, BCP 47, is written without spaces between words."""
    return language.split("-")[0] in _UNSPACED


def joined(texts: Iterable[str], language: str) -> str:
    """Words, or longer pieces, as they are written one after another; ``language`` is BCP 47."""
    return ("" if unspaced(language) else " ").join(texts)


ROBOT = "robot"
"""The ``speaker_id`` of what the robot itself said and the microphone heard."""


@dataclass(frozen=True)
class Utterance:
    """What one voice said between two pauses.

    ``speaker_id`` is "" while nobody has attributed it and `ROBOT` where it is the robot's own voice,
    ``speaker_name`` is "" unless the voice is enrolled.
    Where others are heard at the same time it is ``overlapped``, and names those that are known. Confidences
    are in [0, 1]. A partial (``final`` false) has the id of the final that replaces it; a final with the
    ``text`` "" takes its partials back.
    """

    utterance_id: str
    start_ns: int
    end_ns: int
    text: str
    words: tuple[Word, ...] = ()
    language: str = ""
    confidence: float = 0.0
    speaker_id: str = ""
    speaker_name: str = ""
    speaker_confidence: float = 0.0
    overlapped: bool = False
    overlapping_speaker_ids: tuple[str, ...] = ()
    final: bool = True


@dataclass(frozen=True)
class VoiceActivity:
    """Whether anybody speaks.

    ``time_ns`` is the audio time up to which this is known and ``duration_ns`` how long the state had lasted
    by then, so the state began at ``since_ns``. Everything said before ``transcribed_until_ns`` is out as
    final text; the latest of those finals ended at ``last_utterance_end_ns`` (0 = there was none yet). While
    it is ``muted`` nothing is heard, because the robot speaks.
    """

    time_ns: int
    speech: bool
    probability: float
    duration_ns: int
    transcribed_until_ns: int
    last_utterance_end_ns: int = 0
    muted: bool = False

    @property
    def since_ns(self) -> int:
        """When the state began."""
        return self.time_ns - self.duration_ns


class Trigger(enum.IntEnum):
    """Why a topic is suggested."""

    SILENCE = 0
    MINIMAL_RESPONSES = 1
    REPETITION = 2
    ONE_SIDED = 3
    REQUEST = 4


class SuggestionStatus(enum.IntEnum):
    """Whether a suggestion stands."""

    OFFERED = 0
    WITHDRAWN = 1


@dataclass(frozen=True)
class ConversationState:
    """How the conversation goes.

    ``silence_s`` is the silence since the last speech, ``awkwardness`` is in [0, 1] with its ``reasons`` in
    words, ``talk_share`` holds each of ``speakers``' share of the talking time, in the same order, summing to
    1. With ``barge_in`` somebody speaks who began while the robot was speaking.
    """

    time_ns: int
    silence_s: float
    awkwardness: float
    reasons: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    talk_share: tuple[float, ...] = ()
    robot_speaking: bool = False
    topic: str = ""
    barge_in: bool = False


@dataclass(frozen=True)
class Suggestion:
    """One sentence the robot could say now.

    ``addressed_to`` holds speaker ids, empty = everyone. The offer is void after ``valid_until_ns`` or once
    the same ``suggestion_id`` was withdrawn.
    """

    time_ns: int
    suggestion_id: str
    status: SuggestionStatus
    text: str
    language: str
    topic: str
    rationale: str
    addressed_to: tuple[str, ...]
    trigger: Trigger
    awkwardness: float
    confidence: float
    source: str
    valid_until_ns: int
