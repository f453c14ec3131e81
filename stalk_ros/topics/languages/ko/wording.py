"""Sentences in Korean, put together from a template: particles, names and polite words that fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stalk_ros.topics.languages.ko.hangul import RIEUL, final
from stalk_ros.topics.languages.ko.mentions import kind
from stalk_ros.topics.languages.ko.nouns import nouns
from stalk_ros.topics.languages.lists import words

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAIR = re.compile(
    r"([\w가-힣]+)([\"'’”)\]]*)(은/는|이/가|을/를|과/와|이랑/랑|으로/로|이에요/예요|이야/야|이라/라|아/야)"
)
_TITLES = ("씨", "님", "쌤", "교수", "박사")
_GIVEN_NAME = re.compile(r"[가-힣]{1,2}")
_FAMILY_NAMES = tuple(sorted(words("ko", "mentions")["family_names"]))
_HONORIFICS = dict(pair.split("=") for pair in sorted(words("ko", "mentions")["honorific"]))


def asked(text: str) -> str:
    """What a question is about, as far as one noun of a known kind says it; else ""."""
    named = [" ".join(run) for run in nouns(text)]
    known = [topic for topic in named if kind(topic) != "other"]
    return known[-1] if len(known) == 1 else ""


def spoken(template: str, slots: Mapping[str, str], name: str, level: str) -> str:
    """A sentence from a template; "" when a slot cannot be filled.

    People are named with 씨, in casual speech (해체) by a given name with 아/야; the people of
    who is spoken to get their polite word (딸: 따님) in the other levels.
    """
    topic = slots.get("topic", "")
    polite = _HONORIFICS.get(topic, topic) if level != "casual" else topic
    asker = slots.get("asker", "")
    filling = {**slots, "topic": polite, "yours": polite, "asker": asker and called(asker, level)}
    if any(not filling.get(slot) for slot in re.findall(r"{(\w+)}", template)):
        return ""
    text = fitted(template.format(**filling))
    return f"{addressed(name, level)}, {text}" if name else text


def fitted(text: str) -> str:
    """``text`` with each pair of particles ("을/를") replaced by the one that fits the word before it."""
    return _PAIR.sub(lambda match: match[1] + match[2] + _particle(match[1], *match[3].split("/")), text)


def called(name: str, level: str) -> str:
    """A person's name as it is said of them: "민수 씨", casually of a given name "민수" ("지민이")."""
    if name.endswith(_TITLES):
        return name
    if level == "casual" and _is_given_name(name):
        return f"{name}이" if final(name) else name
    return f"{name} 씨"


def addressed(name: str, level: str) -> str:
    """A person's name as it is called: "민수 씨", casually of a given name "민수야", "지민아"."""
    if level == "casual" and _is_given_name(name):
        return fitted(f"{name}아/야")
    return called(name, level)


def _is_given_name(name: str) -> bool:
    """Whether a name has no family name before it, as far as its letters tell."""
    return bool(_GIVEN_NAME.fullmatch(name)) and not name.startswith(_FAMILY_NAMES)


def _particle(before: str, with_final: str, without_final: str) -> str:
    consonant = final(before)
    if with_final == "으로" and consonant == RIEUL:
        return without_final
    return with_final if consonant else without_final
