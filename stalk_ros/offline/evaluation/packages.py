"""The packages that evaluation needs beside those of the stages."""

from __future__ import annotations

import importlib
import importlib.util

from stalk_ros.errors import UserError

_PACKAGES = {
    "jiwer": "jiwer",
    "matplotlib": "matplotlib",
    "pyannote": "pyannote.metrics",
    "scipy": "scipy",
}
"""Import name to the name in the Python index."""


def check_packages() -> None:
    """Make sure that all are there, before any work; loads none of them.

    Raises:
        UserError: one is missing.
    """
    missing = [package for name, package in _PACKAGES.items() if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(f"evaluation needs {', '.join(missing)}: pip install {' '.join(_PACKAGES.values())}")


def load_packages() -> None:
    """Load what scores, so that its memory and its time are not taken for those of the stages."""
    for name in ("jiwer", "pyannote.metrics.diarization", "scipy.optimize"):
        importlib.import_module(name)
