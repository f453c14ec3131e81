"""Recordings through the stage with an engine, played once however many parts ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import recordings
import truth
import word_times
from engines import cpu_s
from playback import play

from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends.silero import SileroVad

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from playback import Written

    from stalk_ros.events import Utterance
    from stalk_ros.speech import Transcriber


@dataclass(frozen=True)
class Pass:
    """What the stage wrote down of a recording with partials on, and the processor time it took."""

    written: list[Written]
    cpu_s: float

    @property
    def finals(self) -> list[Utterance]:
        """The text in the end."""
        return [item.utterance for item in self.written if item.segment.final and item.utterance]


@cache
def streamed(path: Path, engine: Transcriber) -> Pass:
    """A recording through the stage with default parameters and partials."""
    audio = recordings.samples(path)
    stage = SpeechStage(SpeechParameters(partials=True), SileroVad(), engine)
    before_s = cpu_s()
    written = list(play(stage, audio))
    return Pass(written, cpu_s() - before_s)


def written_down(options: Namespace) -> list[Path]:
    """The recordings in English of which the text, or at least a part of it, is known."""
    return [
        path
        for path in recordings.recordings(options.data)
        if truth.language(path) == "en" and word_times.words(path)
    ]
