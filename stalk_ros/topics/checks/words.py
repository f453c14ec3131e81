"""Which words carry a statement, and whether two of them are forms of the same word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from stalk_ros.topics.content import content_words
from stalk_ros.topics.languages import LANGUAGES, primary
from stalk_ros.topics.languages.lists import words

_RUN = re.compile(r"[一-鿿々]+|[ァ-ヺー]+|[^\W\d_ぁ-ゖ一-鿿ァ-ヺー]+")
"""Of Japanese, what is written in kanji, in katakana or in another script; hiragana is mostly grammar."""

_MIN_STEM = 4
_MAX_ENDING = 3
"""Two English words that agree in four letters and go on for three at most are taken for one ("moved", "moving")."""

_MIN_JAMO = 4
"""Two Korean words that agree in so many letters are taken for one: endings change the last syllable ("슬프", "슬퍼요")."""


@lru_cache(maxsize=16384)
def weighty_words(text: str, tag: str) -> tuple[str, ...]:
    """The content words, in order, that say something: without those that any question may hold ("favourite", "day").

    Args:
        text: what is or was said.
        tag: BCP 47 tag of its language.
    """
    tag = primary(tag)
    found = content_words(text, tag)
    if tag == "ja":
        found = tuple(run for word in found for run in _RUN.findall(word))
    light = words(tag, "claims")["light"] if tag in LANGUAGES else frozenset[str]()
    if tag == "ko":
        return tuple(word for word in found if not word.startswith(tuple(light)))
    return tuple(word for word in found if word not in light)


def is_alike(one: str, other: str, tag: str) -> bool:
    """Whether two content words are the same word, in whatever form.

    Args:
        one: a word in small letters.
        other: another.
        tag: BCP 47 tag of their language.
    """
    if one == other:
        return True
    if primary(tag) == "ja":
        return one in other or other in one
    if primary(tag) == "ko":
        one, other = unicodedata.normalize("NFD", one), unicodedata.normalize("NFD", other)
        shorter = min(len(one), len(other))
        return _common(one, other) >= min(_MIN_JAMO, max(3, shorter))
    common = _common(one, other)
    return common >= _MIN_STEM and max(len(one), len(other)) - common <= _MAX_ENDING


def _common(one: str, other: str) -> int:
    """How many letters two words begin with in common."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
