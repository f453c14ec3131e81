"""Something that a sentence says or presupposes of somebody."""

from __future__ import annotations

from dataclasses import dataclass

ANYBODY = "*"
"""Of nobody in particular: it is enough that anybody spoke of it."""


@dataclass(frozen=True)
class Claim:
    """What must have been said before.

    ``about`` is a name as the sentence has it, "" for whoever is addressed, or `ANYBODY`. ``text`` holds the
    words; all that weigh in it must have been said, of a ``noun`` phrase only its first.
    """

    about: str
    text: str
    noun: bool = False
