"""Who takes part: how they are called and how much they have said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, cast

from stalk_ros.topics.languages import part

if TYPE_CHECKING:
    from stalk_ros.topics.memory.heard import Heard

    class _Language(Protocol):
        def introduction(self, text: str) -> tuple[str, int]: ...


MAX_PEOPLE = 100
"""Voices remembered, those who spoke last."""

_ENROLLED = 4
"""How sure an enrolled name is: more than any that was understood."""


@dataclass(frozen=True)
class Person:
    """What one speaker has said since the session began.

    ``name`` is "" when nobody knows it. ``talking_ns`` is the talking time, ``words`` are counted as the
    transcript separates them, ``last_ns`` is the end of the last turn (audio time).
    """

    name: str = ""
    talking_ns: int = 0
    words: int = 0
    turns: int = 0
    last_ns: int = 0
    sureness: int = 0


class People:
    """The attributed speakers by id, who spoke last at the end."""

    def __init__(self) -> None:
        self._people: dict[str, Person] = {}

    @property
    def people(self) -> dict[str, Person]:
        """All by id."""
        return dict(self._people)

    @property
    def names(self) -> dict[str, str]:
        """Names by id, of those who are enrolled or have told theirs."""
        return {speaker: person.name for speaker, person in self._people.items() if person.name}

    def add(self, heard: Heard) -> None:
        """Take in a turn."""
        said = heard.utterance
        if not said.speaker_id:
            return
        person = self._people.pop(said.speaker_id, Person())
        self._people[said.speaker_id] = replace(
            _named(person, heard),
            talking_ns=person.talking_ns + said.end_ns - said.start_ns,
            words=person.words + (len(said.words) or len(said.text.split())),
            turns=person.turns + 1,
            last_ns=said.end_ns,
        )
        if len(self._people) > MAX_PEOPLE:
            del self._people[next(iter(self._people))]


def _named(person: Person, heard: Heard) -> Person:
    """With the enrolled name, else with the surest they have told, of equally sure ones the first."""
    if heard.utterance.speaker_name:
        return replace(person, name=heard.utterance.speaker_name, sureness=_ENROLLED)
    words = cast("_Language | None", part(heard.language, "introductions"))
    if words is None:
        return person
    name, sureness = words.introduction(heard.text)
    return replace(person, name=name, sureness=sureness) if sureness > person.sureness else person
