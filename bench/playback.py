"""Plays a recording through the speech stage as a node does."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from stalk_ros.audio import SAMPLE_RATE_HZ, Block
from stalk_ros.clock import samples_to_ns
from stalk_ros.speech import Segment, SpeechStage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    import numpy.typing as npt

    from stalk_ros.events import Utterance

BLOCK = SAMPLE_RATE_HZ // 100
"""Samples of a block: short, so that it is known to 10 ms when the stage yields something."""


@dataclass(frozen=True)
class Written:
    """A segment that the stage has yielded at ``at_ns`` of audio, and what became of it."""

    at_ns: int
    segment: Segment
    utterance: Utterance | None
    engine_s: float


def play(
    stage: SpeechStage,
    audio: npt.NDArray[np.float32],
    sizes: Iterable[int] = (BLOCK,),
    first: int = 0,
    lags: Iterable[int] = (0,),
) -> Iterator[Written]:
    """What the stage writes down, from sample ``first`` to the end of the recording.

    Times are those of the recording, wherever the stream begins in it.

    Args:
        stage: with its engine.
        audio: float32 mono 16 kHz.
        sizes: samples of the blocks, which take turns.
        first: where the stream begins.
        lags: how many items the stage yields before the engine gets to a segment, in turns.
    """
    waiting: deque[tuple[int, int, Segment]] = deque()
    yielded, lag = 0, cycle(lags)
    for block in _blocks(audio, sizes, first):
        for item in stage.listen(block):
            yielded += 1
            if isinstance(item, Segment):
                waiting.append((yielded + next(lag), block.end_ns, item))
            while waiting and waiting[0][0] <= yielded:
                yield _write(stage, *waiting.popleft()[1:])
    while waiting:
        yield _write(stage, *waiting.popleft()[1:])


def _write(stage: SpeechStage, at_ns: int, segment: Segment) -> Written:
    started = time.perf_counter()
    utterance = stage.transcribe(segment)
    engine_s = time.perf_counter() - started
    if segment.final:
        stage.finish(segment, utterance)
    return Written(at_ns, segment, utterance, engine_s)


def _blocks(audio: npt.NDArray[np.float32], sizes: Iterable[int], first: int) -> Iterator[Block]:
    at = first
    for size in cycle(sizes):
        yield Block(audio[at : at + size], samples_to_ns(at, SAMPLE_RATE_HZ), restart=at == first)
        at += size
        if at >= len(audio):
            break
    yield Block(audio[:0], samples_to_ns(len(audio), SAMPLE_RATE_HZ), restart=True)
