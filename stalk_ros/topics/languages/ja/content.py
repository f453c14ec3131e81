"""Japanese content words: runs of kanji or katakana, as nouns and the roots of verbs are written."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.lists import words

_RUN = re.compile(r"[一-龯々]+(?:[ノヶ][一-龯々]+)?|[ァ-ヶー]{2,}|[A-Za-z]{2,}")
_MENTIONS = words("ja", "mentions")
_STOP = words("ja", "content")["stop"] | _MENTIONS["function"] | _MENTIONS["vague"]


def content_words(text: str) -> tuple[str, ...]:
    """Its content words in order: "映画を見ました" is "映画", a verb that says little is left out."""
    return tuple(run.lower() for run in _RUN.findall("".join(text.split())) if run not in _STOP)
