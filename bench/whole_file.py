"""What streaming costs in words: through the stage, and the same engine on the whole recording at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import passes
import recordings
import tables
import truth
from engines import engine

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.offline.evaluation.measures.words import WordErrors, by_turn, word_errors, words_of
from stalk_ros.offline.evaluation.references import TimedWord

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stalk_ros.speech import Transcriber


def report(options: Namespace) -> None:
    """Measure, and print a row for each recording and each folder."""
    real = engine(options.whisper)
    paths = passes.written_down(options)
    tables.head(
        "recording", f"{real.name}, streaming: WER %", "whole at once: WER %", "streaming costs, points"
    )
    folders: dict[Path, list[tuple[WordErrors, WordErrors]]] = {}
    for path in paths:
        result = measure(path, real)
        folders.setdefault(path.parent, []).append(result)
        _row(path.stem, [result])
    for folder, results in folders.items():
        if len(results) > 1:
            _row(f"all of {folder.name}", results)


def measure(path: Path, real: Transcriber) -> tuple[WordErrors, WordErrors]:
    """The errors in the stream, and those in the whole."""
    audio = recordings.samples(path)
    turns = truth.turns(path, len(audio) / SAMPLE_RATE_HZ)
    whole = [TimedWord(word.text, word.start_s, word.end_s) for word in real.transcribe(audio).words]
    streamed = words_of(passes.streamed(path, real).finals)
    return word_errors(by_turn(turns, streamed)), word_errors(by_turn(turns, whole))


def _row(name: str, results: list[tuple[WordErrors, WordErrors]]) -> None:
    streaming = sum((stream for stream, _ in results), WordErrors()).rate
    whole = sum((whole for _, whole in results), WordErrors()).rate
    cost = "" if streaming is None or whole is None else f"{100 * (streaming - whole):+.1f}"
    tables.row(name, tables.percent(streaming), tables.percent(whole), cost)
