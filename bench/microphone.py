"""Whether a microphone gives what the file gives.

The sample is played into the room of a sound server and recorded from its virtual microphone, in real time:
what is heard in the recording is compared with what is heard in the file. A microphone is opened at any
sample, so that windows and frames lie elsewhere in the sound; the second table begins as if at eight samples
of a window, and about a second before the sound, in silence and in noise.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import recordings
import tables
import truth
from likeness import Heard, heard, place
from sound_server import sounding

from stalk_ros.audio import SAMPLE_RATE_HZ, CaptureParameters, Microphone
from stalk_ros.clock import NANOSECONDS, samples_to_ns
from stalk_ros.speech.voice_activity import WINDOW

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    import numpy.typing as npt

    from stalk_ros.audio import AudioChunk

    Samples = npt.NDArray[np.int16]

_TIMES = 2
_STEP = 64
_LEADS_S = (0.7, 1.3)
_NOISE = 20.0
"""RMS of the noise before the sound, as int16: -64 dBFS."""

_CLICK_S = 0.5
"""So much of the beginning of a turn is looked for like a click."""

_NEAR_S = 0.1


@dataclass(frozen=True)
class Take:
    """What the microphone has heard.

    Attributes:
        offset: sample at which the file begins.
        after_s: time from when it was to be played until it was heard there, by the stamps.
    """

    samples: Samples
    offset: int
    after_s: float


def report(options: Namespace) -> None:
    """Print a row for each time that the sample was played, and for each kind of beginning."""
    file = np.rint(recordings.samples(recordings.SAMPLE) * 32768).astype(np.int16)
    expected = heard(file)
    tables.head(
        *("played", "utterances", "speakers", "suggestions", "times differ by (s)"),
        *("begins after (s)", "turns off by (samples)"),
    )
    for number in range(1, _TIMES + 1):
        take = _take(file)
        off = max(abs(where - take.offset) for where in _places(file, take))
        result = heard(take.samples)
        tables.row(number, *_likeness(result, expected, take.offset), f"{take.after_s:.2f}", off)
    print()
    tables.head(
        "begun before the sample", "runs", "utterances", "speakers", "suggestions", "times differ by (s)"
    )
    for name, leads in _leads().items():
        results = [_likeness(heard(np.concatenate([lead, file])), expected, len(lead)) for lead in leads]
        equal = [sum(row[column] == "equal" for row in results) for column in range(3)]
        tables.row(name, len(results), *equal, max(row[3] for row in results))


def _likeness(result: Heard, expected: Heard, offset: int) -> tuple[str, str, str, str]:
    """Whether what was said, who said it and what was offered are equal, and how far times are apart."""
    pairs = (
        (result.texts, expected.texts),
        (result.speakers, expected.speakers),
        (result.offers, expected.offers),
    )
    said, who, offered = ("equal" if one == other else "different" for one, other in pairs)
    try:
        farthest_s = result.farthest_s(expected, samples_to_ns(offset, SAMPLE_RATE_HZ))
    except ValueError:  # another number of words or of offers
        return said, who, offered, "unknown"
    return said, who, offered, f"{farthest_s:.3f}"


def _leads() -> dict[str, Iterator[Samples]]:
    noise = np.random.RandomState(0)
    lengths = [round(lead_s * SAMPLE_RATE_HZ) + 7 * number for number, lead_s in enumerate(_LEADS_S)]
    return {
        "0 to 31 ms": (np.zeros(length, np.int16) for length in range(0, WINDOW, _STEP)),
        "about 1 s of silence": (np.zeros(length, np.int16) for length in lengths),
        "about 1 s of noise": (
            np.rint(noise.standard_normal(length) * _NOISE).astype(np.int16) for length in lengths
        ),
    }


def _take(file: Samples) -> Take:
    with sounding() as server:
        chunks: list[AudioChunk] = []
        began = threading.Event()
        microphone = Microphone(CaptureParameters(), time.time_ns)

        def record() -> None:
            for chunk in microphone.chunks():
                chunks.append(chunk)
                began.set()

        thread = threading.Thread(target=record)
        thread.start()
        began.wait()
        played_ns = time.time_ns()
        server.play(recordings.SAMPLE).wait()
        microphone.stop()
        thread.join()
    samples = np.concatenate([chunk.samples for chunk in chunks])
    offset = place(file, samples)
    heard_ns = chunks[0].stamp_ns + samples_to_ns(offset, SAMPLE_RATE_HZ)
    return Take(samples[: offset + len(file)], offset, (heard_ns - played_ns) / NANOSECONDS)


def _places(file: Samples, take: Take) -> Iterator[int]:
    """Where the file would have to begin for each of its turns."""
    click, near = round(_CLICK_S * SAMPLE_RATE_HZ), round(_NEAR_S * SAMPLE_RATE_HZ)
    for turn in truth.turns(recordings.SAMPLE, len(file) / SAMPLE_RATE_HZ):
        first = round(turn.start_s * SAMPLE_RATE_HZ)
        from_sample = max(0, take.offset + first - near)
        around = take.samples[from_sample : take.offset + first + click + near]
        yield from_sample + place(file[first : first + click], around) - first
