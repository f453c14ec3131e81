"""Things mentioned in English: the noun after a determiner, or after a word that calls for one."""

from __future__ import annotations

import re
from itertools import takewhile

from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.languages.mention import Mention

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[.,;:!?]")
_LISTS = words("en", "mentions")
_ADJECTIVE_ENDINGS = ("ous", "ful", "able", "ible", "less", "ical", "ish", "ing", "est")
_VERB_ENDINGS = ("s", "ed", "ing", "ly")
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
    run = list(takewhile(_is_content, tokens[index:]))
    phrase = list(takewhile(_is_adjective, run[:-1]))
    nouns = run[len(phrase) :]
    phrase += nouns[:2] if _is_compound(nouns) else nouns[:1]
    heavy = any(token.lower() in _LISTS["avoid"] for token in phrase)
    if not 0 < len(phrase) <= _MAX_WORDS or heavy or not _is_noun(phrase[-1]):
        return ""
    return " ".join(phrase)


def _is_content(token: str) -> bool:
    lower = token.lower()
    return lower[0].isalpha() and lower not in _LISTS["function"] and lower not in _LISTS["verbs"]


def _is_adjective(token: str) -> bool:
    return token.lower() in _LISTS["adjectives"] or token.lower().endswith(_ADJECTIVE_ENDINGS)


def _is_compound(nouns: list[str]) -> bool:
    """Whether a run of words begins with a noun of two words, not with a noun and its verb.

    That is sure of two capitalised words ("Sydney Opera"), and likely when the run has just two and the
    second is no form of a verb ("horror movie").
    """
    if len(nouns) < 2:
        return False
    first, second = nouns[:2]
    if first[0].isupper() and second[0].isupper():
        return True
    verb = second.lower().endswith(_VERB_ENDINGS) or first.lower().endswith("s")
    return len(nouns) == 2 and not verb and not _is_adjective(second)


def _is_noun(token: str) -> bool:
    lower = token.lower()
    past = lower.endswith("ed") and len(lower) > len("speed")
    named = lower in _LISTS["adjectives"] | _LISTS["vague"] | _LISTS["cues"]
    return len(lower) > 2 and not past and not named and not lower.endswith(("ly", "'s", "’s"))
