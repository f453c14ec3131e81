"""Numbers of the voices of a session: "S1", "S2", … are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.speakers.profiles.profile import Profile


class Numbers:
    """Gives everybody a number that nobody else has or has had in the session.

    Unknown voices get the lowest ones, in the order in which they ask. People who are enrolled have theirs,
    unless an unknown voice had it before they were enrolled elsewhere.
    """

    def __init__(self) -> None:
        self._voices: dict[int, int] = {}
        self._people: dict[int, int] = {}
        self._taken: set[int] = set()
        self._reserved: set[int] = set()

    def reserve(self, numbers: Iterable[int]) -> None:
        """Keep the numbers of those who are enrolled from unknown voices."""
        self._reserved = set(numbers)

    def of_voice(self, voice: int) -> int:
        """The number of an unknown voice."""
        if voice not in self._voices:
            self._voices[voice] = self._next()
        return self._voices[voice]

    def has(self, voice: int) -> bool:
        """Whether an unknown voice has got a number."""
        return voice in self._voices

    def of_person(self, profile: Profile) -> int:
        """The number of somebody who is enrolled."""
        if profile.key not in self._people:
            free = profile.number not in self._taken
            self._people[profile.key] = profile.number if free else self._next()
            self._taken.add(profile.number)
        return self._people[profile.key]

    def give(self, profile: Profile, number: int) -> None:
        """Let somebody who was just enrolled keep the number of the voice."""
        self._people[profile.key] = number

    def renew(self, voice: int) -> None:
        """Let a voice be another one when it is heard again."""
        self._voices.pop(voice, None)

    def _next(self) -> int:
        used = self._taken | self._reserved
        number = next(number for number in range(1, len(used) + 2) if number not in used)
        self._taken.add(number)
        return number
