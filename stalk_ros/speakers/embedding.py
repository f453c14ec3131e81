"""Voices as vectors: the protocol of the engines."""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Protocol

from stalk_ros.backends import Backend

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Calibration:
    """What a model's similarities mean.

    Resemblance is the mean cosine between two clusters of windows, relative to that within them: about 1 for
    one voice. It differs far less from room to room than the cosines themselves.

    What two pieces of one voice lose of it by being short is `sqrt(scatter**2 / windows + variation**2 / n)`
    each, where ``n`` is 1 for a single utterance and 2 for more.

    Attributes:
        window_s: length of the windows of speech that the figures hold for, in seconds.
        cohesion: typical cosine of two windows of one voice.
        same_speaker: least resemblance of much speech of one voice to more of it.
        scatter: what a single window loses by what happens to be said in it.
        variation: what a single utterance loses by how it happens to be said.
        same_person: resemblance from which on a voice is taken for one that was enrolled in another session.
        overlap: a bias and a weight for each of D dimensions: two voices are heard at once in a window where
            the sum is positive, [1 + D]; () = that cannot be told.
    """

    window_s: float
    cohesion: float
    same_speaker: float
    scatter: float
    variation: float
    same_person: float
    overlap: tuple[float, ...] = ()


FIGURES = tuple(field.name for field in fields(Calibration) if field.default is MISSING)
"""The names of what every calibration has: numbers."""


class SpeakerEmbedder(Backend, Protocol):
    """A speaker embedding engine, made from the stage's parameters. One thread at a time calls it.

    Attributes:
        device: where it computes, for the user: "cpu", "cuda".
        model_id: embeddings of engines with equal ids can be compared, others mean nothing to each other; see
            `model_id`.
        calibration: what the similarities of its embeddings mean.
    """

    device: str
    model_id: str
    calibration: Calibration

    def embed(self, windows: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Embed pieces of speech.

        Args:
            windows: N pieces, float32 mono 16 kHz in [-1, 1], one dimension each, not empty; lengths may
            differ.

        Returns:
            Array of shape [N, D], every row of length 1.
        """


def model_id(engine: str, *weights: Path, settings: str = "") -> str:
    """The identity of a model: "<engine>-<12 hexadecimal digits>".

    Args:
        engine: name of the engine.
        weights: the files that hold them.
        settings: what else makes embeddings of the same weights differ, such as the features they see.

    Raises:
        OSError: a file cannot be read.
    """
    checksum = hashlib.sha256(settings.encode())
    for path in weights:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                checksum.update(block)
    return f"{engine}-{checksum.hexdigest()[:12]}"
