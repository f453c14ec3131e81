"""Sentences in Japanese, put together from a template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stalk_ros.topics.languages.ja.mentions import candidates, kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_TITLES = ("さん", "様", "さま", "先生", "ちゃん", "くん", "君")


def asked(text: str) -> str:
    """What a question is about, as far as one noun of a known kind says it; else ""."""
    known = [topic for topic in candidates(text) if kind(topic) != "other"]
    return known[0] if len(known) == 1 else ""


def spoken(template: str, slots: Mapping[str, str], name: str, level: str) -> str:
    """A sentence from a template; "" when a slot cannot be filled. Names get さん."""
    asker = slots.get("asker", "")
    filling = {**slots, "yours": slots.get("topic", ""), "asker": asker and _called(asker)}
    if any(not filling.get(slot) for slot in re.findall(r"{(\w+)}", template)):
        return ""
    text = template.format(**filling)
    return f"{_called(name)}、{text}" if name else text


def _called(name: str) -> str:
    return name if name.endswith(_TITLES) else f"{name}さん"
