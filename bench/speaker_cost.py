"""What telling the voices apart costs, and whether it costs more the longer the talk lasts.

The recordings are played over and over for more than two hours, at full speed, as one stream with the same
utterances in each round (see `takes`) and nothing remembered by the engine. The end is chosen so that what is
played in the last ten minutes is what was played in the first ten: whatever it costs more is the work of what
the stage has learnt since. ``--data DIR`` plays the recordings below DIR instead of the sample. Prints a
table.
"""

from __future__ import annotations

import itertools
import math
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import stage
import tables
import takes

from stalk_ros.clock import ns_to_seconds
from stalk_ros.offline.evaluation.measures.speakers import heard
from stalk_ros.speakers import SpeakerParameters, SpeakerStage

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    import numpy.typing as npt
    from pyannote.core import Annotation
    from takes import Audio, Take

    from stalk_ros.audio import Block
    from stalk_ros.events import Utterance, VoiceActivity
    from stalk_ros.offline.evaluation.measures.speakers import Errors
    from stalk_ros.speakers import SpeakerEmbedder

HOURS = 2.0
OPENING_S = 600.0


@dataclass(frozen=True)
class Result:
    """What two hours took, and what became of the voices.

    Attributes:
        cost: processor seconds per second of audio.
        embedding: the part of it that the engine takes.
        opening: the cost of the first ten minutes, and `closing` of the last.
        longest_s: processor time of the call that took most.
        opening_mib: memory after the first ten minutes, and `closing_mib` in the end.
        ids: how many voices were found.
        kept: how many voices are called the same in every round, of so many.
        first: the errors in the first round, and `whole` those in all rounds with one mapping of voices.
    """

    audio_s: float
    cost: float
    embedding: float
    opening: float
    closing: float
    longest_s: float
    opening_mib: float
    closing_mib: float
    ids: int
    kept: tuple[int, int]
    first: Errors
    whole: Errors


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    result = measure(takes.chosen(options.data), takes.engine(options))
    rows = {
        "hours": f"{result.audio_s / 3600:.2f}",
        "% of real time on one core": f"{100 * result.cost:.2f}",
        "of it embeddings (%)": f"{100 * result.embedding:.2f}",
        "in the first ten minutes (%)": f"{100 * result.opening:.2f}",
        "in the last ten minutes, of the same audio (%)": f"{100 * result.closing:.2f}",
        "the longest call (s)": f"{result.longest_s:.2f}",
        "MiB after ten minutes": f"{result.opening_mib:.1f}",
        "MiB at the end": f"{result.closing_mib:.1f}",
        "voices found": result.ids,
        "voices called the same in every round": f"{result.kept[0]} of {result.kept[1]}",
        "DER % of the first round": tables.percent(result.first.rate),
        "DER % of all rounds, one mapping": tables.percent(result.whole.rate),
    }
    tables.table(("measure", "value"), rows.items())


def measure(recordings: Sequence[Take], embedder: SpeakerEmbedder, hours: float = HOURS) -> Result:
    """Play the recordings for so many hours and what is missing of the round and of the opening."""
    opening = _opening(recordings)
    round_s = sum(take.duration_s for take in recordings)
    rounds = math.ceil(hours * 3600 / round_s)
    session = [*recordings] * rounds + opening
    engine = _TimedEngine(embedder)
    timed = _TimedStage(SpeakerStage(SpeakerParameters(), engine), session)
    settled = takes.attributed(timed, session, one_stream=True)
    spoken = [heard(item.utterance for item in items) for items in settled]
    first, last, count = slice(0, len(opening)), slice(-len(opening), None), len(recordings)
    opening_s, audio_s = (sum(take.duration_s for take in played) for played in (opening, session))
    return Result(
        audio_s,
        timed.cpu_s.sum() / audio_s,
        engine.cpu_s / audio_s,
        timed.cpu_s[first].sum() / opening_s,
        timed.cpu_s[last].sum() / opening_s,
        timed.longest_s,
        timed.mib[len(opening) - 1],
        timed.mib[-1],
        len({voice for said in spoken for voice in said.labels()} - {""}),
        _kept(session[: rounds * count], spoken[: rounds * count], count),
        takes.session_errors(session[:count], spoken[:count]),
        takes.session_errors(session, spoken),
    )


def _opening(recordings: Sequence[Take]) -> list[Take]:
    """Takes of ten minutes, rounded up, from the beginning and over again."""
    played: list[Take] = []
    for take in itertools.cycle(recordings):
        if sum(each.duration_s for each in played) >= OPENING_S:
            break
        played.append(take)
    return played


def _kept(session: Sequence[Take], spoken: Sequence[Annotation], count: int) -> tuple[int, int]:
    """How many voices are called the same in every round of ``count`` takes, and how many there are."""
    shared_s: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for number, (take, said) in enumerate(zip(session, spoken, strict=True)):
        for voice, row in zip(take.known.labels(), take.known * said, strict=True):
            shared_s[voice][number // count].update(dict(zip(said.labels(), row, strict=True)))
    called = ({ids.most_common(1)[0][0] for ids in rounds.values()} for rounds in shared_s.values())
    return sum(len(names) == 1 for names in called), len(shared_s)


class _TimedEngine:
    """A `SpeakerEmbedder` that counts its processor time."""

    def __init__(self, engine: SpeakerEmbedder) -> None:
        self.cpu_s = 0.0
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def embed(self, windows: Sequence[Audio]) -> npt.NDArray[np.float32]:
        started_s = time.process_time()
        embeddings = self._engine.embed(windows)
        self.cpu_s += time.process_time() - started_s
        return embeddings


class _TimedStage:
    """The stage, with its processor time and memory for each take played; it drops words: they add up."""

    def __init__(self, speakers: SpeakerStage, session: Sequence[Take]) -> None:
        self.cpu_s = np.zeros(len(session))
        self.mib = np.zeros(len(session))
        self.longest_s = 0.0
        self._speakers = speakers
        self._ends_s = np.cumsum([take.duration_s for take in session])
        self._take = 0

    def hear(self, block: Block) -> None:
        self._take = bisect_right(self._ends_s, ns_to_seconds(block.time_ns) + 1e-6)
        started_s = time.process_time()
        self._speakers.hear(block)
        self._count(started_s)
        self.mib[self._take] = stage.resident_mib()

    def attribute(self, utterance: Utterance) -> list[Utterance]:
        started_s = time.process_time()
        parts = self._speakers.attribute(utterance)
        self._count(started_s)
        return [replace(part, words=()) for part in parts]

    def follow(self, activity: VoiceActivity) -> None:
        started_s = time.process_time()
        self._speakers.follow(activity)
        self._count(started_s)

    def settled(self) -> list[Utterance]:
        return self._speakers.settled()

    def finish(self) -> list[Utterance]:
        return self._speakers.finish()

    def _count(self, started_s: float) -> None:
        spent_s = time.process_time() - started_s
        self.cpu_s[self._take] += spent_s
        self.longest_s = max(self.longest_s, spent_s)
