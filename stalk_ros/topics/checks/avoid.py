"""What suggestions must not touch: words and phrases by category, which a lab can edit.

A file of one's own maps languages to categories to lists of words and phrases, as the package's
``languages/<tag>/avoid.yaml`` do for theirs. A language in it replaces the package's lists for it, and ``{}``
empties them; with ``extend: true`` beside its categories it adds to them, and a category with an empty list
is emptied. Languages that are not in it keep the package's.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

from stalk_ros.errors import UserError
from stalk_ros.topics.checks.words import KOREAN_PARTICLES
from stalk_ros.topics.languages import LANGUAGES, primary
from stalk_ros.topics.own_lists import extended, own_lists

Categories = dict[str, tuple[str, ...]]

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_KATAKANA = re.compile(r"[ァ-ヺー・]+")


class AvoidLists:
    """The lists for all languages.

    Args:
        path: a file of one's own (see the module), "" = the package's lists alone.

    Raises:
        UserError: it cannot be read, or is not such lists.
    """

    def __init__(self, path: str = "") -> None:
        self._lists = {tag: _package(tag) for tag in LANGUAGES}
        for tag, section in own_lists(path, "the lists to avoid").items() if path else ():
            self._lists[tag] = _merged(self._lists.get(tag, {}), section, path, tag)
        self._matchers = {tag: _Matcher(tag, lists) for tag, lists in self._lists.items()}

    def category(self, text: str, tag: str) -> str:
        """The category that a text or a topic belongs to, "" when it may be touched.

        Args:
            text: what is to be said.
            tag: BCP 47 tag of its language; in one without lists nothing is avoided.
        """
        matcher = self._matchers.get(primary(tag))
        return matcher.category(text) if matcher else ""


class _Matcher:
    """Finds the words and phrases of one language, by their first word."""

    def __init__(self, tag: str, lists: Categories) -> None:
        self._tag = tag
        self._entries: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for category, phrases in lists.items():
            for phrase in phrases:
                tokens = (phrase.lower(),) if tag == "ja" else tuple(phrase.lower().split())
                self._entries.setdefault(tokens[0][:1], []).append((tokens, category))

    def category(self, text: str) -> str:
        """The category of the entry that is found first."""
        if self._tag == "ja":
            return self._within(text.lower())
        tokens = _TOKEN.findall(text.lower())
        for start, token in enumerate(tokens):
            for phrase, category in self._entries.get(token[0], ()):
                if self._begins(tokens[start:], phrase):
                    return category
        return ""

    def _begins(self, tokens: list[str], phrase: tuple[str, ...]) -> bool:
        if len(tokens) < len(phrase) or tuple(tokens[: len(phrase) - 1]) != phrase[:-1]:
            return False
        token, entry = tokens[len(phrase) - 1], phrase[-1]
        if entry.endswith("*"):
            return token.startswith(entry[:-1])
        if self._tag == "ko":
            return token.startswith(entry) and bool(KOREAN_PARTICLES.fullmatch(token[len(entry) :]))
        return token in (entry, f"{entry}s", f"{entry}es", f"{entry}'s", f"{entry}’s")

    def _within(self, text: str) -> str:
        runs = set(_KATAKANA.findall(text))
        for entries in self._entries.values():
            for (entry,), category in entries:
                if entry in (runs if _KATAKANA.fullmatch(entry) else text):
                    return category
        return ""


def avoided(text: str, tag: str) -> str:
    """The category of the package's lists that a text belongs to, "" when it may be touched."""
    return _package_lists().category(text, tag)


@cache
def _package_lists() -> AvoidLists:
    return AvoidLists()


def _package(tag: str) -> Categories:
    file = resources.files(f"stalk_ros.topics.languages.{tag}").joinpath("avoid.yaml")
    return _categories(yaml.safe_load(file.read_text(encoding="utf-8")), f"{tag}/avoid.yaml")


def _merged(package: Categories, section: Any, path: str, tag: str) -> Categories:
    where = f"the lists to avoid '{path}', {tag}"
    extend, lists = extended(section, where)
    if not isinstance(lists, dict):
        raise UserError(f"{where}: must map categories to lists of words")
    own = _categories(lists, where)
    if not extend:
        return own
    for name, words in own.items():
        if not words and name not in package:
            known = ", ".join(package)
            raise UserError(f"{where}: there is no category '{name}' to empty; there are: {known}")
    return package | {name: (*package.get(name, ()), *words) if words else () for name, words in own.items()}


def _categories(section: dict[Any, Any], where: str) -> Categories:
    for name, phrases in section.items():
        if not isinstance(phrases, list):
            raise UserError(f"{where}: {name} must be a list of words")
        for phrase in phrases:
            if not isinstance(phrase, str) or not phrase.strip(" *") or "*" in phrase[:-1]:
                raise UserError(f"{where}: {name}: {phrase!r} is no word (or put it in quotes)")
    return {str(name): tuple(phrases) for name, phrases in section.items()}
