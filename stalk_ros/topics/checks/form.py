"""The form of a draft: of types that a message can carry, and one plain sentence that a voice can say."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from stalk_ros.events import unspaced
from stalk_ros.topics.recommender import Draft

if TYPE_CHECKING:
    from stalk_ros.topics.recommender import TopicRequest

MAX_WORDS = 30
MAX_EOJEOL = 20
"""A Korean word carries its particles and auxiliaries: some two stand for three English ones."""
MAX_LETTERS = 70
"""Of a language without spaces; some two and a third stand for an English word."""

_MAX_WORD_LETTERS = 40
_MAX_TOPIC_LETTERS = 80
_ENDINGS = ".?!。？！"
_MARKS = frozenset(" .,?!'’‘\"“”„«»-–—:;…&%+¿¡·、。？！「」『』・〜～ー，：；")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|No|etc|[A-Z]|[ap]\.m|e\.g|i\.e)\.(?=[ .,?!])")
_DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)")
_SPEAKER = re.compile(r"\b(?:S\d+|[Ss]peakers? ?(?:\d+|[A-Z]\b)|화자 ?\d+|話者 ?\d+)")


def complaint(draft: object, request: TopicRequest) -> str:
    """What is wrong with the form of whatever an engine answered, "" when nothing is."""
    if not isinstance(draft, Draft):
        return f"the answer is a {type(draft).__name__}, not a draft"
    return _types(draft) or _speakers(draft, request) or _labels(draft) or _sentence(draft.text, request)


def _types(draft: Draft) -> str:
    """ROS 2 ends the process when a field of a message gets a value of another type."""
    for name in ("text", "topic", "rationale"):
        if type(getattr(draft, name)) is not str:
            return f"'{name}' is no string"
    people = draft.addressed_to
    if type(people) is not tuple or not all(type(speaker) is str for speaker in people):
        return "'addressed_to' is no tuple of strings"
    # NaN is in no range.
    if not isinstance(draft.confidence, float) or not 0.0 <= draft.confidence <= 1.0:
        return "'confidence' is no float from 0 to 1"
    return ""


def _speakers(draft: Draft, request: TopicRequest) -> str:
    known = {turn.speaker_id for turn in request.turns} | set(request.names) | set(request.quiet_speakers)
    known |= {thread.speaker_id for thread in request.threads}
    unknown = set(draft.addressed_to) - (known - {""})
    return "it is addressed to somebody who is not there" if unknown else ""


def _labels(draft: Draft) -> str:
    if not draft.topic.strip() or len(draft.topic) > _MAX_TOPIC_LETTERS:
        return f"its topic is not in 1 to {_MAX_TOPIC_LETTERS} letters"
    if not draft.topic.isprintable() or not draft.rationale.isprintable():
        return "its topic or its rationale has characters that cannot be printed"
    return ""


def _sentence(text: str, request: TopicRequest) -> str:
    strange = next((char for char in text if not (char.isalnum() or char in _MARKS or _is_mark(char))), "")
    if strange:
        return f"a voice cannot say U+{ord(strange):04X}"
    if text != text.strip() or not text.endswith(tuple(_ENDINGS)):
        return f"it does not end with one of {' '.join(_ENDINGS)}"
    body = _DECIMAL.sub("", _ABBREVIATION.sub("", text[:-1]))
    if not any(char.isalpha() for char in body):
        return "it has no words"
    if any(char in _ENDINGS for char in body):
        return "it is more than one sentence"
    ids = {turn.speaker_id for turn in request.turns} | set(request.names)
    if _SPEAKER.search(text) or any(_is_token(speaker, text) for speaker in ids - {""}):
        return "it says the id of a speaker"
    return _length(text, request.language)


def _is_mark(char: str) -> bool:
    """Whether it belongs to the letter before it, as in Hebrew, in Thai and in many scripts of India."""
    return "\u0590" <= char < "\u2000" and unicodedata.category(char) in ("Mn", "Mc")


def _is_token(speaker: str, text: str) -> bool:
    """Whether an id that is no name stands in the text; ids with a digit or an underscore are none."""
    named = not re.search(r"[\d_]", speaker)
    return not named and re.search(rf"(?<!\w){re.escape(speaker)}(?![A-Za-z0-9_])", text) is not None


def _length(text: str, language: str) -> str:
    words = text.split()
    if unspaced(language):
        return f"it has more than {MAX_LETTERS} letters" if len(text) > MAX_LETTERS else ""
    limit = MAX_EOJEOL if language == "ko" else MAX_WORDS
    if len(words) > limit:
        return f"it has more than {limit} words"
    return "it has a word without an end" if any(len(word) > _MAX_WORD_LETTERS for word in words) else ""
