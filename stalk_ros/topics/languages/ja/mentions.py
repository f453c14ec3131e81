"""Things mentioned in Japanese: words in kanji or katakana that a particle marks, or that are long enough."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.languages.mention import Mention

_LISTS = words("ja", "mentions")
_KANJI = "一-龯々"
_KATAKANA = "ァ-ヶー"
_CANDIDATE = re.compile(rf"([{_KATAKANA}]{{2,}}|[{_KANJI}]+)(?:が|を|は|も|と|の|に|で|へ)(?![っんょゅゃ])")


def mentions(text: str) -> list[Mention]:
    """The things a sentence mentions, in their order."""
    without_blanks = "".join(text.split())
    topics = (match[1] for match in _CANDIDATE.finditer(without_blanks))
    return [Mention(topic, topic, topic) for topic in topics if _is_topic(topic)]


def fitted(text: str) -> str:
    """Japanese words do not change with their neighbours."""
    return text


def _is_topic(topic: str) -> bool:
    return topic not in _LISTS["function"] | _LISTS["vague"] | _LISTS["avoid"]
