"""The words of an utterance that carry what it is about."""

from __future__ import annotations

import re

from stalk_ros.topics.languages import LANGUAGES, primary
from stalk_ros.topics.languages.lists import words

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def content_words(text: str, tag: str) -> tuple[str, ...]:
    """Its content words in order, in a form that the same word has every time ("dogs" and "dog" are one).

    Args:
        text: what was said.
        tag: BCP 47 tag of its language; in one without lists every word counts.
    """
    found = [word.lower() for word in _WORD.findall(text)]
    if primary(tag) not in LANGUAGES:
        return tuple(found)
    function = words(primary(tag), "mentions")["function"]
    return tuple(word for word in found if word not in function)
