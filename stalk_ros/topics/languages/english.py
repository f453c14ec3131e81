"""Things mentioned in English: the noun after a determiner, or after a word that calls for one."""

from __future__ import annotations

import re
from itertools import pairwise

from stalk_ros.topics.languages.mention import Mention, words

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[.,;:!?]")
_LISTS = words("en")
_ADJECTIVE_ENDINGS = ("ous", "ful", "able", "ible", "less", "ical", "ish", "ing", "est")
_MAX_WORDS = 3


def mentions(text: str) -> list[Mention]:
    """The things a sentence mentions, in their order."""
    tokens = _TOKEN.findall(text)
    found = []
    for index, token in enumerate(tokens):
        cue = token.lower()
        if cue in _LISTS["determiners"]:
            article = "your " if cue in _LISTS["own"] else "the "
        elif cue in _LISTS["cues"]:
            article = ""
        else:
            continue
        topic = _noun_phrase(tokens[index + 1 :])
        if topic:
            found.append(Mention(topic, article + topic, topic.rpartition(" ")[2].lower()))
    return found


def fitted(text: str) -> str:
    """English words do not change with their neighbours."""
    return text


def _noun_phrase(tokens: list[str]) -> str:
    """The adjectives and the noun that a list of tokens begins with; "" when it does not."""
    index = 0
    while index < len(tokens) and tokens[index].lower() in _LISTS["adverbs"]:
        index += 1
    phrase: list[str] = []
    for token, after in pairwise([*tokens[index:], "."]):
        if len(phrase) == _MAX_WORDS or not _is_content(token):
            return ""
        phrase.append(token)
        if not (_is_content(after) and (_is_adjective(token) or _is_name(token, after))):
            break
    if not phrase or not _is_noun(phrase[-1]):
        return ""
    return " ".join(phrase)


def _is_content(token: str) -> bool:
    lower = token.lower()
    return lower[0].isalpha() and lower not in _LISTS["function"] and lower not in _LISTS["verbs"]


def _is_adjective(token: str) -> bool:
    return token.lower() in _LISTS["adjectives"] or token.lower().endswith(_ADJECTIVE_ENDINGS)


def _is_name(token: str, after: str) -> bool:
    """Two capitalised words in a row ("Sydney Opera")."""
    return token[0].isupper() and after[0].isupper()


def _is_noun(token: str) -> bool:
    lower = token.lower()
    past = lower.endswith("ed") and len(lower) > len("speed")
    named = lower in _LISTS["adjectives"] | _LISTS["vague"] | _LISTS["avoid"]
    return len(lower) > 2 and not past and not named and not lower.endswith(("ly", "'s", "’s"))
