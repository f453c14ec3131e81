"""What an engine may answer: everything else is an error here, before it can spoil a voice for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from stalk_ros.errors import EngineError
from stalk_ros.speakers.embedding import FIGURES, Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.speakers.embedding import SpeakerEmbedder

Array = npt.NDArray[np.float32]

_TOLERANCE = 1e-3
"""Rows are this close to length 1."""

_LONGEST_S = 60.0


class CheckedEmbedder:
    """An engine whose answers are checked.

    Args:
        engine: the engine.

    Raises:
        EngineError: what it says of itself cannot be.
    """

    def __init__(self, engine: SpeakerEmbedder) -> None:
        self._engine = engine
        self._dimensions: int | None = None
        for name in ("model_id", "device"):
            value = getattr(engine, name)
            if not isinstance(value, str) or not value.isprintable() or not value.strip():
                raise self._wrong(f"has {value!r} for its '{name}', which must be text")
        reason = fault(engine.calibration)
        if reason:
            raise self._wrong(f"has a calibration that cannot be: {reason}")

    def embed(self, windows: Sequence[Array]) -> Array:
        """See `SpeakerEmbedder.embed`.

        Raises:
            EngineError: it answers something else.
        """
        answer: Any = self._engine.embed(windows)
        try:
            embeddings = np.asarray(answer, np.float32)
        except (TypeError, ValueError) as error:
            raise self._wrong(f"did not answer with embeddings: {error}") from error
        shape, count = embeddings.shape, len(windows)
        if len(shape) != 2 or shape[0] != count or shape[1] < 2:
            raise self._wrong(f"answered with shape {[*shape]} for {count} windows, not [{count}, D]")
        if self._dimensions not in (None, shape[1]):
            raise self._wrong(f"answered with {shape[1]} dimensions, before with {self._dimensions}")
        if not np.isfinite(embeddings).all():
            raise self._wrong("answered with numbers that are not finite")
        lengths = np.linalg.norm(embeddings, axis=1)
        if count and np.abs(lengths - 1.0).max() > _TOLERANCE:
            worst = lengths[np.abs(lengths - 1.0).argmax()]
            raise self._wrong(f"answered with an embedding of length {worst:.3g}, not 1")
        weights = len(self._engine.calibration.overlap)
        if weights not in (0, shape[1] + 1):
            raise self._wrong(
                f"has {weights} weights for overlap and {shape[1]} dimensions: there must be one more"
            )
        self._dimensions = shape[1]
        return embeddings

    def _wrong(self, what: str) -> EngineError:
        return EngineError(f"engine '{self._engine.name}' {what}")


def fault(calibration: Any) -> str:
    """What is wrong with a calibration; "" when nothing is."""
    if not isinstance(calibration, Calibration):
        return f"{calibration!r} is no Calibration"
    for name in FIGURES:
        value = getattr(calibration, name)
        # What is in seconds is a length, the others are similarities.
        low, high = (0.0, _LONGEST_S) if name.endswith("_s") else (-1.0, 1.0)
        if not isinstance(value, (int, float)) or not low < value <= high:
            return f"'{name}' is {value!r}, it must be above {low:g} and at most {high:g}"
    if not np.isfinite(np.asarray(calibration.overlap, np.float64)).all():
        return "'overlap' has numbers that are not finite"
    return ""
