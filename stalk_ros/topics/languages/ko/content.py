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
"""Syllables that a particle of one syllable leaves at least, unless it is one of those below."""

_AFTER_FINAL = {"을": True, "를": False, "은": True, "는": False, "이": True, "가": False, "에": None}
"""Particles that may leave one syllable, and whether that has a final consonant: "빵을", but not "가을"."""

_FIRST_SYLLABLE, _FINALS = ord("가"), 28


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
    stem = word.removesuffix(suffix)
    if stem == word or not stem:
        return False
    if len(suffix) >= _LONG_SUFFIX or len(stem) >= _SHORTEST:
        return True
    has_final = (ord(stem[-1]) - _FIRST_SYLLABLE) % _FINALS > 0
    return suffix in _AFTER_FINAL and _AFTER_FINAL[suffix] in (None, has_final)
