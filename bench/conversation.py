"""The whole conversation on recordings with known truth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import recordings
import tables
import truth
from scoring import word_errors, words_of
from speaker_errors import Errors, annotation, errors, heard

from stalk_ros.audio import AudioFile
from stalk_ros.events import Suggestion, SuggestionStatus, Utterance
from stalk_ros.offline.configuration import load
from stalk_ros.offline.conversation import Conversation

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


class Stopwatch:
    """Adds up the time that calls of a method take."""

    def __init__(self, owner: Any, name: str) -> None:
        self.seconds = 0.0
        self._call = getattr(owner, name)
        setattr(owner, name, self)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the method."""
        started = time.perf_counter()
        try:
            return self._call(*arguments, **named)
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


def report(options: Namespace) -> None:
    """Measure, and print a row for each recording and each folder."""
    tables.head(
        "recording", "s", "WER %", "DER %", "offers", "real-time factor", "of it ASR", "of it embeddings"
    )
    found = recordings.recordings(options.data)
    tables.by_recording(((path, measure(path)) for path in found), _row)


def measure(path: Path) -> Result:
    """Run the conversation in a recording."""
    conversation = Conversation(load(assignments=("asr.partials=false",)))
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
        [event for event in events if isinstance(event, Utterance) and event.final],
        [event for event in events if isinstance(event, Suggestion)],
        wall_s,
        {name: watch.seconds for name, watch in watches.items()},
    )


def diarization_error(results: list[Result]) -> float | None:
    """DER over recordings; None where the truth of none knows who speaks."""
    each = (
        errors(annotation(truth.speakers(result.path)), heard(result.utterances), result.duration_s)
        for result in results
    )
    return sum(each, Errors()).rate


def _row(name: str, results: list[Result]) -> None:
    duration_s = sum(result.duration_s for result in results)
    offers = [s for result in results for s in result.suggestions if s.status is SuggestionStatus.OFFERED]
    scored = [
        (truth.turns(result.path, result.duration_s), words_of(result.utterances)) for result in results
    ]
    engines = [sum(result.engine_s[name] for result in results) for name in results[0].engine_s]
    tables.row(
        name,
        f"{duration_s:.0f}",
        tables.percent(word_errors(scored)),
        tables.percent(diarization_error(results)),
        len(offers),
        f"{sum(result.wall_s for result in results) / duration_s:.3f}",
        *(f"{seconds / duration_s:.3f}" for seconds in engines),
    )
