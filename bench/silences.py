"""Silences of dialogues: what was said before them, and more of them put in."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialogues import REPORT_NS, Dialogue, Row

from stalk_ros.clock import seconds_to_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Place = tuple[int, int | None]
    """A time, and the number of the row to cut, if one is to be."""

SEED = 20_240_315
INSERTED = 200
"""So many silences are put in, evenly between these lengths."""
SHORTEST_S, LONGEST_S = 3.0, 8.0

_CUT_AFTER = "and|so|because|um|uh|er|the|a|an"
_LEFT_OPEN = re.compile(r"(\b(and|because|but|or|um|uh|er|the|a|an)|(^|[.?!,] )so)\W*$")
_ASIDE_WORDS = 2


@dataclass(frozen=True)
class Silence:
    """Nobody speaks after ``said``, the last turn; "" when nobody had said anything."""

    start_ns: int
    end_ns: int
    said: str

    @property
    def length_ns(self) -> int:
        """How long it lasts."""
        return self.end_ns - self.start_ns

    @property
    def closed(self) -> bool:
        """Whether the turn has a mark that closes it, and no open word before that."""
        return self.said.endswith((".", "?", "!")) and not _LEFT_OPEN.search(self.said.lower())

    @property
    def cut(self) -> bool:
        """Whether the turn stops at a word that leaves it open."""
        return bool(re.search(rf"\b({_CUT_AFTER})$", self.said.lower()))

    def outlasts(self, threshold_ns: int) -> bool:
        """Whether it goes on until the next report after the threshold, so that it can be known in time."""
        return self.length_ns > threshold_ns + REPORT_NS


def silences(dialogue: Dialogue, after_ns: int) -> list[Silence]:
    """All silences after somebody has spoken; the last, at the end, lasts ``after_ns``."""
    speech = dialogue.speech
    ends = [start_ns for start_ns, _ in speech[1:]] + [dialogue.end_ns + after_ns]
    return [
        Silence(at, end, _last_turn(dialogue.rows, at)) for (_, at), end in zip(speech, ends, strict=True)
    ]


def _last_turn(rows: Iterable[Row], until_ns: int) -> str:
    """The last thing said that is no word or two while somebody else speaks."""
    said = sorted(
        (row for row in rows if row.text.strip() and row.end_ns <= until_ns), key=lambda row: row.end_ns
    )
    for before, row in zip(said[-2::-1], said[::-1], strict=False):
        aside = row.start_ns < before.end_ns and row.speaker != before.speaker
        if not aside or len(re.findall(r"[\w'-]+", row.text)) > _ASIDE_WORDS:
            return row.text.strip()
    return said[0].text.strip() if said else ""


def bare(dialogue: Dialogue) -> Dialogue:
    """The dialogue in small letters without punctuation."""
    rows = (
        replace(row, text=" ".join(re.sub(r"[^\w' -]", " ", row.text.lower()).split()))
        for row in dialogue.rows
    )
    return replace(dialogue, rows=tuple(rows))


def lengthened(dialogues: list[Dialogue]) -> list[Dialogue]:
    """The dialogues with silences inserted at ends of turns."""

    def places(dialogue: Dialogue) -> list[Place]:
        return [(silence.start_ns, None) for silence in silences(dialogue, 0)[:-1] if silence.closed]

    return _with_silences(dialogues, places)


def cut(dialogues: list[Dialogue]) -> list[Dialogue]:
    """The dialogues with silences inserted in turns, after a word that leaves them open."""

    def places(dialogue: Dialogue) -> list[Place]:
        rows = dialogue.rows
        alone = [
            (at, row)
            for at, row in enumerate(rows)
            if all(
                other.end_ns <= row.start_ns or other.start_ns >= row.end_ns for other in rows if other != row
            )
        ]
        return [(row.start_ns, at) for at, row in alone if _open_places(row.text)]

    return _with_silences(dialogues, places)


def _open_places(text: str) -> list[int]:
    """Where a text can be cut after an open word."""
    cuts = (match.end() for match in re.finditer(rf"\b(?:{_CUT_AFTER})\b(?= \w)", text.lower()))
    return [cut for cut in cuts if text[cut:].strip()]


def _with_silences(dialogues: list[Dialogue], places: Callable[[Dialogue], list[Place]]) -> list[Dialogue]:
    """Insert silences in places drawn from all dialogues: after a time, or in a row that begins then."""
    rng = random.Random(SEED)
    found = [(at, place) for at, dialogue in enumerate(dialogues) for place in places(dialogue)]
    chosen: dict[int, list[Place]] = {}
    for at, place in rng.sample(found, INSERTED):
        chosen.setdefault(at, []).append(place)
    changed = []
    for at, dialogue in enumerate(dialogues):
        rows = list(dialogue.rows)
        for time_ns, number in sorted(chosen.get(at, ()), reverse=True):
            added_ns = seconds_to_ns(rng.uniform(SHORTEST_S, LONGEST_S))
            first = () if number is None else _halves(rows.pop(number), added_ns, rng)
            rows = [_moved(row, added_ns) if row.start_ns >= time_ns else row for row in rows]
            rows = sorted((*rows, *first), key=lambda row: (row.start_ns, row.end_ns))
        changed.append(replace(dialogue, rows=tuple(rows)))
    return changed


def _halves(row: Row, added_ns: int, rng: random.Random) -> tuple[Row, Row]:
    cut = rng.choice(_open_places(row.text))
    cut_ns = row.start_ns + (row.end_ns - row.start_ns) * cut // len(row.text)
    first = replace(row, end_ns=cut_ns, text=row.text[:cut])
    return first, replace(row, start_ns=cut_ns + added_ns, end_ns=row.end_ns + added_ns, text=row.text[cut:])


def _moved(row: Row, by_ns: int) -> Row:
    return replace(row, start_ns=row.start_ns + by_ns, end_ns=row.end_ns + by_ns)
