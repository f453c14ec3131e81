"""Which words carry a statement, and whether two of them are forms of the same word."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from stalk_ros.topics.content import content_words
from stalk_ros.topics.languages import LANGUAGES, primary
from stalk_ros.topics.languages.lists import words

_WORD = re.compile(r"[^\W\d_]+")
KOREAN_PARTICLES = re.compile(
    r"(?:들)?(?:에게서|에게|에서|으로|까지|부터|처럼|보다|이나|이랑|하고|이라|라|의|에|로|와|과|랑|나)?"
    r"(?:은|는|이|가|을|를|도|만|요)?"
    r"(?:(?:이)?(?:에요|예요|세요|신가요|신데|었어요|였어요|냐고|다|죠|네요|군요|지요|야)|입니다|입니까|인가요|인데)?"
)
"""What may stand after a Korean noun, "" included."""

_MIN_STEM = 4
_MAX_ENDING = 3
"""Two words of a language that is not known are taken for one when they agree in four letters and go on for
three at most."""

_MIN_JAMO = 4
"""Two Korean words that agree in so many letters are taken for one: an ending changes the syllable before
it ("슬프", "슬퍼요")."""


@lru_cache(maxsize=16384)
def weighty_words(text: str, tag: str) -> tuple[str, ...]:
    """The content words but for those that any question may hold ("favourite", "day").

    Args:
        text: what is or was said.
        tag: BCP 47 tag of its language.
    """
    tag = primary(tag)
    found = content_words(text, tag)
    if tag not in LANGUAGES:
        return found
    telling = _telling(tag)
    told = tuple(telling[word] for word in _WORD.findall(text.lower()) if word in telling)
    if tag == "ko":
        return told + tuple(word for word in found if not _is_light_korean(word))
    return told + tuple(word for word in found if word not in _light(tag))


@cache
def _telling(tag: str) -> dict[str, str]:
    """Words too frequent to be content words that still say much of somebody, to the form they count as."""
    return dict(pair.split(":") for pair in sorted(words(tag, "claims").get("telling", ())))


@cache
def _light(tag: str) -> frozenset[str]:
    """The words that claim nothing, as they are listed and as content words are."""
    listed = words(tag, "claims")["light"]
    return listed | set(content_words(" ".join(sorted(listed)), tag))


@lru_cache(maxsize=16384)
def _is_light_korean(word: str) -> bool:
    light = _light("ko")
    if any(entry.endswith("*") and word.startswith(entry[:-1]) for entry in light):
        return True
    return any(word.startswith(entry) and KOREAN_PARTICLES.fullmatch(word[len(entry) :]) for entry in light)


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
    if primary(tag) in LANGUAGES:
        return False
    common = _common(one, other)
    return common >= _MIN_STEM and max(len(one), len(other)) - common <= _MAX_ENDING


def _common(one: str, other: str) -> int:
    """How many letters two words begin with in common."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
