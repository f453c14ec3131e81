"""What people mentioned, and what of it nobody has followed up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stalk_ros.topics.content import content_words
from stalk_ros.topics.languages import language
from stalk_ros.topics.memory.heard import has_word
from stalk_ros.topics.recommender import Thread

if TYPE_CHECKING:
    from stalk_ros.events import Utterance
    from stalk_ros.topics.languages.mention import Mention
    from stalk_ros.topics.memory.heard import Heard

MAX_THINGS = 500
"""Things remembered, the last touched ones: of a day's talk those of the last hour or two."""

MAX_THREADS = 20

_KEPT_PER_TURN = 0.98
"""A thread is half as present after 34 turns with content: some minutes of lively talk."""

_LEAST_WEIGHT = 0.05
_SOON = 2
"""A turn that names nothing is about what was mentioned at most so many turns before."""

_TOLD_WORDS = 2
"""Content words without which "that's right" is not telling more, and "pianos are heavy" nothing new."""


@dataclass(frozen=True)
class Topic:
    """Something people talked about, when they did first, and when last (audio time)."""

    name: str
    first_ns: int
    touched_ns: int


@dataclass(frozen=True)
class _Thing:
    """``words`` are all that were said with it, ``own`` whether it is the speaker's."""

    topic: str
    phrase: str
    own: bool
    said: Utterance
    words: frozenset[str]
    first_ns: int
    touched_ns: int
    turn: int
    open: bool


class Things:
    """All that was mentioned: an open thread until somebody mentions it again, asks or tells more of it.

    Who says something new about a thing opens another thread with it: what nobody has reacted to is that.
    """

    def __init__(self) -> None:
        self._things: dict[str, _Thing] = {}
        self._turn = 0

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What people talked about, what was touched last first."""
        things = reversed(self._things.values())
        return tuple(Topic(thing.topic, thing.first_ns, thing.touched_ns) for thing in things)

    def threads(self) -> tuple[Thread, ...]:
        """What nobody has followed up, the most present first."""
        found = [
            Thread(thing.topic, thing.phrase, thing.said.speaker_id, thing.said, self._weight(thing))
            for thing in reversed(self._things.values())
            if thing.open and self._weight(thing) >= _LEAST_WEIGHT
        ]
        return tuple(sorted(found, key=lambda thread: -thread.weight))[:MAX_THREADS]

    def add(self, heard: Heard, shift: bool) -> None:
        """Take in a turn; ``shift`` says that it begins with another topic."""
        if heard.minimal:
            return
        self._turn += 1
        words = language(heard.language)
        told = words.mentions(heard.text) if words else []
        mentioned = {_key(mention, heard.language): mention for mention in told}
        before = dict(self._things)
        self._touch((*heard.words, *mentioned), heard.utterance.end_ns)
        if not shift and not mentioned:
            self._follow_up(heard)
        for key, mention in mentioned.items():
            self._things[key] = self._mentioned(before.get(key), mention, heard)
        while len(self._things) > MAX_THINGS:
            del self._things[next(iter(self._things))]

    def close(self, text: str, tag: str) -> None:
        """Somebody, or the robot, has asked about what a text is about."""
        for key in content_words(text, tag):
            if key in self._things:
                self._things[key] = replace(self._things[key], open=False)

    def _touch(self, words: tuple[str, ...], time_ns: int) -> None:
        """What was mentioned before and is now again is followed up."""
        for word in dict.fromkeys(words):
            known = self._things.pop(word, None)
            if known is not None:
                self._things[word] = replace(known, touched_ns=time_ns, turn=self._turn, open=False)

    def _follow_up(self, heard: Heard) -> None:
        """A turn that names nothing goes on with what was just mentioned.

        That is so of somebody else's question, and of a speaker who tells more of what he refers back to.
        """
        refers = has_word(heard.text, heard.language, "references")
        if not heard.asks and not (refers and len(heard.words) >= _TOLD_WORDS):
            return
        speaker_id = heard.utterance.speaker_id
        for key, thing in tuple(self._things.items()):
            own = bool(speaker_id) and thing.said.speaker_id == speaker_id
            if thing.open and self._turn - thing.turn <= _SOON and own != bool(heard.asks):
                self._things.pop(key)
                self._things[key] = replace(thing, touched_ns=heard.utterance.end_ns, open=False)

    def _mentioned(self, known: _Thing | None, mention: Mention, heard: Heard) -> _Thing:
        """A thing as it is after it was mentioned; ``known`` is what it was before, if it was."""
        said, words = heard.utterance, frozenset(heard.words)
        first_ns = known.first_ns if known else said.start_ns
        opened = known is None or len(words - known.words) >= _TOLD_WORDS
        if known is None or (opened and (mention.own or not _is_of(known, said.speaker_id))):
            topic, phrase, own = mention.topic, mention.phrase, mention.own
        else:
            topic, phrase, own = known.topic, known.phrase, known.own
        if known is not None:
            said, words = said if opened else known.said, words | known.words
        return _Thing(topic, phrase, own, said, words, first_ns, heard.utterance.end_ns, self._turn, opened)

    def _weight(self, thing: _Thing) -> float:
        return float(_KEPT_PER_TURN ** (self._turn - thing.turn))


def _is_of(thing: _Thing, speaker_id: str) -> bool:
    return thing.own and bool(speaker_id) and thing.said.speaker_id == speaker_id


def _key(mention: Mention, tag: str) -> str:
    """What all forms of a thing share: the content word of what it is at bottom."""
    return "".join(content_words(mention.head, tag)[-1:]) or mention.head
