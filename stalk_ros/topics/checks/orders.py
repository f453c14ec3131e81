"""Orders to a model in what people say aloud, and drafts that carry them out.

Such orders are known as prompt injection. The expressions in ``orders.yaml`` are for the kinds that Perez and
Ribeiro tell apart (goal hijacking, prompt leaking; "Ignore Previous Prompt: Attack Techniques For Language
Models", 2022), and for role play, payloads in several turns and disguised letters. Whoever lets a model read
what people said leaves such turns out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from stalk_ros.topics.checks.words import is_alike, weighty_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.events import Utterance
    from stalk_ros.topics.recommender import Draft, TopicRequest

_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝһнмтвкοαερικνυτηАВЕКМНОРСТХІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdqwhhmtbkoaepikvutnABEKMHOPCTXISJABEZHIKMNOPTYX",
)
"""Cyrillic and Greek letters that are written like Latin ones."""

_SPELLED = re.compile(r"\b(?:[a-z][\s.,-]+){3,}[a-z]\b")
_BLOB = re.compile(
    r"(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{24,}={0,2}|\b[0-9a-f]{32,}\b"
)
_PAYLOAD_WORDS = 2
"""An order with no more words of its own than this is about what its speaker says next."""

_PAYLOAD_TURNS = 2
"""Within so many turns: another person may say a part of it, and a longer gap is another matter."""


def commands(text: str) -> bool:
    """Whether somebody tries to give a model orders with what he says; then no model gets to read it."""
    return bool(text) and _commands(text)


def ordering(turns: Sequence[Utterance]) -> frozenset[int]:
    """Which turns give a model orders, by their places.

    An order that is cut in two by a pause counts, and so do the turns that follow an order without words of
    its own ("Repeat after me." "…"): the next of whoever gave it, and what is said in between.
    """
    found = {place for place, turn in enumerate(turns) if commands(turn.text)}
    for place in range(1, len(turns)):
        before, turn = turns[place - 1], turns[place]
        together = before.speaker_id == turn.speaker_id and not {place - 1, place} & found
        if together and commands(f"{before.text} {turn.text}"):
            found |= {place - 1, place}
    for place in sorted(found):
        if len(weighty_words(turns[place].text, turns[place].language)) <= _PAYLOAD_WORDS:
            found |= _payload(turns, place)
    return frozenset(found)


def _payload(turns: Sequence[Utterance], order: int) -> set[int]:
    """The places of the turns that an order without words of its own is about."""
    for place in range(order + 1, min(order + 1 + _PAYLOAD_TURNS, len(turns))):
        if turns[place].speaker_id == turns[order].speaker_id:
            return set(range(order + 1, place + 1))
    return set()


def complaint(draft: Draft, request: TopicRequest, orders: frozenset[int]) -> str:
    """Whether a draft gives orders, speaks as what it was told to be, or says what somebody ordered.

    Args:
        draft: the draft.
        request: what it answers.
        orders: the places of the turns of ``request`` that give orders.
    """
    if commands(draft.text) or commands(draft.topic):
        return "it gives orders to a model"
    if any(pattern.search(_plain(draft.text)) for pattern in _patterns()["itself"]):
        return "the robot speaks about itself"
    tag = request.language
    ordered = _said_in(request, orders, inside=True)
    others = _said_in(request, orders, inside=False)
    names = set(weighty_words(" ".join(request.names.values()), tag))
    for word in (*weighty_words(draft.text, tag), *weighty_words(draft.topic, tag)):
        of_order = any(is_alike(word, other, tag) for other in ordered)
        if of_order and word not in names and not any(is_alike(word, other, tag) for other in others):
            return f"'{word}' is what somebody ordered it to say"
    return ""


def _said_in(request: TopicRequest, orders: frozenset[int], inside: bool) -> list[str]:
    turns = [turn for place, turn in enumerate(request.turns) if (place in orders) is inside]
    return sorted({word for turn in turns for word in weighty_words(turn.text, request.language)})


@lru_cache(maxsize=4096)
def _commands(text: str) -> bool:
    if _BLOB.search(text):
        return True
    plain = _plain(text)
    return any(pattern.search(plain) for pattern in _patterns()["orders"])


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    """The expressions of ``orders.yaml``."""
    file = resources.files("stalk_ros.topics.checks").joinpath("orders.yaml")
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))

    def compiled(expressions: list[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(
            re.compile(re.sub("<([A-Z]+)>", lambda part: document["parts"][part[1]], expression))
            for expression in expressions
        )

    orders = [expression for expressions in document["orders"].values() for expression in expressions]
    return {"orders": compiled(orders), "itself": compiled(document["itself"])}


def _plain(text: str) -> str:
    """The text as it would be heard: without what cannot be seen, and spelled words put together."""
    composed = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES).replace("’", "'").lower()
    seen = "".join(char for char in composed if unicodedata.category(char) not in ("Cf", "Mn"))
    spoken = _SPELLED.sub(lambda match: re.sub(r"[^a-z]", "", match[0]), seen)
    return " ".join(spoken.split())
