"""The recordings that are measured."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.errors import UserError
from stalk_ros.offline.bags import is_bag
from stalk_ros.offline.evaluation.references import is_reference, reference
from stalk_ros.offline.sources import open_recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.offline.evaluation.references import Reference

_AUDIO = (".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav")
_LOOKED_FOR = "NAME.rttm, .TextGrid, .stm, .json or .txt, or references.json"


@dataclass(frozen=True)
class Known:
    """A recording with its truth.

    Attributes:
        path: the file or folder.
        name: its place below the folder, with slashes.
        topic: see `open_recording`.
        duration_s: how long it is.
        reference: its truth.
    """

    path: Path
    name: str
    topic: str
    duration_s: float
    reference: Reference

    @property
    def fingerprint(self) -> str:
        """Differs where the truth does."""
        return hashlib.sha256(repr(self.reference).encode()).hexdigest()[:16]


@dataclass
class Corpus:
    """What there is to measure below a folder.

    Attributes:
        folder: as it was named.
        topic: the audio topic of bags that have more than one.
        known: recordings with their truth, by name.
        failures: name of a recording to what is wrong with it or with its reference.
        unknown: names of recordings without a reference.
        orphans: names of references without a recording.
    """

    folder: Path
    topic: str = ""
    known: list[Known] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """Of all that is measured."""
        return sum(known.duration_s for known in self.known)


def corpus(folder: Path, topic: str = "") -> Corpus:
    """The audio files and bags below a folder, each with what lies beside it.

    Args:
        folder: where to look.
        topic: the audio topic of bags that have more than one.

    Raises:
        UserError: there is no such folder, it cannot be read, or no recording in it has a reference.
    """
    if folder.is_file():
        raise UserError(f"'{folder}' is a file: name the folder that holds it and its reference")
    if not folder.is_dir():
        raise UserError(f"there is no folder '{folder}'")
    found = Corpus(folder, topic)
    recordings = list(_recordings(folder))
    if not recordings:
        raise UserError(f"there is no audio file ({', '.join(_AUDIO)}) and no ROS 2 bag below '{folder}'")
    for path in recordings:
        _add(found, path)
    found.orphans = [path.relative_to(folder).as_posix() for path in _orphans(recordings)]
    if not found.known and not found.failures:
        raise UserError(
            f"none of the {len(recordings)} recordings below '{folder}' has a reference beside it: "
            f"{_LOOKED_FOR}"
        )
    return found


def _add(found: Corpus, path: Path) -> None:
    name = path.relative_to(found.folder).as_posix()
    name = name if name != "." else path.resolve().name
    try:
        truth = reference(path)
        if truth is None:
            found.unknown.append(name)
            return
        topic = found.topic if is_bag(path) else ""
        found.known.append(Known(path, name, topic, open_recording(path, topic).duration_s, truth))
    except UserError as error:
        found.failures[name] = str(error)


def _recordings(folder: Path) -> Iterator[Path]:
    """Audio files and bags; a folder with metadata is one bag, elsewhere each file is one."""
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders.sort()
        if "metadata.yaml" in files:
            folders.clear()
            yield Path(place)
            continue
        for path in (Path(place, name) for name in sorted(files) if not name.startswith(".")):
            if path.suffix.lower() in _AUDIO or is_bag(path):
                yield path


def _orphans(recordings: list[Path]) -> Iterator[Path]:
    """References in the folders of recordings that belong to none of them."""
    stems = {(path.parent, path.stem.casefold()) for path in recordings}
    for folder in sorted({path.parent for path in recordings}):
        for path in sorted(folder.iterdir()):
            if is_reference(path) and (folder, path.stem.casefold()) not in stems:
                yield path


def _unreadable(error: OSError) -> None:
    raise UserError(f"cannot read '{error.filename}': {error.strerror}")
