"""The form of turns in English: by their last words, and questions by the order of their first ones."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from stalk_ros.topics.languages.lists import words

if TYPE_CHECKING:
    from collections.abc import Callable

_LISTS = {
    name: frozenset(entry.replace("_", " ") for entry in entries)
    for name, entries in words("en", "turns").items()
}
_WORD = re.compile(r"'?[a-z0-9]+(?:['-][a-z0-9]+)*")
_CLAUSE_WORDS = 10
"""Without punctuation the last clause is within so many last words."""
_QUESTION_WORDS = 15
"""So far from its end a question may begin."""
_BEFORE_SHORT = ("as", "than", "there", "here")
"""Before what may end with a verb: "as long as it is", "there it is"."""
_NO_TAG = ("so", "neither", "nor", "than", "as")
"""Before what looks like a tag: "so do you"."""
_SHORT_WORDS = 3
"""An answer that stops at its verb ("I do", "no it isn't") is not longer, unless it begins like one."""


def is_finished(sentence: str, closed: bool) -> bool:
    """Whether who stops after this sentence has come to the end of a turn."""
    said = _words(sentence)
    if not said:
        return True
    last, before = said[-1], said[-2] if len(said) > 1 else ""
    if last in _LISTS["hesitations"]:
        return is_minimal_response(sentence) and closed
    if _in(last, "always_open"):
        return f"{before} {last}" in _LISTS["not_open"]
    if last in _LINKS:
        return _LINKS[last](before)
    return closed or not (_wants_clause(said) or _wants_object(said) or _wants_verb(said))


def is_minimal_response(text: str) -> bool:
    """Whether it says no more than that one listens, agrees or not."""
    said = _words(text)
    while said:
        size = next((size for size in (3, 2, 1) if " ".join(said[:size]) in _LISTS["minimal"]), 0)
        if not size:
            return False
        said = said[size:]
    return bool(_WORD.search(text.lower()))


def is_question(sentence: str, closed: bool) -> bool:
    """Whether the sentence asks, by its order of words, or ends like "isn't it"."""
    said = [word for word in _words(sentence) if not _in(word, "hesitations")]
    last = range(max(0, len(said) - _QUESTION_WORDS), len(said))
    if _asks(said[_opening(said) :]) or _is_tag(said):
        return True
    return not closed and any(_turns(said[at:]) for at in last)


def hesitations(text: str) -> int:
    """How many fillers and words begun twice."""
    said = _words(text)
    fillers = sum(_in(word, "hesitations") for word in said)
    known = _LISTS["doubled"] | _LISTS["hesitations"]
    return fillers + sum(a == b and a not in known for a, b in pairwise(said))


def length(text: str) -> int:
    """Number of words."""
    return len(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))


def _in(word: str, name: str) -> bool:
    return word in _LISTS[name]


_LINKS: dict[str, Callable[[str], bool]] = {
    "so": lambda before: _in(before, "so_ends"),
    "well": lambda before: bool(before) and not _in(before, "well_opens"),
    "then": lambda before: bool(before) and not _in(before, "then_opens"),
    "just": lambda before: not before,
    "mean": lambda before: before != "i",
}
"""Words that end a turn or begin what follows, by the word before."""


def _wants_clause(said: list[str]) -> bool:
    """Whether it ends with "that", "which" or "when" and nothing after it."""
    last, before = said[-1], said[-2] if len(said) > 1 else ""
    if last == "that":
        return _in(before, "that_opens") or (before in ("is", "was") and not _questions(said[:-1]))
    return _in(last, "relatives") and not _in(before, "known") and (bool(before) or last in ("which", "when"))


def _wants_object(said: list[str]) -> bool:
    """Whether it ends with a preposition that nothing before it has a claim on."""
    last, clause = said[-1], said[-_CLAUSE_WORDS:-1]
    if not _in(last, "prepositions") or not clause:
        return False
    if f"{clause[-1]} {last}" in _LISTS["phrasal"] | _LISTS["ended_by_to"]:
        return False
    if last in ("on", "in", "by") and _in(clause[-1], "objects"):
        return False
    if last == "to" and any(_in(word, "negations") or word == "if" for word in clause):
        return False
    if _questions(clause) or "to" in clause or any(_in(word, "heads") for word in clause):
        return False
    return not _asks(said[_opening(said) :])


def _wants_verb(said: list[str]) -> bool:
    """Whether it ends with a subject, or with an auxiliary that does not stand for an answer."""
    last, before = said[-1], said[-2] if len(said) > 1 else ""
    if _in(last, "subjects"):
        return not _in(before, "auxiliaries") and before not in ("and", "than", "as")
    if not (_in(last, "modals") or _in(last, "verbs")):
        return False
    answers = _in(said[0], "answers")
    if not _in(before, "pronouns") and not (before and answers):
        return len(said) > 1
    clause = said[-_CLAUSE_WORDS:-2]
    if answers or _questions(clause) or any(word in _BEFORE_SHORT for word in clause):
        return False
    return len(said) > _SHORT_WORDS or said[0] in ("when", "if") or (_in(last, "modals") and before != "i")


def _questions(clause: list[str]) -> bool:
    """Whether a question or a relative clause began in it."""
    return any(_in(word, "questioning") for word in clause)


def _opening(said: list[str]) -> int:
    at = 0
    while at < len(said) - 1:
        if _in(said[at], "openings"):
            at += 1
        elif f"{said[at]} {said[at + 1]}" in _LISTS["openings"]:
            at += 2
        else:
            break
    return at


def _asks(clause: list[str]) -> bool:
    """Whether a sentence that begins so asks."""
    if not clause:
        return False
    first, pair = clause[0], " ".join(clause[:2])
    if _in(first, "wondering"):
        return len(clause) == 1 or _in(clause[1], "auxiliaries") or pair in _LISTS["asking"]
    if first == "any" or _in(first, "asking") or pair in _LISTS["asking"]:
        return len(clause) > 1
    if len(clause) < 3 or not _in(first, "auxiliaries"):
        return False
    return _in(clause[1], "pronouns") and pair not in ("do it", "do this", "do that")


def _turns(clause: list[str]) -> bool:
    """Whether a question begins here, amid words without punctuation: "are you", "what did the"."""
    if len(clause) < 3:
        return False
    first, second, third = clause[:3]
    if _in(first, "wondering"):
        return _in(second, "auxiliaries") and (_in(third, "pronouns") or _in(third, "owners"))
    return _in(first, "auxiliaries") and second == "you"


def _is_tag(said: list[str]) -> bool:
    """Whether it ends like "isn't it" or "have you"."""
    if len(said) < 2 or (len(said) > 2 and said[-3] in _NO_TAG):
        return False
    return _in(said[-2], "auxiliaries") and _in(said[-1], "tagged")
