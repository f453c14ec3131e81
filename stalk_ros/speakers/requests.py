"""Enrolling somebody from what was said lately, or from what is said next."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.speakers.enrolment import LEAST_S
from stalk_ros.speakers.profiles.profile import checked_name

if TYPE_CHECKING:
    from stalk_ros.audio import Block
    from stalk_ros.events import Utterance
    from stalk_ros.speakers.people import People

Answer = Callable[[str, str], None]
"""Told the id of who was enrolled and why nobody was; one of them is ""."""

ENOUGH_S = 5.0
"""Speech that is listened to when nobody says how much."""

_LONGEST_S = 60.0

_INTERJECTION_NS = seconds_to_ns(1.0)
"""Whoever speaks for less than this does not count as another voice: "mhm"."""

_PATIENCE_NS = seconds_to_ns(30.0)
"""How much longer than the speech is, in time of the audio, to wait for it."""

_REMEMBERED = 1000


@dataclass(frozen=True)
class _Said:
    utterance_id: str
    start_ns: int
    end_ns: int
    voice: int


@dataclass
class _Listening:
    """Somebody who is to be enrolled from what is said next."""

    name: str
    needed_ns: int
    since_ns: int
    answer: Answer
    spoken_ns: Counter[int] = field(default_factory=Counter)


class Enrolments:
    """Finds the voice that somebody is to be enrolled by; one thread at a time calls it.

    Args:
        people: in which they are enrolled.
    """

    def __init__(self, people: People) -> None:
        self._people = people
        self._said: deque[_Said] = deque(maxlen=_REMEMBERED)
        self._listening: list[_Listening] = []
        self._begun = False
        self._now_ns = 0

    def from_utterance(self, name: str, utterance_id: str) -> str:
        """Enrol who said an utterance; returns the id of the voice.

        Raises:
            UserError: it was said too long ago or is too short, or see `People.enrol`.
        """
        said = next((said for said in reversed(self._said) if said.utterance_id == utterance_id), None)
        if said is None:
            raise UserError(f"there is no utterance '{utterance_id}' whose speaker is known")
        if said.end_ns - said.start_ns < _INTERJECTION_NS:
            raise UserError(
                f"utterance '{utterance_id}' is too short to be sure whose it is: choose one of over a second"
            )
        return self._people.enrol(said.voice, name, self._now_ns)

    def from_last(self, name: str, seconds: float) -> str:
        """Enrol who spoke in the last seconds, 0 = who spoke last; returns the id of the voice.

        Raises:
            UserError: nobody or more than one person spoke, or see `People.enrol`.
        """
        _require_sensible(seconds)
        since_ns = self._now_ns - seconds_to_ns(seconds)
        spoken_ns: Counter[int] = Counter()
        for said in reversed(self._said):
            if seconds:
                spoken_ns[said.voice] += max(0, said.end_ns - max(since_ns, said.start_ns))
            elif not spoken_ns and said.end_ns - said.start_ns >= _INTERJECTION_NS:
                spoken_ns[said.voice] = said.end_ns - said.start_ns
        voice = self._only(spoken_ns)
        if voice is None:
            raise UserError(
                f"nobody was heard in the last {seconds:g} s" if seconds else "nobody was heard yet"
            )
        return self._people.enrol(voice, name, self._now_ns)

    def from_all(self, name: str) -> str:
        """Enrol the only one who was heard in the session; returns the id of the voice.

        Raises:
            UserError: nobody or more than one person spoke, or see `People.enrol`.
        """
        spoken_ns: Counter[int] = Counter()
        for said in self._said:
            spoken_ns[said.voice] += said.end_ns - said.start_ns
        voice = self._only(spoken_ns)
        if voice is None:
            raise UserError("nobody was heard")
        return self._people.enrol(voice, name, self._now_ns)

    def from_next(self, name: str, seconds: float, answer: Answer) -> None:
        """Enrol who speaks next, for this long, 0 = as long as it takes; ``answer`` is told when it is done.

        Raises:
            UserError: that is no name, or too long.
        """
        checked_name(name)
        _require_sensible(seconds)
        needed_s = max(seconds, LEAST_S) if seconds else ENOUGH_S
        self._listening.append(_Listening(name, seconds_to_ns(needed_s), self._now_ns, answer))

    def heard(self, block: Block) -> None:
        """Note up to when audio has come."""
        if self._begun and block.restart:
            self.abandon("the audio began anew")
        elif not self._begun:
            for listening in self._listening:
                listening.since_ns = block.time_ns
        self._begun = True
        self._now_ns = block.end_ns
        for listening in list(self._listening):
            waited_ns = self._now_ns - listening.since_ns
            if waited_ns >= listening.needed_ns + _PATIENCE_NS:
                self._listening.remove(listening)
                heard_s = ns_to_seconds(sum(listening.spoken_ns.values()))
                waited_s, needed_s = ns_to_seconds(waited_ns), ns_to_seconds(listening.needed_ns)
                listening.answer(
                    "", f"in {waited_s:.0f} s {heard_s:.1f} s of speech were heard, not {needed_s:.1f} s"
                )

    def said(self, utterance: Utterance, voice: int) -> None:
        """Note whose voice a final utterance is, as it was published."""
        self._said.append(_Said(utterance.utterance_id, utterance.start_ns, utterance.end_ns, voice))
        for listening in list(self._listening):
            listening.spoken_ns[voice] += max(
                0, utterance.end_ns - max(listening.since_ns, utterance.start_ns)
            )
            if sum(listening.spoken_ns.values()) >= listening.needed_ns:
                self._listening.remove(listening)
                self._finish(listening)

    def forget(self, voices: list[int]) -> None:
        """Forget what these voices said."""
        self._said = deque((said for said in self._said if said.voice not in voices), _REMEMBERED)

    def abandon(self, reason: str) -> None:
        """Tell everybody who waits that nothing comes of it."""
        while self._listening:
            self._listening.pop().answer("", reason)

    def _finish(self, listening: _Listening) -> None:
        try:
            voice = self._only(listening.spoken_ns)
            if voice is None:
                raise UserError("everybody who spoke was too short to be known by it")
            listening.answer(self._people.enrol(voice, listening.name, self._now_ns), "")
        except UserError as error:
            listening.answer("", str(error))

    def _only(self, spoken_ns: Counter[int]) -> int | None:
        """The one voice that was heard.

        Raises:
            UserError: there is more than one.
        """
        people: Counter[int] = Counter()
        for voice, duration_ns in spoken_ns.items():
            if self._people.known(voice):
                people[self._people.same(voice)] += duration_ns
        if not people:
            return None
        main, longest_ns = people.most_common(1)[0]
        others = [
            voice
            for voice, duration_ns in people.items()
            if voice != main and duration_ns >= _INTERJECTION_NS and not self._people.alike(main, voice)
        ]
        if others:
            ids = ", ".join(sorted(self._people.speaker_id(voice) for voice in (main, *others)))
            raise UserError(f"{len(others) + 1} voices were heard ({ids}), but it must be one alone")
        return main if longest_ns >= _INTERJECTION_NS else None


def _require_sensible(seconds: float) -> None:
    if not 0 <= seconds <= _LONGEST_S:
        raise UserError(f"the seconds to listen to must be between 0 and {_LONGEST_S:.0f}, not {seconds:g}")
