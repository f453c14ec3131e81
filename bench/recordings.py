"""The recordings that are measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import AudioFile
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    import numpy.typing as npt

SAMPLE = Path(__file__).parents[1] / "samples" / "conversation.flac"
_AUDIO = (".flac", ".wav", ".ogg")


def recordings(data: Path | None) -> list[Path]:
    """The sample and every audio file below ``data``.

    Raises:
        UserError: ``data`` is no folder, or holds no audio.
    """
    if data is None:
        return [SAMPLE]
    found = sorted(path for path in data.rglob("*") if path.suffix in _AUDIO)
    if not found:
        raise UserError(f"--data: there is no audio file ({', '.join(_AUDIO)}) below '{data}'")
    return [SAMPLE, *found]


def samples(recording: Path) -> npt.NDArray[np.float32]:
    """The audio as the stages get it: float32 mono 16 kHz in [-1, 1]."""
    whole = np.concatenate([chunk.samples for chunk in AudioFile(recording).chunks()])
    return whole.astype(np.float32) / 32768.0
