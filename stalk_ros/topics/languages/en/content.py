"""English content words: the words of a sentence without the frequent ones, in one form each."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.lists import WORD, words

_LISTS = words("en", "content")
_STOP = _LISTS["stop"] | words("en", "mentions")["function"]
_IRREGULAR = dict(pair.split(":") for pair in sorted(_LISTS["irregular"]))
_CLITICS = ("n't", "'s", "'m", "'re", "'ve", "'ll", "'d", "'")
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLE = re.compile(r"([bdfglmnprt])\1$")
_SHORTEST = 3
"""Letters that are left of a word at least: "sing" is no form of "s"."""


def content_words(text: str) -> tuple[str, ...]:
    """Its content words in order: "dogs" and "dog" are "dog", "liked" and "likes" are "lik"."""
    found = (_without_clitic(word.lower().replace("’", "'")) for word in WORD.findall(text))
    return tuple(stem(word) for word in found if len(word) > 1 and word not in _STOP)


def stem(word: str) -> str:
    """What the forms of a word in lower case share, which need not be a word.

    Takes off the endings of plurals and verbs as step 1 of M. F. Porter 1980, "An algorithm for suffix
    stripping", does, and the final e, so that "making" meets "make". Derivations stay apart: to somebody who
    talks of a "painter", "paint" is another thing.
    """
    word = _without_plural(_IRREGULAR.get(word, word))
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= _SHORTEST - 1 and _VOWEL.search(root) and not word.endswith("eed"):
            word = root
            break
    word = _DOUBLE.sub(r"\1", word)
    if len(word) > _SHORTEST:
        word = word.removesuffix("e")
    return word[:-1] + "i" if len(word) >= _SHORTEST and word.endswith("y") else word


def _without_plural(word: str) -> str:
    if len(word) <= _SHORTEST or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-2] if len(word) > _SHORTEST + 1 else word[:-1]
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word.removesuffix("s")


def _without_clitic(word: str) -> str:
    for clitic in _CLITICS:
        if word.endswith(clitic) and word not in _STOP:
            return "" if clitic == "n't" else word.removesuffix(clitic)
    return word
