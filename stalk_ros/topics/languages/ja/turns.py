"""The form of turns in Japanese, which is written without spaces: by how a sentence ends."""

from __future__ import annotations

import re
import unicodedata

from stalk_ros.topics.languages.lists import words

_LISTS = words("ja", "turns")
_GAPS = re.compile(r"[\s、。，．,.!?！？…・「」『』]+")
_LETTERS_PER_WORD = 2
"""A word has about so many letters (kanji and kana together)."""


def _any_of(name: str) -> str:
    return "|".join(sorted(map(re.escape, _LISTS[name]), key=lambda entry: (-len(entry), entry)))


_MINIMAL = re.compile(f"(?:{_any_of('minimal')})+")
_HESITATION = re.compile(f"(?:^|(?<=[\\s、。]))(?:{_any_of('hesitations')})(?=$|[\\s、。…])")
_NOT_WONDERING = re.compile(_any_of("not_wondering"))


def is_finished(sentence: str, closed: bool) -> bool:
    """Whether who stops after this sentence has come to the end of a turn."""
    said = _GAPS.sub("", unicodedata.normalize("NFC", sentence))
    if closed and is_minimal_response(said):
        return True
    if said in _LISTS["requests"]:
        return True
    return _ends(said, "not_open") or is_question(said, closed) or not _ends(said, "open")


def is_minimal_response(text: str) -> bool:
    """Whether it says no more than that one listens, agrees or not."""
    return bool(_MINIMAL.fullmatch(_GAPS.sub("", unicodedata.normalize("NFC", text))))


def is_question(sentence: str, closed: bool) -> bool:
    """Whether the sentence asks, by its ending, or by a word such as "どこ" without punctuation."""
    said = _GAPS.sub("", unicodedata.normalize("NFC", sentence))
    if is_minimal_response(said):
        return False
    if _ends(said, "asking") and not _ends(said, "not_asking"):
        return True
    asked = _NOT_WONDERING.sub("", said)
    wonders = any(word in asked for word in _LISTS["wondering"])
    return wonders and not closed and _ends(asked, "wondering_ends")


def hesitations(text: str) -> int:
    """How many fillers that stand apart from the words around them."""
    return len(_HESITATION.findall(unicodedata.normalize("NFC", text)))


def length(text: str) -> int:
    """About how many words it has."""
    return -(-len(_GAPS.sub("", text)) // _LETTERS_PER_WORD)


def _ends(said: str, name: str) -> bool:
    return said.endswith(tuple(_LISTS[name]))
