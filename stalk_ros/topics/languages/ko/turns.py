"""The form of turns in Korean: by the ending of their last word.

A question that only its melody tells from a statement ("먹었어요") counts as none without a question mark.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from stalk_ros.topics.languages.lists import words

_LISTS = words("ko", "turns")
_WORD = re.compile(r"[가-힣]+|[a-z0-9]+")
_PAUSE = re.compile(r"(?:[,.…]|\Z)")
_FILLERS = _LISTS["hesitations"] | _LISTS["doubtful"]
_NOT_WONDERING = re.compile(
    "|".join(rf"\b{entry.replace('_', ' ')}" for entry in sorted(_LISTS["not_wondering"]))
)
_FIRST_SYLLABLE = ord("가")
_FINALS = 28
"""A syllable's place in its block modulo this is its final consonant, 0 = none."""
_FINAL_BIEUP = 17


def is_finished(sentence: str, closed: bool) -> bool:
    """Whether who stops after this sentence has come to the end of a turn."""
    said = _words(sentence)
    if _searches(said):
        return False
    if not said or is_question(sentence, closed):
        return True
    last = said[-1]
    if last in _LISTS["open"]:
        return closed and is_minimal_response(sentence)
    if last in _LISTS["not_open"] or len(last) < 2 or _ends(last, "final") or is_minimal_response(sentence):
        return True
    return not (_links(last) or _has_particle(last, alone=len(said) == 1))


def is_minimal_response(text: str) -> bool:
    """Whether it says no more than that one listens, agrees or not."""
    said = [word for word in _words(text) if word not in _LISTS["beside_minimal"]]
    return bool(said) and all(word in _LISTS["minimal"] for word in said)


def is_question(sentence: str, closed: bool) -> bool:
    """Whether the sentence asks, by its ending, or by a word such as "어디" without punctuation."""
    said = _words(sentence)
    if not said or _searches(said) or is_minimal_response(sentence):
        return False
    last = said[-1]
    if _ends(last, "asking") and last not in _LISTS["not_asking"] and not _because(last):
        return len(last) > 1 or last in _LISTS["wondering"]
    wonders = any(word in _LISTS["wondering"] for word in _words(_NOT_WONDERING.sub("", " ".join(said))))
    return wonders and not closed and (_ends(last, "wondering_ends") or last in _LISTS["wondering"])


def hesitations(text: str) -> int:
    """How many fillers and words begun twice."""
    said = [(match[0], match.end()) for match in _WORD.finditer(_normal(text))]
    words_said = [word for word, _ in said]
    fillers = sum(word in _LISTS["hesitations"] for word in words_said)
    for place, (word, end) in enumerate(said):
        beside = words_said[max(0, place - 1) : place] + words_said[place + 1 : place + 2]
        apart = _PAUSE.match(_normal(text), end) is not None
        fillers += word in _LISTS["doubtful"] and (apart or any(near in _FILLERS for near in beside))
    known = _LISTS["doubled"] | _FILLERS
    return fillers + sum(a == b and a not in known for a, b in pairwise(words_said))


def length(text: str) -> int:
    """Number of words, each with its particles."""
    return len(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(_normal(text))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _searches(said: list[str]) -> bool:
    """Whether who speaks is looking for a word ("그 뭐지"), or announces what comes ("저기 있잖아")."""
    return "_".join(said[-2:]) in _LISTS["open_phrases"]


def _ends(word: str, name: str) -> bool:
    return word.endswith(tuple(_LISTS[name]))


def _because(word: str) -> bool:
    """Whether it ends in 니까 as "because" does (니까요 at the end), and not in ㅂ니까, which asks."""
    stem = word.removesuffix("요").removesuffix("니까")
    return "니까" in word[-3:] and bool(stem) and _final(stem[-1]) != _FINAL_BIEUP


def _links(word: str) -> bool:
    return (_ends(word, "linking") and not word.endswith("에서")) or _ends(word, "adnominal")


def _has_particle(word: str, alone: bool) -> bool:
    """Whether it ends in a particle; ``alone``, in one with which a word is no answer."""
    if _ends(word, "particles") or (not alone and _ends(word, "after_others")):
        return True
    subject = "subject_after_consonant" if _final(word[-2]) else "subject_after_vowel"
    return _ends(word, subject)


def _final(syllable: str) -> int:
    """Number of the final consonant of a Hangul syllable, 0 when it ends in a vowel."""
    return (ord(syllable) - _FIRST_SYLLABLE) % _FINALS
