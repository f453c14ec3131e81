"""Finding the files that tell the truth about a recording, and putting together what each knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.evaluation.references.truth import Reference


def reference(recording: Path) -> Reference | None:
    """What lies beside an audio file ``talk.flac`` or the folder ``talk`` of a bag; None = nothing.

    Read are ``talk.rttm``, ``talk.TextGrid``, ``talk.stm``, ``talk.json``, ``talk.txt`` and the entry
    ``talk.flac`` of ``references.json``; names and suffixes may differ in case. Where several know a thing,
    the first of this order is believed.

    Raises:
        UserError: one of them cannot be read.
    """
    raise NotImplementedError


def is_reference(path: Path) -> bool:
    """Whether a file is, by its name, a reference of one recording."""
    raise NotImplementedError
