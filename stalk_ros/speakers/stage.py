"""The diarization stage: audio and utterances in, utterances with their speakers out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ, TapeStore
from stalk_ros.backends import backend_class
from stalk_ros.clock import ns_to_seconds
from stalk_ros.speakers.attribution import attributed
from stalk_ros.speakers.backends import BACKENDS
from stalk_ros.speakers.clustering import VoiceClusters
from stalk_ros.speakers.people import People
from stalk_ros.speakers.profiles.store import ProfileStore, store_path
from stalk_ros.speakers.requests import Enrolments
from stalk_ros.speakers.resemblance import Speech, Window, apart

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
    audio starts anew. Those who are enrolled have the same id in every session.

    Attributes:
        engine: the engine in use.
        people: who is enrolled.
        enrolments: enrols those who are heard.
    """

    def __init__(self, parameters: SpeakerParameters, embedder: SpeakerEmbedder) -> None:
        self.engine = embedder
        self._audio = TapeStore(_MEMORY_S)
        self._voices = VoiceClusters(parameters, embedder.calibration)
        store = ProfileStore(store_path(parameters.store, embedder.model_id), embedder.model_id)
        self.people = People(store, embedder.calibration, parameters.owner)
        self.enrolments = Enrolments(self.people)

    @classmethod
    def load(cls, parameters: SpeakerParameters) -> SpeakerStage:
        """The stage with the engine its parameters name.

        Raises:
            UserError: the backend is unknown, or its engine or model is missing.
        """
        engine = backend_class("diarization", BACKENDS, parameters.backend, parameters.model)
        return cls(parameters, engine(parameters.model))

    @property
    def parameters(self) -> SpeakerParameters:
        """The parameters in force; may be replaced at any time."""
        return self._voices.parameters

    @parameters.setter
    def parameters(self, parameters: SpeakerParameters) -> None:
        self._voices.parameters = parameters
        self.people.owner = parameters.owner

    def hear(self, block: Block) -> None:
        """Add audio."""
        self._audio.append(block)
        self.enrolments.heard(block.end_ns, block.restart)

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
        return [
            replace(
                utterance,
                speaker_id=guess.speaker_id,
                speaker_name=guess.speaker_name,
                speaker_confidence=guess.speaker_confidence,
            )
        ]

    def pause(self) -> None:
        """Keep what was learnt of those who are enrolled, and listen to nobody in order to enrol them."""
        self.people.save()
        self.enrolments.abandon("nobody listens any more")

    def forget(self, speaker_id: str) -> None:
        """Delete all that is known of a voice, on disk too; it has a new id when it is heard again.

        Raises:
            UserError: there is no such voice, or the file cannot be written.
        """
        voices = self.people.forget(speaker_id)
        self.enrolments.forget(voices)

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
        if utterance.final:
            self.people.meet(self._voices.voices, self._voices.cohesion)
        path = replace(path, voices=np.array([self.people.same(voice) for voice in path.voices.tolist()]))
        ids = {voice: self.people.speaker_id(voice) for voice in sorted(set(path.voices.tolist()))}
        parts = attributed(utterance, path, ids)
        return [self._recognised(utterance, part, ids, places, embeddings) for part in parts]

    def _recognised(
        self,
        utterance: Utterance,
        part: Utterance,
        ids: dict[int, str],
        windows: list[Window],
        embeddings: npt.NDArray[np.float32],
    ) -> Utterance:
        """A part of an utterance with the name of its speaker; what is learnt from it is learnt here."""
        (voice,) = (voice for voice, speaker_id in ids.items() if speaker_id == part.speaker_id)
        start_s = ns_to_seconds(part.start_ns - utterance.start_ns)
        end_s = ns_to_seconds(part.end_ns - utterance.start_ns)
        rows = [
            row for row, window in enumerate(windows) if start_s <= window.start_s and window.end_s <= end_s
        ]
        speech = Speech(embeddings[rows], apart([windows[row] for row in rows]))
        name, confidence = self.people.named(part, voice, speech)
        if part.final:
            self.people.learn(part, voice, speech)
            self.enrolments.said(part, voice)
        return replace(part, speaker_name=name, speaker_confidence=confidence)

    def _embed(self, audio: npt.NDArray[np.float32], windows: list[Window]) -> npt.NDArray[np.float32]:
        pieces = [
            audio[round(window.start_s * SAMPLE_RATE_HZ) : round(window.end_s * SAMPLE_RATE_HZ)]
            for window in windows
        ]
        batches = [
            self.engine.embed(pieces[first : first + _BATCH]) for first in range(0, len(pieces), _BATCH)
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
