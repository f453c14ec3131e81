#!/usr/bin/env python3
"""Make the sample conversation from its script with the flite speech synthesizer.

Usage: ``make_conversation.py [SCRIPT.yaml]`` (default: conversation.yaml beside this file). Needs ``flite``
(``apt install flite``), NumPy, soundfile and PyYAML. Writes next to the script:

- ``.flac``: 16 kHz mono, all turns with the same RMS level over a low noise floor;
- ``.rttm``: who speaks when;
- ``.json``: the same with the text, and every silence of 3 s or more.

The same flite gives the same samples: the noise comes from a frozen generator, and each synthesized turn is
cut to where it can be heard, so that every gap of the script is exact.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import yaml

Samples = npt.NDArray[np.float64]

SAMPLE_RATE_HZ = 16000
FRAME = SAMPLE_RATE_HZ // 100  # 10 ms: the grid on which turns are trimmed and gaps are placed
FULL_SCALE = 32768.0
LONG_SILENCE_S = 3.0


@dataclass(frozen=True)
class Turn:
    """What one voice says, and for how long nobody spoke before (``gap_s``)."""

    speaker: str
    voice: str
    text: str
    gap_s: float


@dataclass(frozen=True)
class Placed:
    """A turn's place in the recording, in samples from its start."""

    turn: Turn
    start: int
    end: int


def main(arguments: list[str]) -> None:
    """Write the three files of the script named on the command line."""
    script = Path(arguments[0]) if arguments else Path(__file__).with_name("conversation.yaml")
    settings = yaml.safe_load(script.read_text(encoding="utf-8"))
    samples, placed = compose(turns_of(settings), settings)
    pcm = np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    soundfile.write(script.with_suffix(".flac"), pcm, SAMPLE_RATE_HZ, subtype="PCM_16")
    script.with_suffix(".rttm").write_text(rttm(script.stem, placed), encoding="utf-8")
    truth = {
        "turns": [row(item) for item in placed],
        "silences": long_silences(placed, len(pcm)),
        "duration": seconds(len(pcm)),
    }
    script.with_suffix(".json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    print(f"{script.with_suffix('.flac').name}: {len(pcm) / SAMPLE_RATE_HZ:.2f} s, {len(placed)} turns")


def turns_of(settings: dict[str, Any]) -> list[Turn]:
    """The turns of a script in their order."""
    return [
        Turn(turn["speaker"], settings["speakers"][turn["speaker"]], turn["text"], turn["gap_s"])
        for turn in settings["turns"]
    ]


def compose(turns: list[Turn], settings: dict[str, Any]) -> tuple[Samples, list[Placed]]:
    """The whole recording as samples in [-1, 1) and where each turn is in it."""
    speech_rms = 10.0 ** (settings["speech_dbfs"] / 20.0)
    pieces: list[Samples] = []
    placed: list[Placed] = []
    position = 0
    for turn in turns:
        position += round(turn.gap_s * SAMPLE_RATE_HZ)
        voice = trimmed(synthesized(turn.text, turn.voice))
        pieces.append(voice * (speech_rms / np.sqrt(np.mean(voice**2))))
        placed.append(Placed(turn, position, position + len(voice)))
        position += len(voice)
    length = position + round(settings["end_silence_s"] * SAMPLE_RATE_HZ)
    samples = noise(length, settings["noise_dbfs"], settings["noise_seed"])
    for piece, item in zip(pieces, placed, strict=True):
        samples[item.start : item.end] += piece
    return samples, placed


def synthesized(text: str, voice: str) -> Samples:
    """``text`` spoken by one of flite's voices, in [-1, 1)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "turn.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        samples, rate = soundfile.read(path, dtype="float64")
    if rate != SAMPLE_RATE_HZ:
        raise SystemExit(f"flite's voice {voice} speaks at {rate} Hz, not {SAMPLE_RATE_HZ}")
    return np.asarray(samples, dtype=np.float64)


def trimmed(samples: Samples, below_peak_db: float = 40.0) -> Samples:
    """``samples`` without the frames at both ends that are ``below_peak_db`` under the loudest frame."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.mean(frames**2, axis=1)
    heard = np.flatnonzero(power >= power.max() * 10.0 ** (-below_peak_db / 10.0))
    return samples[heard[0] * FRAME : (heard[-1] + 1) * FRAME]


def noise(length: int, dbfs: float, seed: int) -> Samples:
    """White noise; ``RandomState`` because NumPy guarantees its stream for ever."""
    rms: float = 10.0 ** (dbfs / 20.0)
    return np.random.RandomState(seed).standard_normal(length) * rms


def rttm(name: str, placed: list[Placed]) -> str:
    """The turns as lines of the NIST RTTM format."""
    return "".join(
        f"SPEAKER {name} 1 {seconds(item.start):.3f} {seconds(item.end - item.start):.3f}"
        f" <NA> <NA> {item.turn.speaker} <NA> <NA>\n"
        for item in placed
    )


def row(item: Placed) -> dict[str, Any]:
    """One turn of the truth, times in seconds."""
    return {
        "start": seconds(item.start),
        "end": seconds(item.end),
        "speaker": item.turn.speaker,
        "text": item.turn.text,
    }


def long_silences(placed: list[Placed], length: int) -> list[list[float]]:
    """Start and end in seconds of every silence of `LONG_SILENCE_S` or more."""
    ends = [0, *(item.end for item in placed)]
    starts = [*(item.start for item in placed), length]
    return [
        [seconds(end), seconds(start)]
        for end, start in zip(ends, starts, strict=True)
        if seconds(start - end) >= LONG_SILENCE_S
    ]


def seconds(samples: int) -> float:
    """A number of samples as seconds, to the millisecond."""
    return round(samples / SAMPLE_RATE_HZ, 3)


if __name__ == "__main__":
    main(sys.argv[1:])
