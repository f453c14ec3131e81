"""The word lists of the languages, which lie beside their code."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
"""A word where words are separated: letters, also with an apostrophe within."""


@cache
def words(tag: str, kind: str) -> dict[str, frozenset[str]]:
    """The lists in the file ``kind`` of a language, words separated by blanks, by the name of the list."""
    file = resources.files(f"stalk_ros.topics.languages.{tag}").joinpath(f"{kind}.yaml")
    lists: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {name: frozenset(str(entries).split()) for name, entries in lists.items()}
