"""Who is in a report, and how each is told from the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stalk_ros.events import ROBOT

COLOURS = 7
"""Colours of the style sheet: those of Okabe and Ito (2008), "Color Universal Design", without black."""

HATCHES = (
    "",
    "M-2 2L2-2M0 8L8 0M6 10L10 6",
    "M2 2h1.6v1.6h-1.6zM6 6h1.6v1.6h-1.6z",
    "M-2 6L2 10M0 0L8 8M6-2L10 2",
    "M0 2H8M0 6H8",
    "M0 8L8 0M0 0L8 8",
    "M2 0V8M6 0V8",
)
"""Patterns beside the colours, as SVG paths in a square of 8; one for each colour."""


@dataclass(frozen=True)
class Voice:
    """Somebody who speaks.

    ``label`` is for people. ``style`` is the class of the colour, ``hatch`` the index of the pattern. So 49
    people look different.
    """

    speaker_id: str
    label: str
    style: str
    hatch: int


def voices(content: dict[str, Any]) -> list[Voice]:
    """All of a document: people in the order of appearance, what nobody is known to have said, the robot."""
    speakers = {speaker["id"]: speaker["name"] for speaker in content["speakers"]}
    people = [name for name in speakers if name not in ("", ROBOT)]
    found = [
        Voice(
            name,
            speakers[name] or name,
            f"c{number % COLOURS}",
            (number + number // COLOURS) % len(HATCHES),
        )
        for number, name in enumerate(people)
    ]
    if "" in speakers:
        found.append(Voice("", "unknown", "nobody", 0))
    return [*found, Voice(ROBOT, speakers.get(ROBOT) or "robot", "robot", 0)]
