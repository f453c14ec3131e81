"""Measures the whole conversation on recordings with known truth, and prints a Markdown table.

Without arguments it measures the sample. ``--data DIR`` takes every audio file below DIR too; the truth lies
beside it as ``<name>.rttm``, ``<name>.json`` or ``references.json``.
"""

from __future__ import annotations

import argparse
import platform
import re
import resource
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jiwer
import truth
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from stalk_ros.audio import AudioFile
from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import Suggestion, SuggestionStatus, Utterance
from stalk_ros.offline.configuration import Configuration
from stalk_ros.offline.conversation import Conversation

SAMPLES = Path(__file__).parents[1] / "samples"
AUDIO = (".flac", ".wav", ".ogg")
COLLAR_S = 0.25


class Stopwatch:
    """Adds up the time that calls of a method take."""

    def __init__(self, owner: Any, name: str) -> None:
        self.seconds = 0.0
        self._call = getattr(owner, name)
        setattr(owner, name, self)

    def __call__(self, *arguments: Any) -> Any:
        """Call the method."""
        started = time.perf_counter()
        try:
            return self._call(*arguments)
        finally:
            self.seconds += time.perf_counter() - started


@dataclass
class Result:
    """What came out of one recording, and what it took."""

    path: Path
    duration_s: float
    utterances: list[Utterance]
    suggestions: list[Suggestion]
    wall_s: float
    engine_s: dict[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of recordings with their truth")
    options = parser.parse_args()
    paths = [SAMPLES / "conversation.flac"]
    if options.data:
        paths += sorted(path for path in options.data.rglob("*") if path.suffix in AUDIO)
    print(f"{date.today()}, {platform.machine()}, {_processor()}, Python {platform.python_version()}\n")
    print("| recording | s | WER % | DER % | offers | real-time factor | of it ASR | of it embeddings |")
    print("|---|---|---|---|---|---|---|---|")
    folders: dict[Path, list[Result]] = {}
    for path in paths:
        result = measure(path)
        folders.setdefault(path.parent, []).append(result)
        print(_row(path.stem, [result]), flush=True)
    for folder, results in folders.items():
        if len(results) > 1:
            print(_row(f"all of {folder.name}", results))
    print(f"\nPeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def measure(path: Path) -> Result:
    """Run the conversation in a recording."""
    conversation = Conversation(Configuration())
    watches = {
        "asr": Stopwatch(conversation._speech.engine, "transcribe"),
        "speakers": Stopwatch(conversation._speakers.engine, "embed"),
    }
    source = AudioFile(path)
    started = time.perf_counter()
    events = [event for chunk in source.chunks() for event in conversation.feed(chunk)]
    wall_s = time.perf_counter() - started
    return Result(
        path,
        source.duration_s or 0.0,
        [event for event in events if isinstance(event, Utterance)],
        [event for event in events if isinstance(event, Suggestion)],
        wall_s,
        {name: watch.seconds for name, watch in watches.items()},
    )


def word_errors(results: list[Result]) -> float | None:
    """WER of the turns whose text is known, each against the words that were heard in its time."""
    expected, heard = [], []
    for result in results:
        words = [word for utterance in result.utterances for word in utterance.words]
        middles = [(ns_to_seconds(word.start_ns + word.end_ns) / 2, word.text) for word in words]
        for turn in truth.turns(result.path, result.duration_s):
            if turn.text is not None:
                expected.append(_normal(turn.text))
                heard.append(
                    _normal(" ".join(t for at_s, t in middles if turn.start_s <= at_s <= turn.end_s))
                )
    return float(jiwer.wer(expected, heard)) if expected else None


def diarization_error(results: list[Result]) -> float | None:
    """DER over recordings, with a collar of 0.25 s on each side of a boundary, overlap scored."""
    # pyannote's collar is the whole of both sides.
    metric = DiarizationErrorRate(collar=2 * COLLAR_S, skip_overlap=False)
    scored = False
    for result in results:
        reference = truth.speakers(result.path)
        if reference is None:
            continue
        heard = Annotation()
        for number, utterance in enumerate(result.utterances):
            segment = Segment(ns_to_seconds(utterance.start_ns), ns_to_seconds(utterance.end_ns))
            heard[segment, number] = utterance.speaker_id
        metric(reference, heard, uem=Timeline([Segment(0, result.duration_s)]))
        scored = True
    return float(abs(metric)) if scored else None


def _row(name: str, results: list[Result]) -> str:
    duration_s = sum(result.duration_s for result in results)
    offers = [s for result in results for s in result.suggestions if s.status is SuggestionStatus.OFFERED]
    engines = [sum(result.engine_s[name] for result in results) for name in results[0].engine_s]
    cells = [
        name,
        f"{duration_s:.0f}",
        _percent(word_errors(results)),
        _percent(diarization_error(results)),
        str(len(offers)),
        f"{sum(result.wall_s for result in results) / duration_s:.3f}",
        *(f"{seconds / duration_s:.3f}" for seconds in engines),
    ]
    return f"| {' | '.join(cells)} |"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _normal(text: str) -> str:
    return " ".join(re.sub(r"[^\w' ]", " ", text.lower()).split())


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
