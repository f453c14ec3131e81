"""An hour of talk through ``stalk run``: how fast, where the time goes, and whether memory stays flat.

The recordings are put one after another, over and over, into a file of an hour. The command takes it with its
default parameters, once writing events and once all it can write. Memory is that of the command and of the
processes of its engines together, what they share counted once (PSS), looked at ten times a second.
``--data DIR`` takes every recording below DIR instead of the sample. Prints a table.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import recordings
import soundfile
import tables

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.offline.evaluation.memory import family, held_mib

if TYPE_CHECKING:
    from argparse import Namespace

HOUR_S = 3600
_LOOK_S = 0.1
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PARTS = 4
_EVERYTHING = [
    *("--report", "r.html", "--with-sound", "--bag", "bag"),
    *("--json", "c.json", "--rttm", "c.rttm", "--srt", "c.srt", "--vtt", "c.vtt", "--textgrid", "c.TextGrid"),
]


@dataclass(frozen=True)
class Result:
    """What the hour took.

    Attributes:
        wall_s: time of the whole command, engines loaded.
        main_s: processor time of the command itself.
        engines_s: processor time of the processes of its engines.
        memory_mib: the most in each quarter of the time.
    """

    wall_s: float
    main_s: float
    engines_s: float
    memory_mib: list[float]


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    found = recordings.recordings(options.data)
    with tempfile.TemporaryDirectory() as folder:
        hour = Path(folder) / "hour.flac"
        _write(found if options.data is None else found[1:], hour)
        plain = measure(hour, [])
        full = measure(hour, _EVERYTHING)
    quarters = [f"MiB in quarter {number}" for number in range(1, _PARTS + 1)]
    head = ("an hour, on so many cores", "s", "times real time", "s of the command", "of ASR", *quarters)
    cores = len(os.sched_getaffinity(0))
    tables.table(
        head,
        [_row(f"{cores}, events", plain), _row(f"{cores}, everything", full)],
    )


def measure(hour: Path, outputs: list[str]) -> Result:
    """Run the command on an hour of audio."""
    command = [sys.executable, "-m", "stalk_ros.cli", "run", str(hour), "--events", "e.jsonl", *outputs]
    started_s = time.monotonic()
    process = subprocess.Popen(command, cwd=hour.parent, stdout=subprocess.DEVNULL)
    main = Path("/proc") / str(process.pid)
    seen: list[tuple[float, float]] = []
    processor_s: dict[Path, float] = defaultdict(float)
    while process.poll() is None:
        seen.append((time.monotonic() - started_s, held_mib(main)))
        for member in family(main):
            processor_s[member] = max(processor_s[member], _processor_s(member))
        time.sleep(_LOOK_S)
    wall_s = time.monotonic() - started_s
    main_s = processor_s.pop(main)
    memory = [
        max(mib for at_s, mib in seen if part * wall_s <= at_s * _PARTS <= (part + 1) * wall_s)
        for part in range(_PARTS)
    ]
    return Result(wall_s, main_s, sum(processor_s.values()), memory)


def _write(found: list[Path], hour: Path) -> None:
    left = HOUR_S * SAMPLE_RATE_HZ
    with soundfile.SoundFile(hour, "w", SAMPLE_RATE_HZ, 1) as file:
        while left:
            for path in found:
                samples: np.ndarray = recordings.samples(path)[:left]
                file.write(samples)
                left -= len(samples)


def _row(name: str, result: Result) -> tuple[object, ...]:
    return (
        name,
        f"{result.wall_s:.0f}",
        f"{HOUR_S / result.wall_s:.1f}",
        f"{result.main_s:.0f}",
        f"{result.engines_s:.0f}",
        *(f"{mib:.0f}" for mib in result.memory_mib),
    )


def _processor_s(process: Path) -> float:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK_S
