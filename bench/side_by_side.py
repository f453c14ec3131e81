"""This package and the policy of whisper_streaming on the same engine and the same audio.

whisper_streaming (MIT, https://github.com/ufal/whisper_streaming) decodes a growing buffer again and again
and commits what two passes agree on; with its voice activity controller (VAC) it ends a turn after 0.5 s of
silence. It runs from a checkout, unchanged, with its own defaults. Computing takes no audio time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import passes
import recordings
import tables
import truth
import whisper_streaming
import word_times
from engines import cpu_s, engine
from jiwer import process_words

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_seconds
from stalk_ros.offline.evaluation.measures.words import WordErrors, by_turn, normal, word_errors
from stalk_ros.offline.evaluation.references import TimedWord

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from pathlib import Path

    from stalk_ros.speech import Transcriber

_RECORDINGS = 3
_SAME_WORD_S = 1.0
"""Words with the same text that lie further apart are not the same word."""


@dataclass(frozen=True)
class Committed:
    """A word and the audio time from which on it stood, in seconds."""

    word: TimedWord
    at_s: float


@dataclass
class Result:
    """What a system made of the recordings."""

    delays: list[float]
    errors: WordErrors = field(default_factory=WordErrors)
    cpu_s: float = 0.0


def report(options: Namespace) -> None:
    """Measure on the sample and the first two recordings of ``--data``, and print a row for each system."""
    if options.whisper_streaming is None:
        print("Left out. Clone github.com/ufal/whisper_streaming and give --whisper-streaming its folder.")
        return
    real = engine(options.whisper)
    results = measure(options, real)
    tables.head(
        "policy", "words committed after they were said, median / p90 s", "of words", "WER %", "CPU s"
    )
    for name, result in results.items():
        errors = tables.percent(result.errors.rate)
        delays = result.delays
        tables.row(name, tables.quantiles(delays), len(delays), errors, f"{result.cpu_s:.1f}")


def measure(options: Namespace, real: Transcriber) -> dict[str, Result]:
    """The results by the name of the policy."""
    paths = [path for path in passes.written_down(options) if any(w.text for w in word_times.words(path))]
    results: dict[str, Result] = {}
    for path in paths[:_RECORDINGS]:
        streamed = passes.streamed(path, real)
        for name, by_partials in (("stalk_ros", True), ("stalk_ros, finals", False)):
            words = list(_ours(streamed, by_partials))
            _add(results.setdefault(name, Result([])), path, words, streamed.cpu_s)
        for name, controlled in (("whisper_streaming", False), ("whisper_streaming, VAC", True)):
            before_s = cpu_s()
            words = [
                Committed(TimedWord(text, start_s, end_s), at_s)
                for at_s, start_s, end_s, text in whisper_streaming.committed(
                    options.whisper_streaming, real, recordings.samples(path), controlled
                )
            ]
            _add(results.setdefault(name, Result([])), path, words, cpu_s() - before_s)
    return results


def _ours(streamed: passes.Pass, by_partials: bool) -> Iterator[Committed]:
    """The words of the finals; a partial commits those with which the final begins as it does."""
    partials: dict[str, list[tuple[float, list[str]]]] = {}
    for item in streamed.written:
        if item.utterance is None:
            continue
        texts = [word.text for word in item.utterance.words]
        at_s = ns_to_seconds(item.at_ns)
        earlier = partials.setdefault(item.segment.utterance_id, [])
        if not item.segment.final:
            earlier.append((at_s, texts))
            continue
        for number, word in enumerate(item.utterance.words, start=1):
            stood = [time_s for time_s, said in earlier if said[:number] == texts[:number]]
            timed = TimedWord(word.text, ns_to_seconds(word.start_ns), ns_to_seconds(word.end_ns))
            yield Committed(timed, stood[0] if stood and by_partials else at_s)


def _add(result: Result, path: Path, committed: list[Committed], spent_s: float) -> None:
    turns = truth.turns(path, len(recordings.samples(path)) / SAMPLE_RATE_HZ)
    result.errors += word_errors(by_turn(turns, [item.word for item in committed]))
    result.cpu_s += spent_s
    said = [word for word in word_times.words(path) if word.text]
    heard = [item for item in committed if normal(item.word.text)]
    if not heard:
        return
    texts = " ".join(normal(item.word.text).replace(" ", "") for item in heard)
    alignment = process_words(" ".join(word.text for word in said), texts).alignments[0]
    for chunk in alignment:
        if chunk.type == "equal":
            for one, other in zip(
                said[chunk.ref_start_idx : chunk.ref_end_idx],
                heard[chunk.hyp_start_idx : chunk.hyp_end_idx],
                strict=True,
            ):
                if abs(one.middle_s - other.word.middle_s) <= _SAME_WORD_S:
                    result.delays.append(other.at_s - one.end_s)
