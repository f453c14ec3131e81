"""What REP 155 (ROS4HRI) is told about voices, out of who said what.

REP 155: Conventions, Topics, Interfaces for Perception in Human-Robot Interaction,
https://www.ros.org/reps/rep-0155.html
"""

from __future__ import annotations

import hashlib
import secrets
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stalk_ros.clock import NANOSECONDS
from stalk_ros.events import ROBOT

if TYPE_CHECKING:
    from stalk_ros.events import Utterance, VoiceActivity

KEPT_NS = 60 * NANOSECONDS
"""A voice that was not heard for so long is not tracked any more."""

MAX_VOICES = 20
"""So many are tracked; when one more is heard, the one that was silent for longest is not any more."""

_REPEAT_NS = NANOSECONDS
_NEW_STREAM_NS = NANOSECONDS
_ID_LETTERS = 6


@dataclass(frozen=True)
class Tracked:
    """The ids of all voices that are tracked now; `time_ns` is audio time."""

    time_ns: int
    voice_ids: tuple[str, ...]


@dataclass(frozen=True)
class Speaking:
    """A voice begins or ceases to speak."""

    voice_id: str
    speaking: bool


@dataclass(frozen=True)
class Speech:
    """What a voice says."""

    voice_id: str
    utterance: Utterance


@dataclass(frozen=True)
class Match:
    """A voice is that of a person; with the confidence 0 it is not, or no more."""

    voice_id: str
    person_id: str
    confidence: float


Event = Tracked | Speaking | Speech | Match


@dataclass
class _Voice:
    voice_id: str
    heard_ns: int
    open_utterances: set[str] = field(default_factory=set)
    speaking: bool = False
    person_id: str = ""


class Voices:
    """The voices of a session.

    Ids are random for each session and stay with a voice during it, also where it was not tracked for a
    while. A partial of a voice that is not known yet is nobody's; a final that stays unattributed belongs to
    one more voice, that of everybody who is unknown, so that nothing that was said is lost. The robot's own
    echo is no voice of a human.
    """

    _voices: dict[str, _Voice]
    _time_ns: int
    _told_ns: int

    def __init__(self) -> None:
        self._begin()

    @property
    def voice_ids(self) -> tuple[str, ...]:
        """Who is tracked."""
        return tuple(voice.voice_id for voice in list(self._voices.values()))

    def hear(self, utterance: Utterance) -> list[Event]:
        """What a partial or final utterance changes."""
        for voice in self._voices.values():
            voice.open_utterances.discard(utterance.utterance_id)
        known: list[Event] = []
        said: list[Event] = []
        if utterance.text and _is_somebodys(utterance):
            known = self._track(utterance)
            voice = self._voices[utterance.speaker_id]
            if not (utterance.final or self._silent):
                voice.open_utterances.add(utterance.utterance_id)
            known += self._matched(voice, utterance)
            said = [Speech(voice.voice_id, utterance)]
        turns = self._turns()
        begun = [turn for turn in turns if turn.speaking]
        ended = [turn for turn in turns if not turn.speaking]
        return [*known, *begun, *said, *ended]

    def follow(self, activity: VoiceActivity) -> list[Event]:
        """What voice activity changes: whoever speaks ceases to when it ends, and time goes on."""
        events: list[Event] = []
        if activity.time_ns < self._time_ns - _NEW_STREAM_NS:
            # The audio has begun anew, and with it the counting of unknown speakers.
            events = self.end()
            self._begin()
        self._time_ns = max(self._time_ns, activity.time_ns)
        self._silent = not activity.speech
        if self._silent:
            for voice in self._voices.values():
                voice.open_utterances.clear()
        events += self._turns()
        for speaker, voice in list(self._voices.items()):
            if voice.heard_ns < self._time_ns - KEPT_NS:
                events += self._lose(speaker)
        if self._time_ns - self._told_ns >= _REPEAT_NS:
            events.append(self._tell())
        return events

    def end(self) -> list[Event]:
        """Nobody is tracked any more."""
        return [event for speaker in list(self._voices) for event in self._lose(speaker)]

    def _begin(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._voices = {}
        self._time_ns = 0
        self._told_ns = 0
        self._silent = False

    def _track(self, utterance: Utterance) -> list[Event]:
        """Note that a voice is heard; it may be a new one."""
        speaker = utterance.speaker_id
        voice = self._voices.get(speaker)
        if voice is not None:
            voice.heard_ns = max(voice.heard_ns, utterance.end_ns)
            return []
        events: list[Event] = []
        if len(self._voices) >= MAX_VOICES:
            events += self._lose(min(self._voices, key=lambda name: self._voices[name].heard_ns))
        self._voices[speaker] = _Voice(self._transient_id(speaker), utterance.end_ns)
        return [*events, self._tell()]

    def _lose(self, speaker: str) -> list[Event]:
        voice = self._voices.pop(speaker)
        events: list[Event] = [Speaking(voice.voice_id, False)] if voice.speaking else []
        if voice.person_id:
            events.append(Match(voice.voice_id, voice.person_id, 0.0))
        return [*events, self._tell()]

    def _tell(self) -> Tracked:
        self._told_ns = self._time_ns
        latest_ns = max((voice.heard_ns for voice in self._voices.values()), default=0)
        return Tracked(max(self._time_ns, latest_ns), self.voice_ids)

    def _turns(self) -> list[Speaking]:
        """Who has begun or ceased to speak."""
        turns = []
        for voice in self._voices.values():
            if voice.speaking != bool(voice.open_utterances):
                voice.speaking = not voice.speaking
                turns.append(Speaking(voice.voice_id, voice.speaking))
        return turns

    def _matched(self, voice: _Voice, utterance: Utterance) -> list[Event]:
        """Whose voice it is, as far as that is known; said again with each final utterance."""
        person_id = f"stalk_{utterance.speaker_id}" if utterance.speaker_name else ""
        if utterance.speaker_confidence <= 0 or (person_id == voice.person_id and not utterance.final):
            return []
        events: list[Event] = []
        if voice.person_id and person_id != voice.person_id:
            events.append(Match(voice.voice_id, voice.person_id, 0.0))
        if person_id:
            events.append(Match(voice.voice_id, person_id, utterance.speaker_confidence))
        voice.person_id = person_id
        return events

    def _transient_id(self, speaker: str) -> str:
        """Letters only: a name in ROS 2 must not begin with a digit."""
        number = int.from_bytes(hashlib.blake2b(speaker.encode(), key=self._secret).digest(), "big")
        letters = []
        for _ in range(_ID_LETTERS):
            number, index = divmod(number, len(string.ascii_lowercase))
            letters.append(string.ascii_lowercase[index])
        return "".join(letters)


def _is_somebodys(utterance: Utterance) -> bool:
    return utterance.speaker_id != ROBOT and (utterance.final or bool(utterance.speaker_id))
