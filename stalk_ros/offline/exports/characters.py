"""Text as files and screens take it."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text on one line, without characters that no screen shows."""
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join(shown.split())


def columns(text: str) -> int:
    """The width of a text in columns: 2 for a wide character, 0 for one that is set onto another."""
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
