"""Things mentioned in Korean: nouns without their particles."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain

from stalk_ros.topics.checks.avoid import avoided
from stalk_ros.topics.languages.ko.nouns import nouns
from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.languages.mention import KINDS, Mention, without_gaps
from stalk_ros.topics.turns import is_question

_LISTS = words("ko", "mentions")
_KINDS = words("ko", "kinds")
_ENDINGS = words("ko", "endings")
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_MAX_NOUNS = 2


def mentions(text: str) -> list[Mention]:
    """The things a sentence mentions, in their order; none of a sentence that is heavy or complains."""
    if is_heavy(text):
        return []
    found = []
    for sentence in _SENTENCE.findall(text):
        if is_question(without_gaps(sentence), "ko") or _is_unwelcome(sentence):
            continue
        for run in nouns(sentence):
            topic, head = " ".join(run[-_MAX_NOUNS:]), run[-1]
            if len(head) > 1 or kind(topic) != "other":
                found.append(Mention(topic, topic, head))
    return found


def kind(topic: str) -> str:
    """What the noun at the end of a topic is."""
    forms = {topic.replace(" ", ""), topic.rpartition(" ")[2]}
    known = (name for name in KINDS if forms & _KINDS.get(name, frozenset()))
    alike = (name for name in KINDS if topic.endswith(tuple(_ENDINGS.get(name, ()))))
    return next(chain(known, alike), "other")


def is_clear(phrase: str) -> bool:
    """Whether a phrase may be Korean words, as far as its letters tell."""
    return bool(re.fullmatch(r"[가-힣 ]+", phrase))


def _is_unwelcome(sentence: str) -> bool:
    """Whether it complains, or speaks of somebody else who is there."""
    listener = not _LISTS["of_listener"].isdisjoint(re.findall(r"[가-힣]+", sentence))
    return listener or any(part in sentence for part in _LISTS["unwelcome"])


@lru_cache(maxsize=4096)
def is_heavy(text: str) -> bool:
    """Whether it touches what a light question must not; what is listed only here counts as a noun alone.

    절 is a temple, 절대 is not; 사고 is an accident, 사고 싶다 is not.
    """
    return bool(avoided(text, "ko")) or any(noun in _LISTS["avoid"] for run in nouns(text) for noun in run)
