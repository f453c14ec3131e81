"""How probable speech is, window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WINDOW = 512
"""Samples per window: 32 ms at 16 kHz."""


class VoiceDetector(Protocol):
    """A voice activity model that carries its state from window to window."""

    def probability(self, window: npt.NDArray[np.float32]) -> float:
        """Probability in [0, 1] that the next `WINDOW` samples (float32 mono 16 kHz) hold speech."""

    def reset(self) -> None:
        """Forget what was heard."""
