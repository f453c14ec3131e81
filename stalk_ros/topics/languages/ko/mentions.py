"""Things mentioned in Korean: nouns that a particle marks; and particles that fit the word before them."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.languages.mention import Mention

_LISTS = words("ko", "mentions")
_EOJEOL = re.compile(r"[가-힣]+")
_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_FINALS = 28
"""A syllable's place in its block modulo this is its final consonant, 0 = none."""
_FINAL_RIEUL = 8

# Particle to whether a final consonant must stand before it (None: either way). Longer ones first.
_PARTICLES: tuple[tuple[str, bool | None], ...] = (
    ("에서는", None),
    ("에서", None),
    ("에는", None),
    ("이랑", True),
    ("랑", False),
    ("을", True),
    ("를", False),
    ("은", True),
    ("는", False),
    ("이", True),
    ("가", False),
    ("과", True),
    ("와", False),
    ("에", None),
)
_PAIR = re.compile(r"(\S)(은/는|이/가|을/를|과/와|이랑/랑|으로/로|이에요/예요)")


def mentions(text: str) -> list[Mention]:
    """The things a sentence mentions, in their order."""
    nouns = (_noun(eojeol) for eojeol in _EOJEOL.findall(text))
    return [Mention(noun, noun, noun) for noun in nouns if noun]


def fitted(text: str) -> str:
    """``text`` with each pair of particles ("을/를") replaced by the one that fits the letter before it."""
    return _PAIR.sub(lambda match: match[1] + _particle(match[1], *match[2].split("/")), text)


def _noun(eojeol: str) -> str:
    """The noun in a word with its particle; "" without a particle, or when it is nothing to talk about."""
    for particle, wants_final in _PARTICLES:
        stem = eojeol.removesuffix(particle)
        if stem == eojeol or not stem:
            continue
        if wants_final is not None and wants_final != bool(_final(stem[-1])):
            continue
        stem = _without_plural(stem)
        named = eojeol in _LISTS["function"] or stem in _LISTS["function"] | _LISTS["vague"] | _LISTS["avoid"]
        return "" if named or len(stem) < 2 or stem.endswith(tuple(_LISTS["verb_endings"])) else stem
    return ""


def _without_plural(stem: str) -> str:
    return stem[:-1] if len(stem) > 2 and stem.endswith("들") else stem


def _particle(before: str, with_final: str, without_final: str) -> str:
    final = _final(before)
    if with_final == "으로" and final == _FINAL_RIEUL:
        return without_final
    return with_final if final else without_final


def _final(letter: str) -> int:
    """Number of the final consonant of a Hangul syllable, 0 when it ends in a vowel or is no Hangul."""
    if not _FIRST_SYLLABLE <= letter <= _LAST_SYLLABLE:
        return 0
    return (ord(letter) - ord(_FIRST_SYLLABLE)) % _FINALS
