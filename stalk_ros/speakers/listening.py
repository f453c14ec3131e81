"""Listening to an utterance: windows of it, and how their voices sound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_seconds
from stalk_ros.speakers.resemblance import Speech, Window, apart

if TYPE_CHECKING:
    import numpy.typing as npt

    from stalk_ros.audio import TapeStore
    from stalk_ros.events import Utterance
    from stalk_ros.speakers.answers import CheckedEmbedder

_PARTIAL_NS = 2_000_000_000
"""A partial has the voice of its end, of which this much is listened to."""

_BATCH = 64


@dataclass(frozen=True)
class Heard:
    """An utterance and how its voices sound; without windows where there is nothing to hear.

    Attributes:
        utterance: as it was transcribed.
        windows: N windows in order of time.
        embeddings: [N, D], rows of length 1.
    """

    utterance: Utterance
    windows: list[Window]
    embeddings: npt.NDArray[np.float32]

    def speech(self, part: Utterance) -> Speech:
        """What is heard in the windows that lie within a part of the utterance."""
        start_s = ns_to_seconds(part.start_ns - self.utterance.start_ns)
        end_s = ns_to_seconds(part.end_ns - self.utterance.start_ns)
        inside = [start_s <= window.start_s and window.end_s <= end_s for window in self.windows]
        rows = np.flatnonzero(inside)
        return Speech.of(self.embeddings[rows], apart([self.windows[row] for row in rows]))


def listen(
    utterance: Utterance,
    tapes: TapeStore,
    embedder: CheckedEmbedder,
    window_s: float,
    earlier: bool = False,
) -> Heard:
    """Hear an utterance.

    Args:
        utterance: as it was transcribed.
        tapes: the audio; where half of the utterance is missing there is nothing to hear.
        embedder: tells how a window sounds.
        window_s: length of a window, in seconds.
        earlier: it was said before the latest stretch of audio.

    Raises:
        EngineError: the embedder answers nonsense.
    """
    audio, audio_start_ns = tapes.clip(utterance.start_ns, utterance.end_ns, earlier)
    duration_s = ns_to_seconds(utterance.end_ns - utterance.start_ns)
    if not utterance.text or len(audio) < duration_s * SAMPLE_RATE_HZ / 2 or not _is_sound(audio):
        return Heard(utterance, [], np.zeros((0, 0), np.float32))
    windows = _windows(len(audio) / SAMPLE_RATE_HZ, window_s)
    embeddings = _embeddings(audio, windows, embedder)
    lost_s = ns_to_seconds(audio_start_ns - utterance.start_ns)
    places = [Window(window.start_s + lost_s, window.end_s + lost_s) for window in windows]
    return Heard(utterance, places, embeddings)


def ending(partial: Utterance) -> Utterance:
    """The end of a partial: it grows, and to embed all of it each time would cost more the longer it gets."""
    start_ns = max(partial.start_ns, partial.end_ns - _PARTIAL_NS)
    words = tuple(word for word in partial.words if word.end_ns > start_ns)
    return replace(partial, start_ns=start_ns, words=words)


def _embeddings(
    audio: npt.NDArray[np.float32], windows: list[Window], embedder: CheckedEmbedder
) -> npt.NDArray[np.float32]:
    pieces = [
        audio[round(window.start_s * SAMPLE_RATE_HZ) : round(window.end_s * SAMPLE_RATE_HZ)]
        for window in windows
    ]
    batches = [embedder.embed(pieces[first : first + _BATCH]) for first in range(0, len(pieces), _BATCH)]
    return np.concatenate(batches)


def _is_sound(audio: npt.NDArray[np.float32]) -> bool:
    """Whether there is anything to hear, and only numbers: a single NaN would spoil a voice for ever."""
    return bool(0.0 < np.dot(audio, audio) < np.inf)


def _windows(duration_s: float, window_s: float) -> list[Window]:
    """Windows that overlap by half and cover everything; the last one ends with the speech."""
    if duration_s <= window_s:
        return [Window(0.0, duration_s)]
    hop_s = window_s / 2
    last_s = duration_s - window_s
    starts_s = [min(number * hop_s, last_s) for number in range(int(np.ceil(last_s / hop_s)) + 1)]
    return [Window(start_s, start_s + window_s) for start_s in starts_s]
