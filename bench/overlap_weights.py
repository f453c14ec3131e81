"""Learn to hear from an embedding that two people speak at once, and print what `Calibration.overlap` holds.

Usage: ``overlap_weights.py FOLDER > ge2e_overlap.json``, where each audio file below FOLDER is a voice of at
least 4 s. Logistic regression tells windows in which two voices overlap for 0.4 of their length or more from
those of one voice, of one after the other, and of one that begins. A quarter of the voices is held out: of
their windows without overlap, the share `MARKED` is marked.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import alterations
import numpy as np
import recordings
import sounds
from sklearn.linear_model import LogisticRegression

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends.ge2e import GE2E

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

SEED = 20_240_320
WINDOWS = 32_000
MARKED = 0.002
"""Share of windows without overlap that are marked."""

_OVERLAPS = 0.4
_REGULARIZATION = 0.1
_BEFORE = round(0.7 * SAMPLE_RATE_HZ)
"""What is heard before a window echoes in it."""

_QUARTER = SAMPLE_RATE_HZ // 4
_HELD_OUT = 4


def main() -> None:
    """Learn, and print JSON; how much is found goes to the standard error output."""
    engine = GE2E(SpeakerParameters())
    files = [path for path in recordings.recordings(Path(sys.argv[1])) if path != recordings.SAMPLE]
    voices = [_levelled(recordings.samples(path)) for path in files]
    learnt = [voice for number, voice in enumerate(voices) if number % _HELD_OUT]
    embeddings, shares = _windows(engine, learnt, WINDOWS)
    clear = (shares == 0) | (shares >= _OVERLAPS)
    model = LogisticRegression(C=1 / _REGULARIZATION, max_iter=5000)
    model.fit(embeddings[clear], shares[clear] >= _OVERLAPS)
    weights = np.round(model.coef_[0].astype(float), 2)

    embeddings, shares = _windows(engine, voices[::_HELD_OUT], WINDOWS // _HELD_OUT)
    scores = embeddings @ weights
    threshold = float(np.quantile(scores[shares == 0], 1 - MARKED))
    for least in (0.2, 0.4, 0.6, 0.8, 1.0):
        found = (scores[(shares >= least) & (shares < least + 0.2)] > threshold).mean()
        print(f"overlap of {least:.1f} s or more: {100 * found:.0f} % found", file=sys.stderr)
    print(json.dumps([round(-threshold, 2), *weights.tolist()]))


def _windows(engine: GE2E, voices: list[Array], count: int) -> tuple[npt.NDArray[np.float32], Array]:
    """Embeddings of windows in which one voice or two are heard, and the share of each in which both are."""
    rng = np.random.default_rng(SEED)
    made = [_window(rng, voices, round(engine.calibration.window_s * SAMPLE_RATE_HZ)) for _ in range(count)]
    embeddings = [engine.embed([audio for audio, _ in made[at : at + 64]]) for at in range(0, count, 64)]
    return np.concatenate(embeddings), np.array([share for _, share in made])


def _window(
    rng: np.random.Generator, voices: list[Array], length: int
) -> tuple[npt.NDArray[np.float32], float]:
    """A window, and the share of it in which two voices overlap."""
    whole = _BEFORE + length
    kind = rng.choice(6, p=[0.3, 0.15, 0.1, 0.15, 0.15, 0.15])
    pair = rng.choice(len(voices), 2, replace=False)
    one, other = (_piece(rng, voices[number], whole, 6 if kind >= 3 else 1) for number in pair)
    # Where the first voice ends and the second one begins and ends; at first there is no second one.
    ends, begins, until = whole, whole, whole
    at = int(rng.integers(_BEFORE, whole))
    if kind == 1:
        ends, begins = at, at + int(rng.uniform(0, 0.4) * SAMPLE_RATE_HZ)
    elif kind == 2:
        one[:at] = 0
    elif kind == 3:
        begins = 0
    elif kind >= 4:
        lasts = int(rng.uniform(0.3, 1.0) * length)
        begins = max(0, at - lasts // 2)
        ends, until = (begins + lasts, whole) if kind == 4 else (whole, begins + lasts)
    one[ends:] = 0
    other[:begins] = 0
    other[until:] = 0
    overlap = max(0, min(ends, until, whole) - max(begins, _BEFORE)) / length
    heard = _transmitted(rng, one + other)[_BEFORE:]
    noise = sounds.noise(rng, length, rng.uniform(0, 2))
    level = np.sqrt(np.mean(np.square(noise))) * 10 ** (rng.uniform(10, 35) / 20)
    return (heard + 0.05 * noise / level).astype(np.float32), overlap


def _piece(rng: np.random.Generator, voice: Array, length: int, tries: int) -> Array:
    """A piece of a voice with a level of its own: of so many the one with the least pause."""
    pieces = [voice[first : first + length] for first in rng.integers(0, len(voice) - length, tries)]
    piece: Array = max(pieces, key=_quietest) * 10 ** (rng.uniform(-3, 3) / 20)
    return piece


def _quietest(piece: Array) -> float:
    """The level of its quietest quarter of a second."""
    quarters = piece[: len(piece) - len(piece) % _QUARTER].reshape(-1, _QUARTER)
    return float(np.square(quarters).mean(axis=1).min())


def _transmitted(rng: np.random.Generator, audio: Array) -> Array:
    """As it is, through a telephone line, or in a room: an echo that decays by 60 dB in 0.15 to 0.6 s."""
    way = rng.choice(3, p=[0.4, 0.25, 0.35])
    if way == 0:
        return audio
    if way == 1:
        return alterations.telephoned(audio.astype(np.float32)).astype(np.float64)
    decay = int(rng.uniform(0.15, 0.6) * SAMPLE_RATE_HZ)
    echo = rng.standard_normal(decay) * np.exp(-np.log(1000) * np.arange(decay) / decay)
    echo *= rng.uniform(0.2, 1.2) / np.linalg.norm(echo)
    echo[0] += 1
    size = len(audio) + decay
    room: Array = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(echo, size), size)[: len(audio)]
    return room


def _levelled(audio: npt.NDArray[np.float32]) -> Array:
    """The voice, what is loud enough to be heard at an RMS of 0.05."""
    heard = audio[np.abs(audio) > 0.01].astype(np.float64)
    levelled: Array = audio * (0.05 / np.sqrt(np.mean(np.square(heard))))
    return levelled


if __name__ == "__main__":
    main()
