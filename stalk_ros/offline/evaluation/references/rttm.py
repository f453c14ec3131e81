"""Who speaks when, in NIST's Rich Transcription Time Marked format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.offline.evaluation.references.files import of_recording, rows, span_s
from stalk_ros.offline.evaluation.references.truth import Reference, Span

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = {
    *("A/P", "CB", "EDIT", "FILLER", "IP", "LEXEME"),
    *("NON-LEX", "NON-SPEECH", "NO_RT_METADATA", "SEGMENT", "SPKR-INFO", "SU"),
}
"""Types of lines that tell nothing of what is read here."""


def read(path: Path, name: str) -> Reference:
    """The lines ``SPEAKER``, and ``NOSCORE`` for what does not count, of the recording ``name``.

    Raises:
        UserError: it cannot be read.
    """
    found = list(of_recording(path, name, rows(path, _row)))
    spans = sorted((span for kind, span in found if kind == "SPEAKER"), key=lambda span: span.start_s)
    unscored = tuple((span.start_s, span.end_s) for kind, span in found if kind == "NOSCORE")
    return Reference((path.name,), spans=tuple(spans), unscored_s=unscored)


def _row(fields: list[str]) -> tuple[str, tuple[str, Span]] | None:
    kind = fields[0]
    if kind in _OTHERS:
        return None
    if kind not in ("SPEAKER", "NOSCORE"):
        raise ValueError(f"'{kind}' is no type of a line of RTTM")
    if len(fields) < 8:
        raise ValueError("type, file, channel, start, duration, two fields and the speaker are needed")
    start_s, duration_s = float(fields[3]), float(fields[4])
    return fields[1], (kind, Span(*span_s(start_s, start_s + duration_s), fields[7]))
