"""The truth that lies beside a recording."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyannote.core import Annotation, Segment

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Turn:
    """What one person said, in seconds; ``text`` is None where nobody wrote it down."""

    start_s: float
    end_s: float
    speaker: str
    text: str | None


def turns(audio: Path, duration_s: float) -> list[Turn]:
    """The turns in ``<name>.json``, or the text in ``references.json``; empty where there is neither."""
    own, shared = audio.with_suffix(".json"), audio.with_name("references.json")
    if own.exists():
        content = _json(own)
        listed = content.get("turns", content.get("utterances", []))
        return [Turn(turn["start"], turn["end"], turn["speaker"], turn.get("text")) for turn in listed]
    reference = _json(shared).get(audio.name, {}) if shared.exists() else {}
    return [Turn(0.0, duration_s, "", reference["text"])] if "text" in reference else []


def speakers(audio: Path) -> Annotation | None:
    """Who spoke when: ``<name>.rttm``, else the turns in ``<name>.json``; None where there is neither."""
    truth = Annotation()
    if audio.with_suffix(".rttm").exists():
        lines = audio.with_suffix(".rttm").read_text(encoding="utf-8").splitlines()
        for number, cells in enumerate(line.split() for line in lines if line.startswith("SPEAKER")):
            start_s = float(cells[3])
            truth[Segment(start_s, start_s + float(cells[4])), number] = cells[7]
    else:
        for number, turn in enumerate(turns(audio, 0.0)):
            if turn.speaker:
                truth[Segment(turn.start_s, turn.end_s), number] = turn.speaker
    return truth or None


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
