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
_HANGUL = re.compile(r"[가-힣]+")
_NAMES = words("ko", "names")
_POSTS, _ROLES = tuple(sorted(_NAMES["posts"])), tuple(sorted(_NAMES["roles"]))
_FAMILY, _LONG_FAMILY = tuple(sorted(_NAMES["family"])), tuple(sorted(_NAMES["long_family"]))
_FULL, _LONGEST_FULL = 3, 4
"""Syllables of most full names, and of those with a family name of two."""
_HONORIFICS = dict(pair.split("=") for pair in sorted(words("ko", "mentions")["honorific"]))


def asked(text: str) -> str:
    """What a question is about, as far as one noun of a known kind says it; else ""."""
    named = [" ".join(run) for run in nouns(text)]
    known = [topic for topic in named if kind(topic) != "other"]
    return known[-1] if len(known) == 1 else ""


def spoken(template: str, slots: Mapping[str, str], name: str, level: str) -> str:
    """A sentence from a template; "" when a slot cannot be filled.

    People are named with 씨, in casual speech (해체) by their given name with 아/야, who is known by
    what he or she is to the others (할머니, 팀장님) by that; the people of who is spoken to get their
    polite word (딸: 따님) in the other levels.
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
    """A person's name as it is said of them: "민수 씨", casually the given name: "민수", "지민이"."""
    if _is_role(name):
        return f"{name}님" if name.endswith(_POSTS) else name
    if level != "casual":
        return f"{name} 씨"
    given = _given(name)
    return f"{given}이" if given and final(given) else given or name


def addressed(name: str, level: str) -> str:
    """A person's name as it is called: "민수 씨", casually the given name: "민수야", "지민아".

    One of which the letters do not tell what is given in it (마이클, Laura) is called as it is.
    """
    if level != "casual" or _is_role(name):
        return called(name, level)
    given = _given(name)
    return fitted(f"{given}아/야") if given else name


def _is_role(name: str) -> bool:
    """Whether somebody is known by what he or she is to the others."""
    return name.endswith(_ROLES + _POSTS) or name.split()[-1:] == ["형"]


def _given(name: str) -> str:
    """A Korean name without its family name; with it when one syllable is left, "" when nobody can tell."""
    if not _HANGUL.fullmatch(name):
        return ""
    if len(name) < _FULL:
        return name
    if len(name) == _LONGEST_FULL and name.startswith(_LONG_FAMILY):
        return name[2:]
    return name[1:] if len(name) == _FULL and name.startswith(_FAMILY) else ""


def _particle(before: str, with_final: str, without_final: str) -> str:
    consonant = final(before)
    if with_final == "으로" and consonant == RIEUL:
        return without_final
    return with_final if consonant else without_final
