"""How people tell their names in Korean."""

from __future__ import annotations

import re

_NAME = "([가-힣]{2,4}?)"
_ASKED = re.compile(rf"(?:^|\s|그냥 ){_NAME}(?:이라고|라고) ?(?:불러|부르)")
_IS = "이라고|라고|이에요|예요|이예요|입니다|이고요?|고요|이야|야"
_NAMED = re.compile(rf"(?:제|내|저의|나의) ?이름은 {_NAME}(?:{_IS})")
_CALLED = re.compile(rf"(?:저는|전|나는|난) {_NAME}(?:이라고|라고) ?(?:해요|합니다|하고|해(?![가-힣]))")


def introduction(text: str) -> tuple[str, int]:
    """The name somebody gives and how sure it is theirs, 1 to 3; ("", 0) when they give none."""
    for sureness, pattern in ((3, _ASKED), (2, _NAMED), (2, _CALLED)):
        match = pattern.search(text)
        if match:
            return match[1], sureness
    return "", 0
