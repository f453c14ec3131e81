"""Parts of speech of English words: by HanTa where it is installed, else by word lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from stalk_ros.topics.languages.lists import words

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d\w*|[^\w\s]")
_LISTS = words("en", "mentions")
_THINGS = frozenset().union(*words("en", "kinds").values())
_ADJECTIVE_ENDINGS = ("ous", "ful", "able", "ible", "less", "ical", "ish", "ing", "est")
_PARTS = (
    ("determiner", "determiners"),
    ("number", "numbers"),
    ("", "function"),
    ("verb", "verbs"),
    ("adjective", "adjectives"),
)
_VERB_ENDINGS = ("s", "ed", "ing", "ly")

_REMEMBERED = 1000
"""Sentences whose tags are kept: those of the recent turns are asked for again with each new one."""


@dataclass(frozen=True)
class Token:
    """A word or a punctuation mark.

    ``part`` is "noun", "adjective", "determiner", "number", "verb" or "" for all else; ``base`` is its form
    without endings in small letters, where that is known.
    """

    text: str
    base: str
    part: str


def tagged(text: str) -> list[Token]:
    """The tokens of a text.

    HanTa (Wartena, "A Probabilistic Morphology Model for German Lemmatization", KONVENS 2019) needs some
    0.8 ms a sentence and 60 MB; its tags are those of the British National Corpus (C5).
    """
    found = _without_false_starts(_TOKEN.findall(text.replace("’", "'")))
    if not found or _tagger() is None:
        return _by_lists(found)
    return list(_by_library(tuple(found)))


def is_word(word: str) -> bool:
    """Whether it is an English word; true when no library is installed that knows."""
    tagger = _tagger()
    return tagger is None or any(form in tagger.cache for form in (word, word.lower(), singular(word)))


def singular(word: str) -> str:
    """A noun in the singular, in small letters, by its ending."""
    lower = word.lower()
    if lower.endswith("ies") and len(lower) > len("pies"):
        return lower[:-1] if lower[:-1] in _THINGS else lower[:-3] + "y"
    if lower.endswith(("ches", "shes", "sses", "xes", "toes")):
        return lower[:-2]
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) and len(lower) > len("bus"):
        return lower[:-1]
    return lower


def _without_false_starts(found: list[str]) -> list[str]:
    """Without words that are said again at once, and pieces of the next one ("the the fa fashion")."""
    return [
        word for word, after in pairwise([*found, ""]) if not _is_begun_again(word.lower(), after.lower())
    ]


def _is_begun_again(word: str, after: str) -> bool:
    known = word in _THINGS or any(word in _LISTS[listed] for _, listed in _PARTS)
    return word == after or (not known and word.isalpha() and after.startswith(word))


@lru_cache(maxsize=_REMEMBERED)
def _by_library(found: tuple[str, ...]) -> tuple[Token, ...]:
    tags = _tagger().tag_sent(list(found), taglevel=1)
    return tuple(_token(word, str(lemma), str(tag)) for word, lemma, tag in tags)


@cache
def _tagger() -> Any:
    try:
        from HanTa.HanoverTagger import HanoverTagger
    except ImportError:
        return None
    return HanoverTagger("morphmodel_en.pgz")


def _token(word: str, lemma: str, tag: str) -> Token:
    lower = word.lower()
    if not lower[0].isalpha():
        part = "number" if lower[0].isdigit() else ""
    elif lower in _LISTS["determiners"]:
        part = "determiner"
    elif lower in _LISTS["numbers"]:
        part = "number"
    elif lower in _LISTS["function"] or _is_no_noun(lower):
        part = ""
    elif tag[:2] in ("NN", "NP"):
        part = "adjective" if lower in _LISTS["adjectives"] else "noun"
    else:
        part = {"AJ": "adjective", "VV": "verb", "VB": "verb", "VH": "verb"}.get(tag[:2], "")
    return Token(word, singular(word) if part == "noun" else lemma.lower(), part)


def _by_lists(found: list[str]) -> list[Token]:
    tokens: list[Token] = []
    for word in found:
        before = tokens[-1].part if tokens else ""
        part = _part(word.lower(), before)
        tokens.append(Token(word, singular(word) if part == "noun" else word.lower(), part))
    return tokens


def _part(lower: str, before: str) -> str:
    if not lower[0].isalpha():
        return "number" if lower[0].isdigit() else ""
    for part, known in _PARTS:
        if lower in _LISTS[known]:
            return part
    if singular(lower) in _THINGS:
        return "noun"
    if _is_no_noun(lower):
        return ""
    # After a noun, what could be a verb is one: "the neighbor snores".
    if before == "noun" and lower.endswith(_VERB_ENDINGS):
        return "verb"
    return "adjective" if lower.endswith(_ADJECTIVE_ENDINGS) else "noun"


def _is_no_noun(lower: str) -> bool:
    """Whether it is a single letter or an adverb, which a sentence that breaks off has after an article."""
    return len(lower) == 1 or (lower.endswith("ly") and singular(lower) not in _THINGS)
