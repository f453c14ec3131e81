"""A person whose voice is remembered, and what a name may be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.speakers.resemblance import Speech

_LONGEST_NAME = 80


@dataclass(frozen=True, eq=False)
class Profile:
    """What is remembered of a person.

    Attributes:
        key: what tells this enrolment from every other one, also from a later one under the same id.
        number: the person's id is "S<number>".
        name: unique, see `same_name`.
        voice: sums of embeddings; there is nothing else of what was said, or how.
        enrolled_ns: audio time of the enrolment.
        updated_ns: audio time up to which the voice was followed.
    """

    key: int
    number: int
    name: str
    voice: Speech
    enrolled_ns: int
    updated_ns: int

    @property
    def speaker_id(self) -> str:
        """The id of this voice in every session."""
        return speaker_id(self.number)


def speaker_id(number: int) -> str:
    """The id of a voice by its number."""
    return f"S{number}"


def checked_name(name: str) -> str:
    """A name as it is kept: without needless spaces.

    Raises:
        UserError: it is empty, too long, not printable, or looks like the id of a voice.
    """
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not name:
        raise UserError("a name is needed")
    if len(name) > _LONGEST_NAME:
        raise UserError(f"a name has at most {_LONGEST_NAME} characters, not {len(name)}")
    if not name.isprintable():
        raise UserError(f"the name {name!r} has characters that cannot be shown")
    if re.fullmatch(r"S\d+", name, re.IGNORECASE):
        raise UserError(f"'{name}' cannot be a name: unknown voices are called so")
    return name


def same_name(name: str) -> str:
    """Equal for two names that nobody should have to tell apart."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def called(profiles: Iterable[Profile], name: str) -> Profile | None:
    """The profile of this name."""
    return next((profile for profile in profiles if same_name(profile.name) == same_name(name)), None)


def names(profiles: Iterable[Profile]) -> str:
    """Who is enrolled, as part of a sentence."""
    listed = ", ".join(f"'{profile.name}'" for profile in profiles)
    return f"enrolled are: {listed}" if listed else "nobody is enrolled"
