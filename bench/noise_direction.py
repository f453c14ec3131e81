"""Prints the direction in which noise moves a model's embeddings, as JSON, for a model's calibration.

The words of the sample are embedded as they are, and in pink and in white noise at 25, 20 and 15 dB. The
direction is the first singular vector of all the differences: with GE2E it holds half of them, the next one
6 %. A comparison that leaves it out is that much less of the room and hardly less of the voice (nuisance
attribute projection: Solomonoff et al. 2005, "Advances in channel compensation for SVM speaker recognition").
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import recordings
import sounds
import truth

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.speakers.backends.ge2e import GE2E

if TYPE_CHECKING:
    import numpy.typing as npt

    from stalk_ros.speakers import SpeakerEmbedder

    Audio = npt.NDArray[np.float32]

SEED = 20_240_229
LEVELS_DB = (25, 20, 15)
SLOPES = (0.0, 1.0)
"""Of the spectrum of white and of pink noise, see `sounds.noise`."""


def direction(engine: SpeakerEmbedder) -> Audio:
    """The direction, [D] of length 1."""
    rng = np.random.default_rng(SEED)
    windows = _windows(engine.calibration.window_s)
    clean = engine.embed(windows)
    moved = [
        engine.embed([_in_noise(window, level_db, slope, rng) for window in windows]) - clean
        for level_db in LEVELS_DB
        for slope in SLOPES
    ]
    first: Audio = np.linalg.svd(np.concatenate(moved), full_matrices=False)[2][0]
    return first


def _windows(window_s: float) -> list[Audio]:
    """The speech of the sample, in windows that overlap by half."""
    audio = recordings.samples(recordings.SAMPLE)
    length, windows = round(window_s * SAMPLE_RATE_HZ), []
    for turn in truth.turns(recordings.SAMPLE, 0.0):
        last = round(turn.end_s * SAMPLE_RATE_HZ) - length
        starts = range(round(turn.start_s * SAMPLE_RATE_HZ), last, length // 2)
        windows += [audio[start : start + length] for start in starts]
    return windows


def _in_noise(window: Audio, level_db: float, slope: float, rng: np.random.Generator) -> Audio:
    noise = sounds.noise(rng, len(window), slope)
    ratio = np.linalg.norm(window) / np.linalg.norm(noise) / 10 ** (level_db / 20)
    noisy: Audio = (window + ratio * noise).astype(np.float32)
    return noisy


if __name__ == "__main__":
    print(json.dumps([round(float(value), 5) for value in direction(GE2E())]))
