"""Something that was mentioned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True)
class Mention:
    """A thing in a sentence.

    ``topic`` names it ("old piano"), ``phrase`` is how a question to the speaker refers to it ("your old
    piano"), ``head`` is what it is at bottom ("piano").
    """

    topic: str
    phrase: str
    head: str


@cache
def words(tag: str) -> dict[str, frozenset[str]]:
    """The word lists of a language, by the name of the list."""
    text = resources.files("stalk_ros.topics.languages").joinpath(f"{tag}.yaml").read_text(encoding="utf-8")
    lists: dict[str, Any] = yaml.safe_load(text)
    return {name: frozenset(str(entries).split()) for name, entries in lists.items()}
