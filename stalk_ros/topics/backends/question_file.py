"""The questions of a topic bank, read from YAML: the package's, one file per language, or a lab's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from stalk_ros.errors import UserError
from stalk_ros.topics.languages import LANGUAGES, LEVELS, primary
from stalk_ros.topics.languages.mention import KINDS
from stalk_ros.topics.own_lists import extended, own_lists

_ENDINGS = (".", "?", "!", "。", "？", "！")
_SLOTS = {
    **dict.fromkeys(KINDS, frozenset({"topic", "yours", "them", "they"})),
    "question": frozenset({"asker", "question"}),
}
"""What may stand in the braces of a template, by its kind."""


@dataclass(frozen=True)
class Questions:
    """A language's questions.

    ``follow_up`` has templates by kind of thing, for what was just mentioned, ``earlier`` for what was a
    while ago. ``general`` has questions by area, the easiest first.
    """

    follow_up: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    earlier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    general: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class QuestionFile:
    """The questions of all languages.

    Args:
        path: YAML file that maps languages ("en") to the same as a ``questions.yaml`` of the package; with
            ``extend: true`` it adds to what the package has for that language, else it stands in for that.
            Languages that are not in it keep the package's. "" = the package's.
        level: which of `LEVELS` is spoken, where a language has one list for each.

    Raises:
        UserError: the file cannot be read or is no topic bank.
    """

    def __init__(self, path: str, level: str) -> None:
        packaged = {tag: _packaged(tag, level) for tag in LANGUAGES}
        self._questions = {**packaged, **_own(path, level)} if path else packaged

    def questions(self, tag: str) -> Questions | None:
        """Those of a language, None when there are none."""
        return self._questions.get(primary(tag))


@cache
def _packaged(tag: str, level: str) -> Questions:
    file = resources.files(f"stalk_ros.topics.languages.{tag}").joinpath("questions.yaml")
    return _questions(yaml.safe_load(file.read_text(encoding="utf-8")), level, f"questions of {tag}")


def _own(path: str, level: str) -> dict[str, Questions]:
    banks = {}
    for tag, section in own_lists(path, "topic bank").items():
        where = f"topic bank '{path}', {tag}"
        extend, lists = extended(section, where)
        questions = _questions(lists, level, where)
        known = extend and tag in LANGUAGES
        banks[tag] = _joined(_packaged(tag, level), questions) if known else questions
    return banks


def _joined(first: Questions, second: Questions) -> Questions:
    return Questions(
        *(
            {key: one.get(key, ()) + other.get(key, ()) for key in {**one, **other}}
            for one, other in (
                (first.follow_up, second.follow_up),
                (first.earlier, second.earlier),
                (first.general, second.general),
            )
        )
    )


def _questions(section: Any, level: str, where: str) -> Questions:
    if isinstance(section, dict) and section and set(LEVELS) >= set(section):
        if level not in section:
            raise UserError(f"{where}: has no questions for the level '{level}'; add '{level}:'")
        section, where = section[level], f"{where}, {level}"
    if not isinstance(section, dict) or not {"follow_up", "earlier", "general"} >= set(section):
        levels = ", ".join(LEVELS)
        raise UserError(f"{where}: must hold 'follow_up', 'earlier' and 'general', or {levels} with these")
    follow_up, earlier = (_templates(section, name, where) for name in ("follow_up", "earlier"))
    general = _lists(section.get("general"), f"{where}, general", "areas")
    for area, texts in general.items():
        if slotted := [text for text in texts if "{" in text or "}" in text]:
            raise UserError(
                f"{where}, general, {area}: '{slotted[0]}' must not have braces: nothing fills them"
            )
    return Questions(follow_up, earlier, general)


def _templates(section: dict[str, Any], name: str, where: str) -> dict[str, tuple[str, ...]]:
    found = _lists(section.get(name), f"{where}, {name}", "kinds of things")
    for kind, templates in found.items():
        _check_slots(kind, templates, f"{where}, {name}")
    return found


def _lists(section: Any, where: str, keys: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(section or {}, dict):
        raise UserError(f"{where}: must map {keys} to lists of questions")
    return {str(key): _sentences(texts, f"{where}, {key}") for key, texts in (section or {}).items()}


def _sentences(entries: Any, where: str) -> tuple[str, ...]:
    if not isinstance(entries or [], list):
        raise UserError(f"{where}: must be a list of sentences")
    for text in entries or []:
        if not isinstance(text, str) or not text.strip().endswith(_ENDINGS):
            raise UserError(f"{where}: {text!r} is no sentence that ends with one of {' '.join(_ENDINGS)}")
    return tuple(text.strip() for text in entries or [])


def _check_slots(kind: str, templates: tuple[str, ...], where: str) -> None:
    if kind not in _SLOTS:
        raise UserError(f"{where}: there is no kind '{kind}'; there are {', '.join(_SLOTS)}")
    for template in templates:
        slots = set(re.findall(r"{(.*?)}", template))
        braces = template.count("{") == template.count("}") == len(re.findall(r"{.*?}", template))
        if not braces or not slots or not slots <= _SLOTS[kind]:
            known = " ".join(f"{{{slot}}}" for slot in sorted(_SLOTS[kind]))
            raise UserError(f"{where}, {kind}: '{template}' needs one or more of {known} and no others")
