"""Korean content words: the words of a sentence without their particles and endings."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.lists import words

_EOJEOL = re.compile(r"[가-힣]+|[^\W\d_가-힣]+")
_LISTS = words("ko", "content")
_STOP = _LISTS["stop"] | words("ko", "mentions")["function"] | words("ko", "mentions")["vague"]
_SUFFIXES = tuple(sorted(_LISTS["particles"] | _LISTS["endings"], key=lambda suffix: (-len(suffix), suffix)))
_LONG_SUFFIX = 2
_SHORTEST = 2
"""Syllables that a particle of one syllable leaves at least: "나이" (age) is not "나" with a particle."""


def content_words(text: str) -> tuple[str, ...]:
    """Its content words in order, each without what can stand at its end: "피아노를" is "피아노"."""
    found = (word.lower() for word in _EOJEOL.findall(text))
    stems = (_stem(word) for word in found if word not in _STOP)
    return tuple(stem for stem in stems if stem not in _STOP)


def _stem(word: str) -> str:
    """A word without particles and endings.

    They are taken off until none is left: a noun that ends like one ("고양이") loses that with and without a
    particle after it, and so has one form. What is left of a verb is its root in that tense.
    """
    while True:
        suffix = next((suffix for suffix in _SUFFIXES if _fits(word, suffix)), "")
        if not suffix:
            return word
        word = word.removesuffix(suffix)


def _fits(word: str, suffix: str) -> bool:
    left = len(word) - len(suffix)
    return word.endswith(suffix) and left >= (1 if len(suffix) >= _LONG_SUFFIX else _SHORTEST)
