"""How people tell their names in English."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.lists import words

_NAME = r"([^\W\d_][^\W\d_'’-]+)\b"
_ASKED = re.compile(rf"\bcall me {_NAME}", re.IGNORECASE)
_NAMED = re.compile(rf"\bmy name(?:['’]s| is) {_NAME}", re.IGNORECASE)
# "I'm" is followed by anything: only a single capitalised word is taken for a name.
_AM = re.compile(rf"\b(?:I['’]m|I am) {_NAME}(?! [A-Z])(?!['’-])")
_LISTS = words("en", "mentions")
_OWN_LISTS = words("en", "introductions")
_NO_NAMES = (
    frozenset().union(*(_LISTS[name] for name in ("function", "verbs", "adjectives", "vague", "adverbs")))
    | _OWN_LISTS["no_names"]
)


def introduction(text: str) -> tuple[str, int]:
    """The name somebody gives and how sure it is theirs, 1 to 3; ("", 0) when they give none."""
    for sureness, pattern in ((3, _ASKED), (2, _NAMED), (1, _AM)):
        match = pattern.search(text)
        if match and _is_name(match[1], sureness):
            return match[1][0].upper() + match[1][1:], sureness
    return "", 0


def _is_name(word: str, sureness: int) -> bool:
    lower = word.lower()
    if sureness == 1 and (not word[0].isupper() or lower.endswith(tuple(_OWN_LISTS["no_endings"]))):
        return False
    return lower not in _NO_NAMES
