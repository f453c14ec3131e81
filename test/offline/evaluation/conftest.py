"""Recordings with their truth, and runs that were never measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import soundfile

from stalk_ros.offline.evaluation.runs import Measured, Run
from stalk_ros.offline.evaluation.scores import Ratio, Scores

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np

TURN_S = 2.9
"""The first turn of the sample, and a little of the pause after it."""


@pytest.fixture
def talk(sample_audio: np.ndarray, sample_truth: dict[str, Any]) -> Callable[[Path], Path]:
    """Writes the first turn of the sample to a file, with its truth beside it."""

    def write(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sample_audio[: round(TURN_S * 16_000)], 16_000)
        truth = {"turns": sample_truth["turns"][:1], "silences": []}
        path.with_suffix(".json").write_text(json.dumps(truth), encoding="utf-8")
        return path

    return write


@pytest.fixture
def made_run() -> Callable[..., Run]:
    """Makes a run of recordings of 100 words each from how many words of each are wrong."""

    def make(wrong: dict[str, float], **changed: Any) -> Run:
        recordings = [
            Measured(
                name,
                60.0,
                "truth",
                Scores({"WER": Ratio(count, 100.0), "real-time factor": Ratio(6.0, 60.0)}),
            )
            for name, count in wrong.items()
        ]
        run = Run("talks", "2026-01-01T12:00:00+00:00", {"asr": {"end_of_turn_s": 0.6}})
        run.engines, run.memory_mib = {"asr": "pocketsphinx"}, {"before": 50.0, "asr": 20.0, "peak": 80.4}
        run.machine, run.recordings = {"processor": "slow", "cores": 2}, recordings
        for name, value in changed.items():
            setattr(run, name, value)
        return run

    return make
