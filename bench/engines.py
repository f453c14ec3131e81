"""The engine that streaming is measured with."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.speech import SpeechParameters
from stalk_ros.speech.backends.faster_whisper import FasterWhisper
from stalk_ros.speech.backends.pocketsphinx import PocketSphinx

if TYPE_CHECKING:
    from stalk_ros.speech import Transcriber

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@cache
def engine(whisper: str) -> Transcriber:
    """faster-whisper with the model in the folder ``whisper``; PocketSphinx where that is "".

    Raises:
        UserError: the engine or the model is missing.
    """
    if not whisper:
        return PocketSphinx(SpeechParameters())
    return FasterWhisper(SpeechParameters(model=whisper, language="en"))


def cpu_s() -> float:
    """Processor time of this process and of those it has started and that still run, in seconds."""
    ticks = 0
    for task in Path("/proc/self/task").iterdir():
        processes = (task / "children").read_text(encoding="ascii").split()
        for process in (Path("/proc", number, "stat") for number in processes):
            # The name, in brackets, may hold spaces; then the times come as the 12th and 13th field.
            user, system = process.read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
            ticks += int(user) + int(system)
    own = os.times()
    return own.user + own.system + ticks * _TICK_S
