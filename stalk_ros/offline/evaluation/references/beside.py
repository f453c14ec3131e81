"""Finding the files that tell the truth about a recording, and putting together what each knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.references import documents, rttm, stm, textgrid
from stalk_ros.offline.evaluation.references.files import text_of
from stalk_ros.offline.evaluation.references.truth import Reference

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".rttm", ".textgrid", ".stm", ".json", ".txt")
"""Of the files that tell the truth about one recording, what is most to be believed first."""
SHARED = "references.json"
"""Tells it about several recordings of its folder."""


def reference(recording: Path) -> Reference | None:
    """What lies beside an audio file ``talk.flac`` or the folder ``talk`` of a bag; None = nothing.

    Read are ``talk.rttm``, ``talk.TextGrid``, ``talk.stm``, ``talk.json``, ``talk.txt`` and the entry
    ``talk.flac`` of ``references.json``; names and suffixes may differ in case. Where several know a thing,
    the first of this order is believed.

    Raises:
        UserError: one of them cannot be read.
    """
    name = recording.name if recording.is_dir() else recording.stem
    beside = _beside(recording.absolute().parent, name)
    known = [_read(beside[suffix], name) for suffix in SUFFIXES if suffix in beside]
    shared = recording.with_name(SHARED)
    entry = documents.read_shared(shared, recording.name) if shared.exists() else None
    return _together([*known, *([entry] if entry else [])])


def is_reference(path: Path) -> bool:
    """Whether a file is, by its name, a reference of one recording."""
    return path.suffix.lower() in SUFFIXES and path.name.lower() != SHARED


def _beside(folder: Path, name: str) -> dict[str, Path]:
    """The files of a recording by suffix, in small letters; one of just this name wins over others."""
    try:
        paths = sorted(folder.iterdir(), key=lambda path: (path.stem == name, path.name))
    except OSError as error:
        raise UserError(f"the folder '{folder}' cannot be read: {error.strerror}") from error
    named = (path for path in paths if path.stem.lower() == name.lower() and is_reference(path))
    return {path.suffix.lower(): path for path in named}


def _read(path: Path, name: str) -> Reference:
    match path.suffix.lower():
        case ".rttm":
            return rttm.read(path, name)
        case ".textgrid":
            return textgrid.read(path)
        case ".stm":
            return stm.read(path, name)
        case ".json":
            return documents.read(path)
        case _:
            return Reference((path.name,), text=text_of(path))


def _together(known: list[Reference]) -> Reference | None:
    def first(name: str) -> Any:
        return next((value for each in known if (value := getattr(each, name)) is not None), None)

    if not known:
        return None
    return Reference(
        tuple(name for each in known for name in each.files),
        spans=first("spans"),
        turns=first("turns"),
        text=first("text"),
        words=first("words"),
        silences_s=first("silences_s"),
        unscored_s=tuple(span for each in known for span in each.unscored_s),
        language=next((each.language for each in known if each.language), ""),
    )
