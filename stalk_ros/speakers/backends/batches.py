"""Windows of different lengths through a network that takes equal ones together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = npt.NDArray[np.float32]

_AT_ONCE = 8
"""More are no quicker on a processor, and take more memory."""


def embedded(features: Sequence[Array], network: Callable[[Array], Array], at_once: int = _AT_ONCE) -> Array:
    """The embeddings of N windows, [N, D], every row of length 1.

    Args:
        features: of each window [frames, bins].
        network: makes embeddings [n, D] of any length from features [n, frames, bins].
        at_once: the largest n.
    """
    rows: dict[int, Array] = {}
    for frames in sorted({len(window) for window in features}):
        alike = [number for number, window in enumerate(features) if len(window) == frames]
        for first in range(0, len(alike), at_once):
            numbers = alike[first : first + at_once]
            raw = network(np.stack([features[number] for number in numbers]))
            rows.update(zip(numbers, raw, strict=True))
    embeddings = np.stack([rows[number] for number in range(len(features))])
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit: Array = (embeddings / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
