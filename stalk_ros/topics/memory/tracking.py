"""Where the talk turns to something else."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from stalk_ros.topics.content import content_words
from stalk_ros.topics.memory.heard import has_word

if TYPE_CHECKING:
    from stalk_ros.topics.memory.heard import Heard

_WINDOW = 4
"""Turns with content that a new one is compared with."""

_JUST_SAID = 2
"""A question is about something new when none of its words was said in so many turns. "Is it heavy?" is not:
one word is too little where another refers back."""

_SHIFT = 3.0
_NEW_QUESTION = 3.0
_MOST_NEW_WORDS = 4.0
_PER_KNOWN_WORD = 2.0
_ANSWERS = 2.0
_REFERS_BACK = 1.0


class TopicTracker:
    """Notices a shift at the turn that makes it, from how that turn hangs together with those before it.

    Lexical cohesion as in M. A. Hearst 1997, "TextTiling: segmenting text into multi-paragraph subtopic
    passages", looking back only, with the cues of R. J. Passonneau and D. J. Litman 1997, "Discourse
    segmentation by human and automated means", that a transcript without punctuation leaves: words that refer
    back, and which sentences are questions and answers. The weights are small whole numbers: a new question
    is enough alone, so are three new words, but not in an answer; each word said before outweighs two new
    ones. ``bench/topic_shift.py`` measures what they are worth.
    """

    def __init__(self) -> None:
        self._before: deque[frozenset[str]] = deque(maxlen=_WINDOW)
        self._asker: str | None = None

    def shifts(self, heard: Heard) -> bool:
        """Whether this turn, the next of the talk, begins with another topic."""
        if heard.minimal or not heard.words:
            self._asker = heard.utterance.speaker_id if heard.asks else self._asker
            return False
        shift = bool(self._before) and self._evidence(heard) >= _SHIFT
        self._before.append(frozenset(heard.words))
        self._asker = heard.utterance.speaker_id if heard.asks else None
        return shift

    def _evidence(self, heard: Heard) -> float:
        words, known = frozenset(heard.words), frozenset[str]().union(*self._before)
        new = len(words - known) - _PER_KNOWN_WORD * len(words & known)
        evidence = min(max(new, 0.0), _MOST_NEW_WORDS)
        if any(self._is_new(question, heard.language) for question in heard.asks):
            evidence += _NEW_QUESTION
        if self._answers(heard.utterance.speaker_id):
            evidence -= _ANSWERS
        if has_word(heard.text, heard.language, "references"):
            evidence -= _REFERS_BACK
        return evidence

    def _is_new(self, question: str, tag: str) -> bool:
        words = frozenset(content_words(question, tag))
        just_said = frozenset[str]().union(*tuple(self._before)[-_JUST_SAID:])
        refers = has_word(question, tag, "references")
        return len(words) > refers and not words & just_said

    def _answers(self, speaker_id: str) -> bool:
        """Whether somebody was asked, and it is not the one who asked who speaks on."""
        return self._asker is not None and (self._asker != speaker_id or not speaker_id)
