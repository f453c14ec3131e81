"""Who says what when, in NIST's segment time marks, as sclite reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stalk_ros.offline.evaluation.references.files import of_recording, rows, span_s
from stalk_ros.offline.evaluation.references.truth import Reference, Turn, spans_of

if TYPE_CHECKING:
    from pathlib import Path

_GAP = "inter_segment_gap"
_UNSCORED = "ignore_time_segment_in_scoring"
_LABEL = re.compile(r"<[^>]*,[^>]*>$")
_ALTERNATIVES = re.compile(r"\{([^{}/]*)(/[^{}]*)?\}")


def read(path: Path, name: str) -> Reference:
    """The turns of the recording ``name``; of alternatives, ``{ one / other }``, the first is the text.

    Raises:
        UserError: it cannot be read.
    """
    found = sorted(of_recording(path, name, rows(path, _row)), key=lambda turn: turn.start_s)
    turns = tuple(turn for turn in found if turn.text != _UNSCORED)
    unscored = tuple((turn.start_s, turn.end_s) for turn in found if turn.text == _UNSCORED)
    return Reference((path.name,), spans=spans_of(turns), turns=turns, unscored_s=unscored)


def _row(fields: list[str]) -> tuple[str, Turn] | None:
    if len(fields) < 5:
        raise ValueError("file, channel, speaker, start, end and text are needed")
    name, _, speaker, start, end, *words = fields
    if speaker.lower() == _GAP:
        return None
    if words and _LABEL.match(words[0]):
        del words[0]
    text = " ".join(words)
    if text.lower() == _UNSCORED:
        text = _UNSCORED
    return name, Turn(*span_s(start, end), speaker, _first_alternatives(text))


def _first_alternatives(text: str) -> str:
    while (chosen := _ALTERNATIVES.sub(r"\1", text)) != text:
        text = chosen
    return " ".join(word for word in text.split() if word != "@")  # which stands for no word
