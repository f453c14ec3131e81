"""The diarization stage: audio and utterances in, utterances with their speakers out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ, TapeStore
from stalk_ros.backends import backend_class
from stalk_ros.clock import ns_to_seconds
from stalk_ros.speakers.answers import CheckedEmbedder
from stalk_ros.speakers.attribution import attributed
from stalk_ros.speakers.backends import BACKENDS
from stalk_ros.speakers.clustering import VoiceClusters
from stalk_ros.speakers.resemblance import Window

if TYPE_CHECKING:
    import numpy.typing as npt

    from stalk_ros.audio import Block
    from stalk_ros.events import Utterance
    from stalk_ros.speakers.embedding import SpeakerEmbedder
    from stalk_ros.speakers.parameters import SpeakerParameters

_MEMORY_S = 300.0
"""Audio kept for utterances that are still being transcribed."""

_PARTIAL_NS = 2_000_000_000
"""A partial has the voice of its end, of which this much is listened to."""

_BATCH = 64


class SpeakerStage:
    """Tells who said what; one thread at a time calls it.

    Speakers are S1, S2, … in the order in which they are first heard, for the whole session, also when the
    audio starts anew.

    Attributes:
        engine: the engine in use.
    """

    def __init__(self, parameters: SpeakerParameters, embedder: SpeakerEmbedder) -> None:
        self.engine = embedder
        self._embedder = CheckedEmbedder(embedder)
        self._audio = TapeStore(_MEMORY_S)
        self._voices = VoiceClusters(parameters, embedder.calibration)

    @classmethod
    def load(cls, parameters: SpeakerParameters) -> SpeakerStage:
        """The stage with the engine its parameters name.

        Raises:
            UserError: the backend is unknown, or its engine or model is missing.
        """
        engine = backend_class("diarization", BACKENDS, parameters.backend, parameters)
        return cls(parameters, engine(parameters))

    @property
    def parameters(self) -> SpeakerParameters:
        """The parameters in force; may be replaced at any time."""
        return self._voices.parameters

    @parameters.setter
    def parameters(self, parameters: SpeakerParameters) -> None:
        self._voices.parameters = parameters

    def hear(self, block: Block) -> None:
        """Add audio."""
        self._audio.append(block)

    def heard(self, utterance: Utterance) -> bool:
        """Whether the audio of the utterance has come, so that it can be attributed."""
        return self._audio.reached(utterance.end_ns)

    def attribute(self, utterance: Utterance) -> list[Utterance]:
        """Say who spoke, in one utterance or in several where the voice changes.

        A partial is attributed to a known voice, and nothing is learnt from it. Where the audio is missing,
        silent or not finite, no voice is known or nothing was said, an utterance comes back as it is:
        ``speaker_id`` "" and confidence 0.
        """
        if not utterance.text:
            return [replace(utterance, speaker_id="", speaker_confidence=0.0)]
        if utterance.final:
            return self._attribute(utterance)
        (guess,) = self._attribute(_ending(utterance))
        speaker_id, confidence = guess.speaker_id, guess.speaker_confidence
        return [replace(utterance, speaker_id=speaker_id, speaker_confidence=confidence)]

    def _attribute(self, utterance: Utterance) -> list[Utterance]:
        audio, audio_start_ns = self._audio.clip(utterance.start_ns, utterance.end_ns)
        duration_s = ns_to_seconds(utterance.end_ns - utterance.start_ns)
        if len(audio) < duration_s * SAMPLE_RATE_HZ / 2 or not _is_sound(audio):
            return [replace(utterance, speaker_id="", speaker_confidence=0.0)]
        windows = _windows(len(audio) / SAMPLE_RATE_HZ, self.engine.calibration.window_s)
        embeddings = self._embed(audio, windows)
        lost_s = ns_to_seconds(audio_start_ns - utterance.start_ns)
        places = [Window(window.start_s + lost_s, window.end_s + lost_s) for window in windows]
        path = self._voices.follow(places, embeddings, learn=utterance.final)
        if path is None:
            return [replace(utterance, speaker_id="", speaker_confidence=0.0)]
        names = [f"S{number + 1}" for number in range(len(self._voices))]
        return attributed(utterance, path, names)

    def _embed(self, audio: npt.NDArray[np.float32], windows: list[Window]) -> npt.NDArray[np.float32]:
        pieces = [
            audio[round(window.start_s * SAMPLE_RATE_HZ) : round(window.end_s * SAMPLE_RATE_HZ)]
            for window in windows
        ]
        batches = [
            self._embedder.embed(pieces[first : first + _BATCH]) for first in range(0, len(pieces), _BATCH)
        ]
        return np.concatenate(batches)


def _is_sound(audio: npt.NDArray[np.float32]) -> bool:
    """Whether there is anything to hear, and only numbers: a single NaN would spoil a voice for ever."""
    return bool(0.0 < np.dot(audio, audio) < np.inf)


def _ending(partial: Utterance) -> Utterance:
    """The end of a partial: it grows, and to embed all of it each time would cost more the longer it gets."""
    start_ns = max(partial.start_ns, partial.end_ns - _PARTIAL_NS)
    words = tuple(word for word in partial.words if word.end_ns > start_ns)
    return replace(partial, start_ns=start_ns, words=words)


def _windows(duration_s: float, window_s: float) -> list[Window]:
    """Windows that overlap by half and cover everything; the last one ends with the speech."""
    if duration_s <= window_s:
        return [Window(0.0, duration_s)]
    hop_s = window_s / 2
    last_s = duration_s - window_s
    starts_s = [min(number * hop_s, last_s) for number in range(int(np.ceil(last_s / hop_s)) + 1)]
    return [Window(start_s, start_s + window_s) for start_s in starts_s]
