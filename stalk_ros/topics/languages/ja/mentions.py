"""Things mentioned in Japanese: words in kanji or katakana that a particle marks, or that are long enough."""

from __future__ import annotations

import re
from functools import lru_cache

from stalk_ros.topics.checks.avoid import avoided
from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.languages.mention import KINDS, Mention, without_gaps
from stalk_ros.topics.turns import is_question

_LISTS = words("ja", "mentions")
_KINDS = words("ja", "kinds")
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*")
_KANJI = "一-龯々"
_KATAKANA = "ァ-ヶー"
_CANDIDATE = re.compile(rf"([{_KATAKANA}]{{2,}}|[{_KANJI}]+)(?:が|を|は|も|と|の|に|で|へ)(?![っんょゅゃ])")


def mentions(text: str) -> list[Mention]:
    """The things a sentence mentions, in their order; none of a sentence that is heavy or complains."""
    if is_heavy(text):
        return []
    return [
        Mention(topic, topic, topic)
        for sentence in _SENTENCE.findall(text)
        if not is_question(without_gaps(sentence), "ja")
        and not any(part in sentence for part in _LISTS["unwelcome"])
        for topic in candidates(sentence)
    ]


def candidates(text: str) -> list[str]:
    """Its nouns, as far as a particle marks them."""
    found = [match[1] for match in _CANDIDATE.finditer("".join(text.split()))]
    return [topic for topic in found if topic not in _LISTS["function"] | _LISTS["vague"]]


def kind(topic: str) -> str:
    """What it is."""
    return next((name for name in KINDS if topic in _KINDS.get(name, frozenset())), "other")


def is_clear(phrase: str) -> bool:
    """Whether a phrase may be a word, as far as its length tells."""
    return len(phrase) > 1


@lru_cache(maxsize=4096)
def is_heavy(text: str) -> bool:
    """Whether it touches what a light question must not; single letters count before a particle."""
    found = _CANDIDATE.finditer("".join(text.split()))
    return bool(avoided(text, "ja")) or any(match[1] in _LISTS["avoid"] for match in found)
