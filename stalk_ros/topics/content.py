"""The words of an utterance that carry what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from stalk_ros.topics.languages import part
from stalk_ros.topics.languages.lists import WORD

if TYPE_CHECKING:

    class _Language(Protocol):
        def content_words(self, text: str) -> tuple[str, ...]: ...


def content_words(text: str, tag: str) -> tuple[str, ...]:
    """Its content words in order, in a form that the same word has every time ("dogs" and "dog" are one).

    Args:
        text: what was said.
        tag: BCP 47 tag of its language; in one without lists every word counts.
    """
    words = cast("_Language | None", part(tag, "content"))
    if words is None:
        return tuple(word.lower() for word in WORD.findall(text))
    return words.content_words(text)
