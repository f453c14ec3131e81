"""Sounds of a room in which nobody speaks, made from a seed.

Each function takes a random generator and a number of samples, and gives that many at 16 kHz, of no
particular level: see `at_level`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Sound = npt.NDArray[np.float64]

LEVEL_WINDOW = SAMPLE_RATE_HZ // 10
"""The level of a sound is that of its loudest stretch of this length, so that pauses do not count."""


def hum(rng: np.random.Generator, samples: int, mains_hz: float) -> Sound:
    """Mains hum: the fundamental and 20 harmonics, the odd ones stronger."""
    times_s = _times_s(samples)
    hummed = np.zeros(samples)
    for number in range(1, 22):
        weight = (1.0 if number % 2 else 0.4) / number * rng.uniform(0.5, 1.5)
        hummed += weight * np.sin(2 * np.pi * (number * mains_hz * times_s + rng.random()))
    return hummed


def noise(rng: np.random.Generator, samples: int, slope: float) -> Sound:
    """Noise from 20 Hz up, power as frequency to the power of minus ``slope``: 0 white, 1 pink, 2 brown."""
    frequencies_hz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ)
    gain = np.where(frequencies_hz < 20, 0.0, np.maximum(frequencies_hz, 20) ** (-slope / 2))
    return np.fft.irfft(gain * np.fft.rfft(rng.standard_normal(samples)), samples)


def clicks(rng: np.random.Generator, samples: int) -> Sound:
    """Clicks of a few milliseconds, at random, 1.5 a second on average: switches, contacts, pens."""
    clicked = np.zeros(samples)
    for first in rng.integers(0, samples, round(1.5 * samples / SAMPLE_RATE_HZ)):
        decay = np.exp(-_times_s(800) / rng.uniform(0.0005, 0.004))
        _add(clicked, first, rng.uniform(0.3, 1.0) * decay * rng.standard_normal(800))
    return clicked


def typing(rng: np.random.Generator, samples: int) -> Sound:
    """Bursts of 3 to 14 keys, 4 to 9 a second, each a clack with a thump of the desk and a softer release."""
    typed = np.zeros(samples)
    at_s = 0.2
    while at_s * SAMPLE_RATE_HZ < samples:
        for _ in range(rng.integers(3, 15)):
            loudness = rng.uniform(0.4, 1.0)
            _add(typed, round(at_s * SAMPLE_RATE_HZ), loudness * _key(rng))
            _add(typed, round((at_s + rng.uniform(0.06, 0.12)) * SAMPLE_RATE_HZ), 0.4 * loudness * _key(rng))
            at_s += rng.uniform(0.11, 0.25)
        at_s += rng.uniform(0.3, 2.5)
    return typed


def fan(rng: np.random.Generator, samples: int) -> Sound:
    """Noise of 80 to 2500 Hz that swells slowly, and the tone of seven blades at about 25 turns a second."""
    frequencies_hz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ)
    band = 1 / (1 + (80 / np.maximum(frequencies_hz, 1)) ** 4) / (1 + (frequencies_hz / 2500) ** 4)
    air = np.fft.irfft(band * np.fft.rfft(rng.standard_normal(samples)), samples)
    times_s = _times_s(samples)
    swell = 1 + 0.3 * np.sin(2 * np.pi * 0.3 * times_s)
    turns = np.cumsum(25 + 0.3 * np.sin(2 * np.pi * 0.1 * times_s)) / SAMPLE_RATE_HZ
    blades = sum(np.sin(2 * np.pi * 7 * number * turns) / number**2 for number in range(1, 5))
    return swell * air / np.std(air) + 0.5 * blades


def chords(rng: np.random.Generator, samples: int) -> Sound:
    """Struck chords of a root, a third, a fifth and an octave, a new one every 1.2 s: a piano."""
    played = np.zeros(samples)
    for first in range(0, samples, round(1.2 * SAMPLE_RATE_HZ)):
        root = rng.integers(45, 62)
        for step in (0, rng.choice([3, 4]), 7, 12):
            _add(played, first, _note(root + step, 2.0, decay_s=0.7))
    return played


def arpeggio(rng: np.random.Generator, samples: int) -> Sound:
    """Plucked notes of a chord up and down, seven a second: a guitar."""
    played = np.zeros(samples)
    figure = (0, 4, 7, 12, 16, 12, 7, 4)
    for number, first in enumerate(range(0, samples, SAMPLE_RATE_HZ // 7)):
        if number % len(figure) == 0:
            root = rng.integers(40, 60)
        _add(played, first, _note(root + figure[number % len(figure)], 0.8, decay_s=0.25))
    return played


def melody(rng: np.random.Generator, samples: int) -> Sound:
    """A held instrument with vibrato, a note of the scale every 0.25 to 0.9 s: a violin or a flute."""
    played = np.zeros(samples)
    scale = (0, 2, 4, 5, 7, 9, 11, 12)
    at = 0
    while at < samples:
        length_s = rng.uniform(0.25, 0.9)
        _add(played, at, _note(60 + rng.choice(scale), length_s, vibrato=0.3))
        at += round(length_s * SAMPLE_RATE_HZ)
    return played


SOUNDS: dict[str, Callable[[np.random.Generator, int], Sound]] = {
    "mains hum 50 Hz": partial(hum, mains_hz=50.0),
    "mains hum 60 Hz": partial(hum, mains_hz=60.0),
    "white noise": partial(noise, slope=0.0),
    "pink noise": partial(noise, slope=1.0),
    "brown noise": partial(noise, slope=2.0),
    "clicks": clicks,
    "keyboard": typing,
    "fan": fan,
    "chords": chords,
    "arpeggios": arpeggio,
    "melody with vibrato": melody,
}


def at_level(sound: Sound, level_dbfs: float) -> npt.NDArray[np.float32]:
    """The sound, its loudest 0.1 s with that root mean square; peaks are clipped at full scale, 0 dB."""
    whole = sound[: len(sound) - len(sound) % LEVEL_WINDOW].reshape(-1, LEVEL_WINDOW)
    loudest = np.sqrt((whole**2).mean(axis=1).max())
    scaled: npt.NDArray[np.float32] = (sound * (10 ** (level_dbfs / 20) / loudest)).astype(np.float32)
    return np.clip(scaled, -1.0, 1.0)


def _times_s(samples: int) -> Sound:
    return np.arange(samples) / SAMPLE_RATE_HZ


def _add(sound: Sound, first: int, part: Sound) -> None:
    """Mix a part in, as much of it as fits."""
    room = max(0, len(sound) - first)
    sound[first : first + len(part)] += part[:room]


def _key(rng: np.random.Generator) -> Sound:
    times_s = _times_s(1600)
    clack = rng.standard_normal(1600) * np.exp(-times_s / 0.003)
    ring = np.sin(2 * np.pi * rng.uniform(1800, 4500) * times_s) * np.exp(-times_s / 0.006)
    thump = np.sin(2 * np.pi * rng.uniform(120, 300) * times_s) * np.exp(-times_s / 0.02)
    return clack + 0.7 * ring + 0.6 * thump


def _note(pitch: float, length_s: float, decay_s: float = np.inf, vibrato: float = 0.0) -> Sound:
    """A note of eight harmonics; ``pitch`` in semitones (69 is 440 Hz), ``vibrato`` too, at 5.5 Hz."""
    times_s = _times_s(round(length_s * SAMPLE_RATE_HZ))
    semitones = pitch - 69 + vibrato * np.sin(2 * np.pi * 5.5 * times_s)
    cycles = np.cumsum(440 * 2 ** (semitones / 12)) / SAMPLE_RATE_HZ
    note = sum(np.sin(2 * np.pi * number * cycles) / number**1.3 for number in range(1, 9))
    # 10 ms to come and to go, so that nothing clicks.
    edges = np.clip(np.minimum(times_s, length_s - times_s) / 0.01, 0.0, 1.0)
    return note * edges * np.exp(-times_s / decay_s)
