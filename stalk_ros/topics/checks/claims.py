"""What a draft says or presupposes of people, beside what was said by them and of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, cast

from stalk_ros.topics.checks.words import is_alike, weighty_words
from stalk_ros.topics.languages import part
from stalk_ros.topics.languages.claim import ANYBODY, Claim
from stalk_ros.topics.turns import is_question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.topics.recommender import Draft, TopicRequest

_NAME = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[^.!?。！？\n]+")


class Rules(Protocol):
    """The module ``claims`` of a language."""

    def claims(self, sentence: str, names: frozenset[str]) -> list[Claim]:
        """What must have been said before a robot says this."""

    def people(self, sentence: str) -> set[str]:
        """The words, in small letters, that seem to name somebody."""

    def addressed(self, sentence: str, names: frozenset[str]) -> set[str]:
        """Those of ``names`` to whom it is said."""


def complaint(draft: Draft, request: TopicRequest, orders: frozenset[int]) -> str:
    """Which claim of a draft has no ground in what was said, in words; "" when none.

    Args:
        draft: the draft.
        request: what it answers; its turns, threads and summary are the ground.
        orders: the places of the turns of ``request`` that give a model orders; they are no ground.
    """
    said = _Said(request, orders)
    rules = cast("Rules | None", part(request.language, "claims"))
    if rules is None:
        named = sorted(name for name in said.names if name in _name_words(draft.text))
        return (
            f"it names {named[0]}, and what it says of people in this language is not known" if named else ""
        )
    people = rules.people(draft.text)
    for name in sorted(people):
        if not said.knows(name):
            return f"nobody has said who '{name}' is"
    names = frozenset(said.names | people)
    addressees = rules.addressed(draft.text, names)
    for claim in rules.claims(draft.text, names):
        missing = said.missing(claim, addressees, draft.addressed_to, names)
        if missing:
            return f"nobody has said '{missing}' of whom it is about"
    return ""


class _Said:
    """What was said, by whom and of whom."""

    def __init__(self, request: TopicRequest, orders: frozenset[int]) -> None:
        self._tag = request.language
        turns = request.turns
        self._turns = [turn for place, turn in enumerate(turns) if place not in orders]
        self._orders = [turn for place, turn in enumerate(turns) if place in orders]
        self._request = request
        self._ids: dict[str, set[str]] = {}
        for speaker, name in request.names.items():
            for word in _name_words(name):
                self._ids.setdefault(word, set()).add(speaker)
        self.names = frozenset(self._ids)

    def knows(self, name: str) -> bool:
        """Whether somebody has the name, or somebody said it."""
        if any(_is_called(name, known) for known in self.names):
            return True
        return any(
            _within(name, text) for text in (*(turn.text for turn in self._turns), self._request.summary)
        )

    def missing(self, claim: Claim, addressees: set[str], to: tuple[str, ...], names: frozenset[str]) -> str:
        """A word of the claim that was not said of whom it is about, "" when all were."""
        named = names | set(weighty_words(" ".join(sorted(names)), self._tag))
        words = [word for word in weighty_words(claim.text, self._tag) if word not in named]
        ground = self._ground(claim.about, addressees, to)
        for word in words[:1] if claim.noun else words:
            if not any(is_alike(word, said, self._tag) for said in ground):
                return word
        return ""

    def _ground(self, about: str, addressees: set[str], to: tuple[str, ...]) -> set[str]:
        """The words said by or of whom a claim is about."""
        if about == ANYBODY:
            return self._words((*(turn.text for turn in self._turns), self._request.summary))
        names = {about} if about else addressees
        ids = {
            i for name in names for known, ids in self._ids.items() if _is_called(name, known) for i in ids
        }
        if not names:
            ids = set(to)
            names = {known for known, owners in self._ids.items() if owners & ids}
        if not names and not ids:
            return self._ground(ANYBODY, addressees, to)
        return self._words(self._of(ids, names)) | self._older(ids, names)

    def _of(self, ids: set[str], names: set[str]) -> Iterable[str]:
        """Their turns, what others state of them, and the questions that they answered.

        What others ask about them and they leave without an answer need not be so.
        """
        for place, turn in enumerate(self._turns):
            after = self._turns[place + 1] if place + 1 < len(self._turns) else None
            if turn.speaker_id in ids:
                yield turn.text
            elif is_question(turn.text, self._tag):
                if after and after.speaker_id in ids:
                    yield turn.text
            elif any(_within(name, turn.text) for name in names):
                yield turn.text
        for thread in self._request.threads:
            if thread.speaker_id in ids and thread.said not in self._orders:
                yield f"{thread.topic} {thread.phrase} {thread.said.text}"

    def _older(self, ids: set[str], names: set[str]) -> set[str]:
        """The words of the sentences of the summary that name these people, or nobody."""
        everybody = self.names | set(self._request.names)
        return self._words(
            sentence
            for sentence in _SENTENCE.findall(self._request.summary)
            if any(_within(name, sentence) for name in names | ids)
            or not any(_within(name, sentence) for name in everybody)
        )

    def _words(self, texts: Iterable[str]) -> set[str]:
        return {word for text in texts for word in weighty_words(text, self._tag)}


def _name_words(text: str) -> set[str]:
    return {word.lower() for word in _NAME.findall(text)}


def _is_called(name: str, known: str) -> bool:
    """Whether a name is the known one, or its end: Koreans are called "민수" who are enrolled as "김민수"."""
    return name == known or (not name.isascii() and len(name) > 1 and known.endswith(name))


def _within(name: str, text: str) -> bool:
    """Whether a name stands in a text, in Korean and Japanese also with something after it."""
    bounds = r"(?![^\W\d_])" if name.isascii() else ""
    return re.search(rf"(?<![^\W\d_]){re.escape(name)}{bounds}", text, re.IGNORECASE) is not None
