"""Voices as vectors: the protocol of the engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stalk_ros.backends import Backend

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class Calibration:
    """What a model's similarities mean.

    Resemblance is the mean cosine between two clusters of windows, relative to that within them: about 1 for
    one voice. It differs far less from room to room than the cosines themselves.

    Attributes:
        window_s: length of the windows of speech that the figures hold for, in seconds.
        cohesion: typical cosine of two windows of one voice.
        same_speaker: resemblance from which on a stretch of speech is taken for a known voice.
        same_stretch: resemblance from which on two parts of one utterance are taken for one voice.
        overlap: a bias and a weight for each of D dimensions: two voices are heard at once in a window where
            the sum is positive, [1 + D]; () = that cannot be told.
    """

    window_s: float
    cohesion: float
    same_speaker: float
    same_stretch: float
    overlap: tuple[float, ...] = ()


class SpeakerEmbedder(Backend, Protocol):
    """A speaker embedding engine. One thread at a time calls it."""

    calibration: Calibration

    def embed(self, windows: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Embed pieces of speech.

        Args:
            windows: N pieces, float32 mono 16 kHz in [-1, 1], one dimension each, not empty; lengths may
            differ.

        Returns:
            Array of shape [N, D], every row of length 1.
        """
