"""The form of turns in Korean: by the ending of their last word.

A question that only its melody tells from a statement ("먹었어요") counts as none without a question mark.
"""

from __future__ import annotations

import re
import unicodedata

from stalk_ros.topics.languages.lists import words

_LISTS = words("ko", "turns")
_WORD = re.compile(r"[가-힣]+|[a-z0-9]+")
_FIRST_SYLLABLE = ord("가")
_FINALS = 28
"""A syllable's place in its block modulo this is its final consonant, 0 = none."""
_FINAL_BIEUP = 17


def is_finished(sentence: str, closed: bool) -> bool:
    """Whether who stops after this sentence has come to the end of a turn."""
    said = _words(sentence)
    if not said or is_question(sentence, closed):
        return True
    last = said[-1]
    if last in _LISTS["open"]:
        return closed and is_minimal_response(sentence)
    if last in _LISTS["not_open"] or len(last) < 2:
        return True
    return not (_links(last) or _has_particle(last, alone=len(said) == 1))


def is_minimal_response(text: str) -> bool:
    """Whether it says no more than that one listens, agrees or not."""
    said = _words(text)
    return bool(said) and all(word in _LISTS["minimal"] for word in said)


def is_question(sentence: str, closed: bool) -> bool:
    """Whether the sentence asks, by its ending, or by a word such as "어디" without punctuation."""
    said = _words(sentence)
    if not said or is_minimal_response(sentence):
        return False
    last = said[-1]
    if _ends(last, "asking") and last not in _LISTS["not_asking"] and not _because(last):
        return len(last) > 1 or last in _LISTS["wondering"]
    wonders = any(word in _LISTS["wondering"] for word in said)
    return wonders and not closed and (_ends(last, "wondering_ends") or last in _LISTS["wondering"])


def hesitations(text: str) -> int:
    """How many fillers and words begun twice."""
    said = _words(text)
    fillers = sum(word in _LISTS["hesitations"] for word in said)
    known = _LISTS["doubled"] | _LISTS["hesitations"]
    return fillers + sum(a == b and a not in known for a, b in zip(said, said[1:]))


def length(text: str) -> int:
    """Number of words, each with its particles."""
    return len(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def _ends(word: str, name: str) -> bool:
    return word.endswith(tuple(_LISTS[name]))


def _because(word: str) -> bool:
    """Whether it ends in 니까 as "because" does, and not in ㅂ니까, which asks."""
    return word.endswith("니까") and len(word) > 2 and _final(word[-3]) != _FINAL_BIEUP


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
