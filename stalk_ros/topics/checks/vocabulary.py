"""Whether what a model says stays with everyday words and those that were said, after somebody gave orders.

Orders that are noticed are kept from the model; of an attack in several turns or in disguise it may have read
the rest. What it makes of that rarely does without a word that nobody has said otherwise.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from stalk_ros.topics.checks.words import is_alike, weighty_words
from stalk_ros.topics.languages import LANGUAGES
from stalk_ros.topics.languages.lists import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.topics.recommender import Draft, TopicRequest

_WARY_TURNS = 10
"""Turns after an order in which more of the attack may come."""


def complaint(draft: Draft, request: TopicRequest, orders: frozenset[int]) -> str:
    """Which word of a draft nobody expects after an order, in words; "" when none, or there was none of late.

    Args:
        draft: what a model answered.
        request: what it was asked.
        orders: the places of the turns of ``request`` that give orders; their words count as not said.
    """
    tag = request.language
    if tag not in LANGUAGES or max(orders, default=-1) < len(request.turns) - _WARY_TURNS or not orders:
        return ""
    texts = [turn.text for place, turn in enumerate(request.turns) if place not in orders]
    texts += [request.summary, *request.names.values()]
    said = {word for text in texts for word in weighty_words(text, tag)} | _everyday(tag)
    for word in weighty_words(draft.text, tag):
        if not any(is_alike(word, other, tag) for other in said):
            return f"'{word}' comes from nowhere, and somebody has given orders"
    return ""


@cache
def _everyday(tag: str) -> frozenset[str]:
    """The words of the topic bank's own sentences, and plain ones like them."""
    file = resources.files(f"stalk_ros.topics.languages.{tag}").joinpath("questions.yaml")
    sentences = [*_sentences(yaml.safe_load(file.read_text(encoding="utf-8")))]
    sentences += sorted(words(tag, "claims").get("everyday", ()))
    return frozenset(word for sentence in sentences for word in weighty_words(sentence, tag))


def _sentences(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, (dict, list)):
        for part in document.values() if isinstance(document, dict) else document:
            yield from _sentences(part)
