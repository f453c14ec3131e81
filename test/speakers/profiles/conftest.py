from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stalk_ros.speakers.profiles.store import ProfileStore
from stalk_ros.speakers.resemblance import Speech

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIMENSION = 256
NOBODY = 65534


@pytest.fixture
def voice() -> Callable[..., Speech]:
    """Makes speech of a voice, by its number."""

    def make(number: int, windows: int = 10, dimension: int = DIMENSION) -> Speech:
        rng = np.random.default_rng(number)
        rows = rng.normal(size=dimension) + 0.5 * rng.normal(size=(windows, dimension))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return Speech.of(rows.astype(np.float32), ~np.eye(windows, dtype=bool))

    return make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "voices.sqlite3"


@pytest.fixture
def store(path: Path) -> ProfileStore:
    return ProfileStore(path, "ge2e-1")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, other than those of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def unprivileged() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """To act as somebody to whom permissions apply."""

    @contextlib.contextmanager
    def act() -> Iterator[None]:
        if os.geteuid():
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return act
