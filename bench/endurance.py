"""Two hours of talk in one stream: does memory stay flat, and do times stay exact?

The recordings are played over and over at full speed through the asr stage, with the real voice activity and
an engine that takes no time. A round lasts a whole number of voice activity windows, so what is said in every
round must begin and end exactly one round later than in the one before. ``--data DIR`` plays every recording
below DIR instead of the sample. Prints a Markdown table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import recordings
import stage
import tables

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import NANOSECONDS, samples_to_ns
from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends.silero import SileroVad
from stalk_ros.speech.voice_activity import WINDOW

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from stalk_ros.audio import Block
    from stalk_ros.events import Utterance

HOURS = 2.0
WARM_S = 600.0
"""By then everything is loaded and has been used."""


@dataclass(frozen=True)
class Result:
    """What two hours did.

    ``drift_ms`` is the largest difference of a time from that of the same event in the second round, less the
    rounds between; None when a round did not have the same utterances. The first round does not count: the
    detector had heard nothing before it.
    """

    audio_s: float
    rounds: int
    utterances: int
    warm_mib: float
    end_mib: float
    drift_ms: float | None


def measure(paths: Sequence[Path], hours: float = HOURS) -> Result:
    """Play the recordings for so many hours, to the end of the round."""
    audio = stage.samples(paths)
    audio = np.pad(audio, (0, -len(audio) % WINDOW))
    rounds = max(3, round(hours * 3600 * SAMPLE_RATE_HZ / len(audio)))
    speech = SpeechStage(SpeechParameters(), SileroVad(), stage.OneWord())
    round_ns = samples_to_ns(len(audio), SAMPLE_RATE_HZ)
    times: list[list[int]] = [[] for _ in range(rounds)]
    warm_mib = 0.0
    utterances = 0
    for _, utterance in stage.listened(speech, _rounds(audio, rounds)):
        if utterance is None:
            continue
        utterances += 1
        number = utterance.start_ns // round_ns
        times[number] += [time_ns - number * round_ns for time_ns in _times(utterance)]
        if not warm_mib and utterance.end_ns > WARM_S * NANOSECONDS:
            warm_mib = stage.resident_mib()
    audio_s = rounds * len(audio) / SAMPLE_RATE_HZ
    return Result(audio_s, rounds, utterances, warm_mib, stage.resident_mib(), _drift_ms(times[1:]))


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    result = measure(recordings.recordings(options.data))
    drift = "not the same utterances" if result.drift_ms is None else f"{result.drift_ms:.6f}"
    head = ("hours", "rounds", "utterances", "MiB after 10 min", "MiB at the end", "drift (ms)")
    row = (
        f"{result.audio_s / 3600:.2f}",
        result.rounds,
        result.utterances,
        f"{result.warm_mib:.1f}",
        f"{result.end_mib:.1f}",
        drift,
    )
    tables.table(head, [row])


def _rounds(audio: npt.NDArray[np.float32], rounds: int) -> Iterator[Block]:
    for number in range(rounds):
        yield from stage.blocks(audio, number * len(audio), restart=number == 0)


def _times(utterance: Utterance) -> list[int]:
    words = [time_ns for word in utterance.words for time_ns in (word.start_ns, word.end_ns)]
    return [utterance.start_ns, utterance.end_ns, *words]


def _drift_ms(times: list[list[int]]) -> float | None:
    first = times[0]
    # The end of the stream cuts off what the next round would have gone on with.
    if any(len(own) != len(first) for own in times[:-1]) or len(times[-1]) > len(first):
        return None
    return max((abs(a - b) / 1e6 for own in times for a, b in zip(own, first, strict=False)), default=0.0)
