"""Whether a draft says again what was suggested before."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from stalk_ros.topics.content import content_words

if TYPE_CHECKING:
    from stalk_ros.topics.recommender import Draft, TopicRequest

_MOSTLY = 0.7
"""Content words in common, of all in either sentence, that make two sentences the same."""

_SPACING = re.compile(r"[\W_]+")


def complaint(draft: Draft, request: TopicRequest) -> str:
    """Which earlier suggestion a draft repeats, in words; "" when none."""
    topic = _words(draft.topic, request.language)
    words = _words(draft.text, request.language)
    plain = _plain(draft.text)
    for text in request.avoid_texts:
        before = _words(text, request.language)
        if (not words.isdisjoint(before) and _is_near(words, topic, before)) or _plain(text) == plain:
            return "it was suggested before"
    for avoided in dict.fromkeys(request.avoid_topics):
        before = _words(avoided, request.language)
        if _plain(avoided) == _plain(draft.topic) or (before and (before <= topic or before <= words)):
            return f"the topic '{avoided}' was suggested before"
        if topic and topic < before:
            return f"the topic '{draft.topic}' was suggested before"
    return ""


def _is_near(words: frozenset[str], topic: frozenset[str], before: frozenset[str]) -> bool:
    """Whether two sentences are mostly the same; not when only the topic is another, as in a template."""
    common = len(words & before)
    return common >= _MOSTLY * len(words | before) and not (words - before) & topic


@lru_cache(maxsize=16384)
def _words(text: str, tag: str) -> frozenset[str]:
    return frozenset(content_words(text, tag))


@lru_cache(maxsize=16384)
def _plain(text: str) -> str:
    return _SPACING.sub(" ", text).strip().casefold()
