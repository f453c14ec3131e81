"""Something that was mentioned."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNHEARD = "…"
"""Stands for words that are not certain; no thing reaches across it."""

_GAP = re.compile(rf"{UNHEARD}(?=.*\w)")

KINDS = ("person", "animal", "place", "food", "activity", "media", "instrument", "event", "thing", "other")
"""What a thing may be, which decides what can be asked about it; "other" is all that is in no list."""


@dataclass(frozen=True)
class Mention:
    """A thing in a sentence.

    ``topic`` names it ("old piano"), ``phrase`` is how a question to the speaker refers to it ("your old
    piano"), ``head`` is what it is at bottom ("piano"), ``own`` whether it is the speaker's.
    """

    topic: str
    phrase: str
    head: str
    own: bool = False


def without_gaps(sentence: str) -> str:
    """A sentence without the words that are not certain: what it asks, it asks with them too."""
    return _GAP.sub(" ", sentence)
