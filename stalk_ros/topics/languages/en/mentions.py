"""Things mentioned in English: nouns with what belongs to them, as a question to the speaker says them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING

from stalk_ros.topics.checks.avoid import avoided
from stalk_ros.topics.languages.en import tagging
from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.languages.mention import KINDS, UNHEARD, Mention, without_gaps
from stalk_ros.topics.turns import is_question

if TYPE_CHECKING:
    from stalk_ros.topics.languages.en.tagging import Token

_LISTS = words("en", "mentions")
_KINDS = words("en", "kinds")
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_MAX_WORDS, _MAX_NOUNS, _MIN_LETTERS = 3, 2, 3
_MASS = ("food", "activity", "instrument")
"""Kinds whose nouns stand without an article in the singular too ("I love pizza", "she plays tennis")."""


def mentions(text: str) -> list[Mention]:
    """The things a sentence mentions, in their order; none of a text that is heavy or complains."""
    if is_heavy(text) or _is_unwelcome(text):
        return []
    found = []
    for sentence in _SENTENCE.findall(text):
        if not is_question(without_gaps(sentence), "en"):
            for heard in sentence.split(UNHEARD):
                found += _phrases(tagging.tagged(heard))
    return found


def kind(topic: str) -> str:
    """What the noun at the end of a topic is."""
    last = topic.rpartition(" ")[2]
    forms = {topic.lower().replace(" ", "-"), last.lower(), tagging.singular(last)}
    return next((name for name in KINDS if forms & _KINDS.get(name, frozenset())), "other")


def is_clear(phrase: str) -> bool:
    """Whether a phrase is made of English words and more than a lone noun ("the lawyer", "the goal").

    A lone noun of no known kind is often no thing but what somebody is, does or wants.
    """
    words = phrase.split()
    return (words[0] == "your" or len(words) > 1 + (words[0] == "the")) and _is_english(phrase)


def _is_english(phrase: str) -> bool:
    return all(map(tagging.is_word, phrase.split()))


@lru_cache(maxsize=4096)
def is_heavy(text: str) -> bool:
    """Whether it touches what a light question must not."""
    if avoided(text, "en"):
        return True
    found = {word.lower() for word in _WORD.findall(text.replace("’", "'"))}
    return bool(_LISTS["avoid"] & (found | {tagging.singular(word.removesuffix("'s")) for word in found}))


def _is_unwelcome(text: str) -> bool:
    """Whether it complains, or says that something is not liked."""
    found = [word.lower() for word in _WORD.findall(text.replace("’", "'"))]
    refused = any(
        (word == "not" or word.endswith("n't") or word == "cannot")
        and _LISTS["likings"] & set(found[index + 1 : index + 4])
        for index, word in enumerate(found)
    )
    return refused or bool(_LISTS["unwelcome"] & set(found))


def _phrases(tokens: list[Token]) -> list[Mention]:
    found = []
    alone = sum(token.text[0].isalpha() for token in tokens) == 1
    index = 0
    while index < len(tokens):
        start = index
        if tokens[index].part == "determiner":
            index += 1
        while index < len(tokens) and _is_between(tokens[index]):
            index += 1
        adjectives = list(takewhile(lambda token: token.part == "adjective", tokens[index:]))
        index += len(adjectives)
        nouns = list(takewhile(lambda token: token.part == "noun", tokens[index:]))
        index += len(nouns)
        if index == start + len(nouns):
            nouns = list(dropwhile(lambda token: token.text.lower() in _LISTS["verbs"], nouns))
        if len(nouns) > 1 and not adjectives and nouns[0] is tokens[start] and _is_subject(tokens[:start]):
            # "I train horses": after its subject the first is a verb.
            nouns = nouns[1:]
        if len(nouns) > 1 and _is_doing(nouns[0]):
            nouns = nouns[1:]
        if len(nouns) > 1 and _is_plural(nouns[0]) and kind(nouns[0].text) == "person":
            # Something of these people: "my daughters piano".
            nouns = []
        if nouns and _is_plural(nouns[0]):
            # What comes after a plural is rather its verb ("the dogs bark") than a noun it belongs to.
            nouns = nouns[:1]
        nouns = [*nouns[:1], *takewhile(lambda token: token.text.lower() not in _LISTS["verbs"], nouns[1:])]
        if nouns and not _is_comparison(tokens[:start], tokens[start].text.lower()):
            found += _mention(tokens[:start], tokens[start], adjectives, nouns, alone)
        index = max(index, start + 1)
    past = any(token.text.lower() in _LISTS["past"] for token in tokens)
    return [mention for mention in found if not (past and kind(mention.topic) == "person")]


def _is_plural(noun: Token) -> bool:
    return noun.text.lower() != noun.base


def _is_comparison(before: list[Token], article: str) -> bool:
    """Whether it only says what something is, or is like ("it would be a monkey", "he looks like a pig")."""
    if article not in ("a", "an") or not before:
        return False
    word, subject = before[-1].text.lower(), {token.text.lower() for token in before[-3:-1]}
    return word in _LISTS["being"] or (word == "like" and not subject & _LISTS["liking"])


def _is_subject(before: list[Token]) -> bool:
    rest = dropwhile(lambda token: token.text.lower() in _LISTS["often"], reversed(before))
    return next((token.text.lower() for token in rest), "") in _LISTS["subjects"]


def _is_doing(token: Token) -> bool:
    """Whether what follows it is rather what is done something with: "baking cookies" is about cookies."""
    return token.text.lower().endswith("ing") and kind(token.text) == "activity"


def _is_between(token: Token) -> bool:
    """Whether it stands between a determiner and an adjective."""
    return token.part == "number" or token.text.lower() in _LISTS["adverbs"]


def _mention(
    before: list[Token], first: Token, adjectives: list[Token], nouns: list[Token], alone: bool
) -> list[Mention]:
    """The thing, in a list; an empty one when it names nothing to ask the speaker about.

    ``alone`` says that there is no other word: "whoops" and "congrats" look like things.
    """
    head = nouns[-1].base
    bare = not adjectives and len(nouns) == 1 and first is nouns[0]
    if bare and alone and kind(head) == "other":
        return []
    named = {token.text.lower() for token in nouns} | {head}
    if not named.isdisjoint(_LISTS["vague"]) or len(head) < _MIN_LETTERS:
        return []
    if len(nouns) > 1 and "person" in (kind(nouns[0].text), kind(head)):
        return []
    left_out = (
        _LISTS["judging"] if first.text.lower() in _LISTS["own"] else _LISTS["judging"] | _LISTS["best"]
    )
    kept = [token for token in adjectives if token.text.lower() not in left_out and not _is_doing(token)]
    topic = " ".join(_written(token.text) for token in ([] if kind(head) == "person" else kept) + nouns)
    if len(topic.split()) > _MAX_WORDS or len(nouns) > _MAX_NOUNS or "'" in topic:
        return []
    phrase = _phrase(before, first, topic, _is_plural(nouns[-1]))
    own = phrase.startswith("your ")
    empty = topic.lower() in _LISTS["alone"] and not own
    broken = kind(topic) == "other" and not _is_english(topic)
    return [Mention(topic, phrase, head, own)] if phrase and not empty and not broken else []


def _written(word: str) -> str:
    return word.capitalize() if word in _LISTS["proper"] else word


def _phrase(before: list[Token], first: Token, topic: str, plural: bool) -> str:
    """How a question to the speaker refers to it; "" when it is somebody else's, or no thing at all."""
    article = first.text.lower() if first.part == "determiner" else ""
    named = kind(topic)
    if article in _LISTS["others"]:
        return ""
    if article in _LISTS["own"] or _is_had(before, article or first.part):
        return f"your {topic}"
    if not article:
        if first.part == "number":
            return f"the {topic}" if plural else ""
        if not plural and named not in _MASS and topic.rpartition(" ")[2].lower() not in _LISTS["mass"]:
            return ""
        return f"the {topic}" if named == "instrument" and not plural else topic
    if named == "activity" or (named == "food" and plural):
        return topic
    if named == "food" and article in ("a", "an"):
        return f"{'an' if topic[0].lower() in 'aeiou' else 'a'} {topic}"
    return f"the {topic}"


def _is_had(before: list[Token], article: str) -> bool:
    """Whether the speaker says that he has it ("I have a dog", "we just got two cats")."""
    if article not in ("a", "an", "number", "some") or not before:
        return False
    if before[-1].text.lower() in ("i've", "we've"):
        return True
    subject = {token.text.lower() for token in before[-3:-1]}
    return before[-1].text.lower() in _LISTS["having"] and bool(subject & {"i", "we", "i've", "we've"})
