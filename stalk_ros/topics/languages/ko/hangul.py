"""How Korean words end, on which the particle after them depends."""

from __future__ import annotations

import re

_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_FINALS = 28
"""A syllable's place in its block modulo this is its final consonant, 0 = none."""
RIEUL = 8
"""The final consonant ㄹ."""
_OTHER = 1
"""Any other, where only that there is one matters."""

_DIGITS = {"0": _OTHER, "1": RIEUL, "3": _OTHER, "6": _OTHER, "7": RIEUL, "8": RIEUL}
"""영, 일, 삼, 육, 칠, 팔; zeros at the end of larger numbers (십, 백, 천, 만) have one too."""
_LETTER_NAMES = {"L": RIEUL, "R": RIEUL, "M": _OTHER, "N": _OTHER}
"""엘, 알, 엠, 엔; the names of all other letters end in a vowel."""
_LATIN = re.compile(r"[A-Za-z]+$")
_SHORT = re.compile(r"(?:^|[^aeiou])(?:[aeiou]|oo)(?:[pbtk]|ck|c)$")
"""Loanwords keep a plosive after a short vowel as the final consonant ("pop" 팝) and else add a vowel."""


def final(word: str) -> int:
    """Number of the final consonant of a word as Korean reads it, 0 when it ends in a vowel.

    Numbers are read in Sino-Korean, Latin words as loanwords by their spelling, after the rules of the
    National Institute of Korean Language (외래어 표기법, chapter 3, section 1), which a few words do not
    follow.
    """
    last = word[-1:]
    if _FIRST_SYLLABLE <= last <= _LAST_SYLLABLE:
        return (ord(last) - ord(_FIRST_SYLLABLE)) % _FINALS
    latin = _LATIN.search(word)
    if latin is None:
        return _DIGITS.get(last, 0)
    if latin[0].isupper():
        return _LETTER_NAMES.get(last, 0)
    # A silent e after a consonant: "style" 스타일, "game" 게임.
    spelled = re.sub(r"(?<=[aeiou][lmn])e$", "", latin[0].lower())
    if spelled.endswith(("l", "le")):
        return RIEUL
    return _OTHER if spelled.endswith(("m", "n", "ng")) or _SHORT.search(spelled) else 0
