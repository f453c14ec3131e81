"""The form of a turn, whatever it is about: finished or not, a question, a minimal response, hesitation.

What a speaker's voice tells about it is not in the text; where the text may be either, a turn counts as
finished, and as no question. Each language has its rules in its folder, for text with punctuation and
capitals as for an ASR's without.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, cast

from stalk_ros.topics.languages import part

if TYPE_CHECKING:
    from stalk_ros.events import Utterance


class Turns(Protocol):
    """The module of one language.

    A sentence has no punctuation at its end; ``closed`` says whether it had any that closes it.
    """

    def is_finished(self, sentence: str, closed: bool) -> bool:
        """Whether who stops after this sentence has come to the end of a turn."""

    def is_minimal_response(self, text: str) -> bool:
        """Whether it says no more than that one listens, agrees or not."""

    def is_question(self, sentence: str, closed: bool) -> bool:
        """Whether the sentence asks."""

    def hesitations(self, text: str) -> int:
        """How many hesitations it has."""

    def length(self, text: str) -> int:
        """About how many words it has."""


_OPEN = ("…", "...", "..", "-", "–", "—", ",", "、", "，", ";", ":", "~")
_ASKING = ("?", "？")
_CLOSING = (".", "!", "。", "！", *_ASKING)
_MARKS = "".join({mark[0] for mark in (*_OPEN, *_CLOSING)}) + "\"'”’」』)"
_SENTENCE = re.compile(r"(?<=[.!?。！？…])\s*(?=[^\s.!?。！？…])")


def is_finished(text: str, tag: str) -> bool:
    """Whether somebody who stops here has come to the end of a turn; true when that is not known.

    Args:
        text: what was said.
        tag: BCP 47 tag of its language.
    """
    sentence = last_sentence(text)
    if sentence.endswith((*_OPEN, *_ASKING)):
        return sentence.endswith(_ASKING)
    rules = _rules(tag)
    return rules is None or rules.is_finished(sentence.strip(_MARKS + " "), sentence.endswith(_CLOSING))


def is_minimal_response(text: str, tag: str) -> bool:
    """Whether it says no more than "yes", "mhm" or "I see"."""
    rules = _rules(tag)
    return rules is not None and not text.rstrip().endswith(_ASKING) and rules.is_minimal_response(text)


def is_question(text: str, tag: str) -> bool:
    """Whether it asks something, also without a question mark."""
    sentence = last_sentence(text)
    if sentence.endswith(_ASKING):
        return True
    rules = _rules(tag)
    if rules is None or sentence.endswith(_OPEN):
        return False
    return rules.is_question(sentence.strip(_MARKS + " "), sentence.endswith(_CLOSING))


def hesitations(text: str, tag: str) -> int:
    """How many hesitations it has: fillers such as "um", and words begun twice."""
    rules = _rules(tag)
    return 0 if rules is None else rules.hesitations(text)


def length(text: str, tag: str) -> int:
    """About how many words it has."""
    rules = _rules(tag)
    return len(text.split()) if rules is None else rules.length(text)


def last_sentence(text: str) -> str:
    """The last sentence, with its punctuation; all of a text without any."""
    return _SENTENCE.split(text.strip())[-1]


def has_finished(turns: tuple[Utterance, ...], tag: str) -> bool:
    """Whether the last turn is finished; who says "mhm" while another speaks leaves him the floor.

    Args:
        turns: recent turns, oldest first.
        tag: BCP 47 tag of their language.
    """
    if not turns:
        return True
    before, last = turns[:-1], turns[-1]
    if before and is_minimal_response(last.text, tag) and _is_aside(last, before[-1]):
        return has_finished(before, tag)
    return is_finished(last.text, tag)


def _is_aside(turn: Utterance, before: Utterance) -> bool:
    return turn.speaker_id != before.speaker_id and turn.start_ns < before.end_ns


def _rules(tag: str) -> Turns | None:
    return cast("Turns | None", part(tag, "turns"))
