"""What people talk about, found in the words of one sentence, per language.

Small and deterministic, with word lists beside the code. Each language's ``mentions`` finds little rather
than nonsense: ASR leaves out punctuation and capitals and gets words wrong.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from stalk_ros.topics.languages.mention import Mention


class Language(Protocol):
    """One language's module."""

    def mentions(self, text: str) -> list[Mention]:
        """The things a sentence mentions, in their order."""

    def fitted(self, text: str) -> str:
        """A sentence put together from a template, with its words fitted to each other."""


LANGUAGES = ("en", "ko", "ja")
"""Primary subtags; each has a folder with all that is particular to it."""


def language(tag: str) -> Language | None:
    """The module for a BCP 47 tag, None when there is none."""
    if primary(tag) not in LANGUAGES:
        return None
    return cast("Language", importlib.import_module(f"stalk_ros.topics.languages.{primary(tag)}.mentions"))


def primary(tag: str) -> str:
    """The primary subtag: "en" of "en-US", also when it is written ``en_US``."""
    return tag.replace("_", "-").partition("-")[0].lower()
