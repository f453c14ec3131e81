"""Sentences in English, put together from a template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stalk_ros.topics.languages.en.mentions import kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_WH = r"(?P<wh>what|which|where|when|how|who)(?P<thing>(?: \w+){0,3}?)"
_WHETHER_TO = re.compile(rf"{_WH} (?:should|can|could) (?:we|i|one) (?P<rest>.+)", re.IGNORECASE)
_WITH_DO = re.compile(rf"{_WH} do you (?P<rest>.+)", re.IGNORECASE)
_WITHOUT_DO = re.compile(
    rf"(?!how ){_WH} (?P<verb>are|were|would|will|can|could|should|have) you (?P<rest>.+)", re.IGNORECASE
)
_CLOSED_DO = re.compile(r"do you (?P<rest>.+)", re.IGNORECASE)
_CLOSED = re.compile(r"(?P<verb>are|would|will|can|have) you (?P<rest>.+)", re.IGNORECASE)
_UNREPORTED = re.compile(
    r"\b(i|me|my|mine|we|us|our|i'm|this|that|there|it|they|them|he|she|him|her|not|doing|mean|work|from|old)\b"
)
_MAX_WORDS = 12
_FIRST_WORD_I = re.compile(r"I\b")
_FILLERS = re.compile(r"\b(?:so|and|well|oh|um|uh|but|then),? ", re.IGNORECASE)
_SENTENCES = re.compile(r"[.!?…]+\s*")


def asked(text: str) -> str:
    """A question as it is reported: "where to go in May" of "Where should we go in May?".

    "" of one that would have to be reworded further, that points to what was said before ("is it?"), or that
    is asked only to be polite ("how are you doing").
    """
    sentences = [sentence for sentence in _SENTENCES.split(text.replace("’", "'")) if sentence]
    question = " ".join(_FILLERS.sub("", sentences[-1]).split()) if sentences else ""
    if not 4 <= len(question.split()) <= _MAX_WORDS or "," in question:
        return ""
    reported = _reported(question)
    if not reported or _UNREPORTED.search(reported.lower()):
        return ""
    return reported[0].lower() + reported[1:]


def spoken(template: str, slots: Mapping[str, str], name: str, level: str) -> str:
    """A sentence from a template; "" when a slot cannot be filled.

    ``{yours}`` is a thing of the person who is spoken to, ``{them}`` and ``{they}`` stand for ``{topic}``.
    """
    topic = slots.get("topic", "")
    plural = topic.endswith("s") and not topic.endswith(("ss", "us", "is"))
    filling = {
        "yours": topic if topic.startswith("your ") else "",
        "them": "them" if plural else "it",
        "they": "they" if plural else "it",
        **slots,
    }
    if any(not filling.get(slot) for slot in re.findall(r"{(\w+)}", template)):
        return ""
    text = template.format(**filling)
    if not name:
        return text[0].upper() + text[1:]
    return f"{name}, {text}" if _FIRST_WORD_I.match(text) else f"{name}, {text[0].lower()}{text[1:]}"


def _reported(question: str) -> str:
    if match := _WHETHER_TO.fullmatch(question):
        return f"{match['wh']}{match['thing']} to {match['rest']}"
    if match := _WITH_DO.fullmatch(question):
        return f"{match['wh']}{match['thing']} you {match['rest']}"
    if match := _WITHOUT_DO.fullmatch(question):
        return f"{match['wh']}{match['thing']} you {match['verb']} {match['rest']}"
    if all(kind(word) == "other" for word in question.split()):
        return ""
    if match := _CLOSED_DO.fullmatch(question):
        return f"whether you {match['rest']}"
    if match := _CLOSED.fullmatch(question):
        return f"whether you {match['verb'].lower()} {match['rest']}"
    return ""
