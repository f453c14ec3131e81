"""The language of a draft, and whether it asks or invites: both by its script and its small words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

import yaml

_SCRIPTS = {
    "ko": {"HANGUL"},
    "ja": {"HIRAGANA", "KATAKANA", "CJK"},
    "zh": {"CJK"},
    "yue": {"CJK"},
    "ru": {"CYRILLIC"},
    "uk": {"CYRILLIC"},
    "bg": {"CYRILLIC"},
    "el": {"GREEK"},
    "ar": {"ARABIC"},
    "fa": {"ARABIC"},
    "he": {"HEBREW"},
    "hi": {"DEVANAGARI"},
    "th": {"THAI"},
}
"""What a language is written in, where that is not the Latin script."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SHORTENED = re.compile(r"(?:n't|'(?:s|re|ve|d|ll|m))$")
_OPENING = r"^(?:\w+, )?(?:(?:please|so|now|maybe|perhaps),? )?"
_INVITES = {
    "en": re.compile(
        rf"{_OPENING}(?:tell (?:us|me)|share|let's|let us|imagine|think (?:of|back)|picture|try|"
        r"describe|name|teach (?:us|me)|show us|(?:we|you) could)\b|\b(?:i wonder|tell (?:us|me))\b|"
        r"\bi(?:'d| would)(?: really| so)? (?:love|like) to (?:hear|know|learn|ask)\b|"
        r"\bi(?:'m| am)(?: still| so)? curious\b"
    ),
    "ko": re.compile(
        r"(?:주세요|주실래요|볼까요|봐요|보세요|들려줘|얘기해|이야기해|주십시오|봅시다|보자|"
        r"궁금해요|궁금합니다|궁금해|싶어요|싶습니다)[.!。！]?$"
    ),
    "ja": re.compile(
        r"(?:ください|下さい|ましょう|聞かせて|教えて|ませんか|しよう|"
        r"聞きたいです|知りたいです|気になります)[。！.!]?$"
    ),
}


def complaint(text: str, tag: str) -> str:
    """What is wrong with the language of a sentence, or that it neither asks nor invites; "" when nothing is.

    Args:
        text: one sentence.
        tag: primary subtag of the language it should be in.
    """
    if not _is_written_in(text, tag) or not _sounds_like(text, tag):
        return f"it is not in the language '{tag}'"
    return "" if _asks(text, tag) else "it neither asks nor invites"


def _is_written_in(text: str, tag: str) -> bool:
    """Whether it is in the language's script; names may be in Latin letters, but no more than half."""
    scripts = [_script(char) for char in text if char.isalpha()]
    own = _SCRIPTS.get(tag)
    if own is None:
        return all(script == "LATIN" for script in scripts)
    if tag == "ja" and not {"HIRAGANA", "KATAKANA"} & set(scripts):
        return False
    mine = sum(script in own for script in scripts)
    return all(script in own or script == "LATIN" for script in scripts) and 2 * mine >= len(scripts)


@cache
def _script(char: str) -> str:
    """The script of a letter, by its name in Unicode."""
    return (
        re.split("[ -]", unicodedata.name(char, ""))[0]
        .replace("FULLWIDTH", "LATIN")
        .replace("HALFWIDTH", "KATAKANA")
    )


@cache
def _small_words() -> dict[str, frozenset[str]]:
    file = resources.files("stalk_ros.topics.checks").joinpath("small_words.yaml")
    lists: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {tag: frozenset(words.split()) for tag, words in lists.items()}


def _sounds_like(text: str, tag: str) -> bool:
    """Whether more of its words are common ones of this language than of any other that is known."""
    if tag not in _small_words():
        return True
    words = [_SHORTENED.sub("", word) for word in _WORD.findall(text.lower().replace("’", "'"))]
    hits = {other: sum(word in common for word in words) for other, common in _small_words().items()}
    return 0 < hits[tag] == max(hits.values())


def _asks(text: str, tag: str) -> bool:
    """Whether it is a question or an invitation; where invitations are not known, by its mark alone."""
    if text.endswith(("?", "？")):
        return True
    invites = _INVITES.get(tag)
    return invites is not None and invites.search(text.lower().replace("’", "'")) is not None
