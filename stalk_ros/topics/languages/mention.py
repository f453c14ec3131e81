"""Something that was mentioned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mention:
    """A thing in a sentence.

    ``topic`` names it ("old piano"), ``phrase`` is how a question to the speaker refers to it ("your old
    piano"), ``head`` is what it is at bottom ("piano").
    """

    topic: str
    phrase: str
    head: str
