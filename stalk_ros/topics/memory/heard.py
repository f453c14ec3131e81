"""One turn as the memory takes it in: only what was probably said, and what kind of sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.topics.content import content_words
from stalk_ros.topics.keyphrases import probable_text
from stalk_ros.topics.languages import LANGUAGES, primary
from stalk_ros.topics.languages.lists import WORD, words
from stalk_ros.topics.languages.mention import without_gaps
from stalk_ros.topics.turns import is_minimal_response, is_question

if TYPE_CHECKING:
    from stalk_ros.events import Utterance

_SENTENCE = re.compile(r"[^.?!。？！]+[.?!。？！]*")


@dataclass(frozen=True)
class Heard:
    """What is sure of an utterance.

    ``text`` is what was probably said (see `stalk_ros.topics.keyphrases.probable_text`), ``words`` its
    content words, ``asks`` its sentences that are questions, ``tells`` the others. ``minimal`` says that it
    is no more than a "yes" or "I see".
    """

    utterance: Utterance
    text: str
    language: str
    words: tuple[str, ...]
    asks: tuple[str, ...]
    tells: tuple[str, ...]
    minimal: bool


def hear(utterance: Utterance, tag: str) -> Heard:
    """Take in an utterance in the language ``tag`` (BCP 47)."""
    text = probable_text(utterance)
    found = [sentence.strip() for sentence in _SENTENCE.findall(text)]
    asks = tuple(sentence for sentence in found if is_question(without_gaps(sentence), tag))
    tells = tuple(sentence for sentence in found if sentence and sentence not in asks)
    minimal = not asks and is_minimal_response(text, tag)
    return Heard(utterance, text, tag, content_words(text, tag), asks, tells, minimal)


def has_word(text: str, tag: str, kind: str) -> bool:
    """Whether it has a word of the list ``kind`` in its language's replies.yaml.

    In Korean and Japanese also within longer words.
    """
    if primary(tag) not in LANGUAGES:
        return False
    tokens = frozenset(token.lower().replace("’", "'") for token in WORD.findall(text))
    listed = words(primary(tag), "replies")[kind]
    return bool(tokens & listed) or any(not word.isascii() and word in text for word in listed)
