"""Timed dialogues, as a perfect listener would report them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.events import Utterance, VoiceActivity

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

REPORT_NS = 100_000_000
"""Voice activity comes so often, and on every change."""
_BRIDGED_NS = 200_000_000
"""A shorter gap is no silence."""


@dataclass(frozen=True)
class Row:
    """What one person says at a stretch; ``text`` may be "", where the transcriber understood nothing."""

    start_ns: int
    end_ns: int
    speaker: str
    text: str


@dataclass(frozen=True)
class Dialogue:
    """A conversation; ``rows`` are in the order in which they begin, and may overlap."""

    corpus: str
    name: str
    rows: tuple[Row, ...]

    @property
    def end_ns(self) -> int:
        """When the last word was said."""
        return max(row.end_ns for row in self.rows)

    @property
    def speech(self) -> list[tuple[int, int]]:
        """When anybody speaks: start and end of each stretch without a silence."""
        stretches: list[tuple[int, int]] = []
        for row in self.rows:
            if stretches and row.start_ns - stretches[-1][1] < _BRIDGED_NS:
                start_ns, end_ns = stretches.pop()
                stretches.append((start_ns, max(end_ns, row.end_ns)))
            else:
                stretches.append((row.start_ns, row.end_ns))
        return stretches


def load(options: Namespace) -> list[Dialogue]:
    """All dialogues of the files in the folder.

    Raises:
        UserError: it was not named or has none.
    """
    files = sorted(options.dialogues.glob("*.json")) if options.dialogues else []
    found = [
        Dialogue(_corpus(name), name, _rows(rows))
        for file in files
        for name, rows in json.loads(file.read_text(encoding="utf-8")).items()
        if isinstance(rows, list) and isinstance(rows[0][0], (int, float))
    ]
    if not found:
        raise UserError("no timed dialogues: name a folder of them with --dialogues DIR")
    return found


def _corpus(name: str) -> str:
    day, _, _ = name.partition("_")
    return f"primock57 {day}" if day.startswith("day") else "AMI"


def _rows(rows: list[tuple[float, float, str, str]]) -> tuple[Row, ...]:
    said = (
        Row(seconds_to_ns(start_s), seconds_to_ns(end_s), speaker, text)
        for start_s, end_s, speaker, text in rows
    )
    return tuple(sorted(said, key=lambda row: (row.start_ns, row.end_ns)))


def heard(dialogue: Dialogue, after_ns: int) -> Iterator[VoiceActivity | Utterance]:
    """What the two topics carry, in order: utterances are out when the stretch of speech they are in ends.

    Args:
        dialogue: what is said.
        after_ns: so long the silence at the end lasts.
    """
    rows = sorted(enumerate(dialogue.rows), key=lambda numbered: numbered[1].end_ns)
    speech = dialogue.speech
    silence_ns = said_until_ns = told = 0
    for at, (start_ns, end_ns) in enumerate(speech):
        yield from _activity(silence_ns, start_ns, False, said_until_ns)
        yield from _activity(start_ns, end_ns, True, said_until_ns)
        while told < len(rows) and rows[told][1].end_ns <= end_ns:
            number, row = rows[told]
            told += 1
            if row.text.strip():
                said_until_ns = row.end_ns
                yield _utterance(number, row)
        silence_ns = end_ns
        if at + 1 == len(speech):
            yield from _activity(end_ns, end_ns + after_ns, False, said_until_ns)


def _activity(start_ns: int, end_ns: int, speech: bool, said_until_ns: int) -> Iterator[VoiceActivity]:
    """A state from its change on, up to but without the next change."""
    times = [start_ns, *range((start_ns // REPORT_NS + 1) * REPORT_NS, end_ns, REPORT_NS)]
    for time_ns in times if end_ns > start_ns else ():
        until_ns = start_ns if speech else time_ns
        yield VoiceActivity(time_ns, speech, float(speech), time_ns - start_ns, until_ns, said_until_ns)


def _utterance(number: int, row: Row) -> Utterance:
    return Utterance(
        f"u{number}", row.start_ns, row.end_ns, row.text.strip(), language="en", speaker_id=row.speaker
    )
