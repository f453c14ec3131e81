"""What streaming costs in words: through the stage, and the same engine on the whole recording at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import passes
import recordings
import tables
import truth
from engines import engine
from scoring import word_errors, words_of

from stalk_ros.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stalk_ros.speech import Transcriber

_Heard = tuple[list[truth.Turn], list[truth.TimedWord]]


def report(options: Namespace) -> None:
    """Measure, and print a row for each recording and each folder."""
    real = engine(options.whisper)
    paths = passes.written_down(options)
    tables.head(
        "recording", f"{real.name}, streaming: WER %", "whole at once: WER %", "streaming costs, points"
    )
    folders: dict[Path, list[tuple[_Heard, _Heard]]] = {}
    for path in paths:
        result = measure(path, real)
        folders.setdefault(path.parent, []).append(result)
        _row(path.stem, [result])
    for folder, results in folders.items():
        if len(results) > 1:
            _row(f"all of {folder.name}", results)


def measure(path: Path, real: Transcriber) -> tuple[_Heard, _Heard]:
    """The turns with the words heard in the stream, and with those heard in the whole."""
    audio = recordings.samples(path)
    turns = truth.turns(path, len(audio) / SAMPLE_RATE_HZ)
    whole = [truth.TimedWord(word.text, word.start_s, word.end_s) for word in real.transcribe(audio).words]
    return (turns, words_of(passes.streamed(path, real).finals)), (turns, whole)


def _row(name: str, results: list[tuple[_Heard, _Heard]]) -> None:
    streaming = word_errors(stream for stream, _ in results)
    whole = word_errors(whole for _, whole in results)
    cost = "" if streaming is None or whole is None else f"{100 * (streaming - whole):+.1f}"
    tables.row(name, tables.percent(streaming), tables.percent(whole), cost)
