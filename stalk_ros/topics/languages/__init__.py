"""What people talk about, found in the words of one sentence, and sentences about it, per language.

Small and deterministic, with word lists beside the code. Each language's ``mentions`` finds little rather
than nonsense: ASR leaves out punctuation and capitals and gets words wrong. Where a library that knows the
language's parts of speech is installed (the extras ``embedded`` for English, ``korean`` for Korean), it tells
what is a noun; else the lists and a few rules do.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stalk_ros.topics.languages.mention import Mention


class Language(Protocol):
    """How one language names things."""

    def mentions(self, text: str) -> list[Mention]:
        """The things a sentence mentions, in their order; none of a sentence that is heavy or complains."""

    def kind(self, topic: str) -> str:
        """Which of `stalk_ros.topics.languages.mention.KINDS` a topic is."""

    def is_clear(self, phrase: str) -> bool:
        """Whether a phrase says enough to ask about, when what kind of thing it is is not known."""

    def is_heavy(self, text: str) -> bool:
        """Whether it touches what a light question must not."""


class Wording(Protocol):
    """How one language puts a question together."""

    def asked(self, text: str) -> str:
        """A question as it is reported, after "Ann asked"; "" when that cannot be said naturally."""

    def spoken(self, template: str, slots: Mapping[str, str], name: str, level: str) -> str:
        """A sentence from a template, its words fitted to each other; "" when a slot cannot be filled.

        Args:
            template: the sentence with slots in braces.
            slots: what they stand for.
            name: who is spoken to, "" = nobody by name.
            level: 'polite', 'formal' or 'casual'.
        """


LANGUAGES = ("en", "ko", "ja")
"""Primary subtags; each has a folder with all that is particular to it."""

LEVELS = ("polite", "formal", "casual")
"""How people are addressed, in languages that tell these apart."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")


def language(tag: str) -> Language | None:
    """How the language of a BCP 47 tag names things, None when it is not known."""
    return cast("Language | None", part(tag, "mentions"))


def wording(tag: str) -> Wording | None:
    """How the language of a BCP 47 tag puts a question together, None when it is not known."""
    return cast("Wording | None", part(tag, "wording"))


def is_tag(text: str) -> bool:
    """Whether a text can be a BCP 47 tag: "ko" or "en-US", also written ``en_US``, not "Korean"."""
    return _TAG.fullmatch(text) is not None


def primary(tag: str) -> str:
    """The primary subtag: "en" of "en-US", also when it is written ``en_US``."""
    return tag.replace("_", "-").partition("-")[0].lower()


def part(tag: str, name: str) -> object | None:
    """The module ``name`` of the language of a BCP 47 tag, None when it is not known."""
    if primary(tag) not in LANGUAGES:
        return None
    return importlib.import_module(f"stalk_ros.topics.languages.{primary(tag)}.{name}")
