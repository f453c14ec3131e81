"""How people tell their names in Japanese."""

from __future__ import annotations

import re

_NAME = "([一-龯々]{1,6}|[ァ-ヶー]{2,8})"
_BEFORE = "(?:^|[、。！!,.]|は|の)"
_ASKED = re.compile(rf"{_BEFORE}{_NAME}(?:って|と)(?:呼んで|お呼び)")
_CALLED = re.compile(rf"{_BEFORE}{_NAME}と(?:申します|いいます|言います|申し)")
_NAMED = re.compile(rf"名前は{_NAME}(?:です|だよ|といい|と言い|と申し)")


def introduction(text: str) -> tuple[str, int]:
    """The name somebody gives and how sure it is theirs, 1 to 3; ("", 0) when they give none."""
    without_blanks = "".join(text.split())
    for sureness, pattern in ((3, _ASKED), (2, _CALLED), (2, _NAMED)):
        match = pattern.search(without_blanks)
        if match:
            return match[1], sureness
    return "", 0
