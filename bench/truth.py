"""The truth that lies beside a recording."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Turn:
    """What one person said, in seconds; ``text`` is None where nobody wrote it down."""

    start_s: float
    end_s: float
    speaker: str
    text: str | None


@dataclass(frozen=True)
class TimedWord:
    """A word, in seconds from the start of the recording; ``speaker`` is "" where that is not known."""

    text: str
    start_s: float
    end_s: float
    speaker: str = ""

    @property
    def middle_s(self) -> float:
        """By this it is decided to what a word belongs."""
        return (self.start_s + self.end_s) / 2


def turns(recording: Path, duration_s: float) -> list[Turn]:
    """The turns in ``<name>.json``, or the text in ``references.json``; empty where there is neither."""
    content = _own(recording)
    if content:
        listed = content.get("turns", content.get("utterances", []))
        return [Turn(turn["start"], turn["end"], turn["speaker"], turn.get("text")) for turn in listed]
    reference = _shared(recording)
    return [Turn(0.0, duration_s, "", reference["text"])] if "text" in reference else []


def word_times(recording: Path) -> list[TimedWord]:
    """The words of all voices; empty where the truth does not know when each is said."""
    listed = _own(recording).get("words", [])
    known = [
        (word["text"], word["start"], word["end"], word["speaker"]) for word in listed if not word["punc"]
    ]
    known = known or _shared(recording).get("words", [])
    return [TimedWord(normal(text), *rest) for text, *rest in known]


def speakers(recording: Path) -> list[tuple[float, float, str]]:
    """Start and end in seconds and the voice: ``<name>.rttm``, else the turns, else ``references.json``."""
    table = recording.with_suffix(".rttm")
    if table.exists():
        rows = [line.split() for line in table.read_text(encoding="utf-8").splitlines()]
        return [
            (float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows if row[:1] == ["SPEAKER"]
        ]
    own = [(turn.start_s, turn.end_s, turn.speaker) for turn in turns(recording, 0.0) if turn.speaker]
    return own or [
        (start_s, end_s, voice) for start_s, end_s, voice in _shared(recording).get("segments", [])
    ]


def voices(recording: Path) -> int:
    """How many voices there are, also where only a name like ``talk_3spk`` tells it; 0 = nothing does."""
    named = re.search(r"_(\d+)spk$", recording.stem)
    return len({voice for _, _, voice in speakers(recording)}) or (int(named[1]) if named else 0)


def language(recording: Path) -> str:
    """The language that is spoken, as a BCP 47 tag."""
    return str(_shared(recording).get("language", "en"))


def normal(text: str) -> str:
    """Text as it is compared: lower case, without punctuation."""
    return " ".join(re.sub(r"[^\w' ]", " ", text.lower()).split())


def _own(recording: Path) -> dict[str, Any]:
    return _json(recording.with_suffix(".json"))


def _shared(recording: Path) -> dict[str, Any]:
    reference: dict[str, Any] = _json(recording.with_name("references.json")).get(recording.name, {})
    return reference


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content
