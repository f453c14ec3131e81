"""The words of an utterance that carry what it is about."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Protocol, cast

from stalk_ros.topics.languages import LANGUAGES, primary

if TYPE_CHECKING:

    class _Language(Protocol):
        def content_words(self, text: str) -> tuple[str, ...]: ...


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def content_words(text: str, tag: str) -> tuple[str, ...]:
    """Its content words in order, in a form that the same word has every time ("dogs" and "dog" are one).

    Args:
        text: what was said.
        tag: BCP 47 tag of its language; in one without lists every word counts.
    """
    if primary(tag) not in LANGUAGES:
        return tuple(word.lower() for word in _WORD.findall(text))
    module = importlib.import_module(f"stalk_ros.topics.languages.{primary(tag)}.content")
    return cast("_Language", module).content_words(text)
