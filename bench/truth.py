"""The truth that lies beside a recording, as the parts ask for it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from stalk_ros.offline.evaluation.references import Reference, Turn, reference

if TYPE_CHECKING:
    from pathlib import Path


@cache
def known(recording: Path) -> Reference:
    """What is known of a recording; it may be nothing."""
    return reference(recording) or Reference()


def turns(recording: Path, duration_s: float) -> tuple[Turn, ...]:
    """The turns; all that is said as one where only the text is known, none where nothing is."""
    truth = known(recording)
    if truth.turns is None and truth.text is not None:
        return (Turn(0.0, duration_s, "", truth.text),)
    return truth.turns or ()


def voices(recording: Path) -> int:
    """How many voices there are, also where only a name like ``talk_3spk`` tells it; 0 = nothing does."""
    named = re.search(r"_(\d+)spk$", recording.stem)
    return len({span.speaker for span in known(recording).spans or ()}) or (int(named[1]) if named else 0)


def language(recording: Path) -> str:
    """The language that is spoken, as a BCP 47 tag; English where nothing tells."""
    return known(recording).language or "en"
