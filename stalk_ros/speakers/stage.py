"""The diarization stage: audio and utterances in, utterances with their speakers out."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from stalk_ros.audio import TapeStore
from stalk_ros.backends import backend_class
from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import ROBOT
from stalk_ros.speakers.answers import CheckedEmbedder
from stalk_ros.speakers.attribution import attributed
from stalk_ros.speakers.backends import BACKENDS
from stalk_ros.speakers.clustering import VoiceClusters
from stalk_ros.speakers.echo import Echo
from stalk_ros.speakers.listening import Heard, ending, listen
from stalk_ros.speakers.overlap import marked, overlaps
from stalk_ros.speakers.people import People
from stalk_ros.speakers.profiles.store import ProfileStore, store_path
from stalk_ros.speakers.requests import Enrolments

if TYPE_CHECKING:
    from collections.abc import Callable

    from stalk_ros.audio import Block
    from stalk_ros.events import Suggestion, Utterance, VoiceActivity
    from stalk_ros.speakers.embedding import SpeakerEmbedder
    from stalk_ros.speakers.parameters import SpeakerParameters

_MEMORY_S = 300.0
"""Audio kept for utterances that are still being transcribed."""

_NEW_STREAM_NS = 2_000_000_000
"""Activity may be told again, but not as old as this: then the audio has begun anew."""

_SURE_SPEECH = 0.95
"""As probable as this it is speech: `SpeechParameters.speech_threshold` is not above it."""


class SpeakerStage:
    """Tells who said what; one thread at a time calls it.

    Speakers are S1, S2, … in the order in which they are first heard, for the whole session, also when the
    audio starts anew. Those who are enrolled have the same id in every session.

    A final utterance is settled by what is said until `SpeakerParameters.settle_s` after its end, whenever
    the transcript of that arrives: what comes out depends on the audio alone. Until then it is published as a
    partial.

    Attributes:
        engine: the engine in use.
        people: who is enrolled.
        enrolments: enrols those who are heard.
    """

    def __init__(self, parameters: SpeakerParameters, embedder: SpeakerEmbedder) -> None:
        self.engine = embedder
        self._embedder = CheckedEmbedder(embedder)
        self._audio = TapeStore(_MEMORY_S)
        self._voices = VoiceClusters(parameters, embedder.calibration)
        self._unsettled: deque[Heard] = deque()
        self._activity: VoiceActivity | None = None
        self._now_ns = self._latest_end_ns = 0
        self._left: list[Utterance] = []
        self._echo = Echo()
        self._last_voice = ""
        store = ProfileStore(store_path(parameters.store, embedder.model_id), embedder.model_id)
        self.people = People(store, embedder.calibration, parameters.owner)
        self.enrolments = Enrolments(self.people)

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
        self.people.owner = parameters.owner

    def hear(self, block: Block) -> None:
        """Add audio."""
        self._audio.append(block)
        self._now_ns = block.end_ns
        self.enrolments.heard(block)

    def heard(self, utterance: Utterance) -> bool:
        """Whether the audio of the utterance has come, so that it can be attributed."""
        return self._audio.reached(utterance.end_ns)

    def follow(self, activity: VoiceActivity) -> None:
        """Note how far the transcript has come; needed where utterances settle later than they end."""
        self._echo.follow(activity)
        if self._activity is None or activity.time_ns >= self._activity.time_ns:
            self._activity = activity
        elif activity.time_ns < self._activity.time_ns - _NEW_STREAM_NS:
            # The audio has begun anew: what is unsettled stays as it is.
            self._left = self.finish()
            self._echo.new_stream()
            self._activity, self._latest_end_ns = activity, 0

    def offered(self, suggestion: Suggestion) -> None:
        """Note what the robot may say: where it is heard, it is `ROBOT` who said it."""
        self._echo.offered(suggestion)

    def attribute(self, utterance: Utterance) -> list[Utterance]:
        """Say who spoke, in one utterance or in several where the voice changes.

        A partial is attributed to a known voice, and nothing is learnt from it. Where the audio is missing,
        silent or not finite, no voice is known or nothing was said, an utterance comes back as it is:
        ``speaker_id`` "" and confidence 0.

        Returns:
            What settles because of this utterance, and the utterance itself: a partial while it may change.
        """
        if not utterance.final:
            guess = self._name(self._listen(ending(utterance)), utterance)[-1]
            return [
                replace(
                    utterance,
                    speaker_id=guess.speaker_id,
                    speaker_name=guess.speaker_name,
                    speaker_confidence=guess.speaker_confidence,
                )
            ]
        # First what may fail: what has settled must not be lost with it.
        heard = self._listen(utterance)
        settled = self._settle(lambda earlier: self._settles_ns(earlier) < utterance.end_ns)
        if heard.windows:
            self._voices.uncounted = int(self._echo.is_heard(utterance))
            self._voices.learn(heard.windows, heard.embeddings)
            heard_voices = self._voices.voices.items()
            people = {voice: speech for voice, speech in heard_voices if not self._echo.is_robot(voice)}
            self.people.meet(people, self._voices.cohesion)
        if not self._is_before_jump(utterance):
            self._latest_end_ns = max(self._latest_end_ns, utterance.end_ns)
        self._unsettled.append(heard)
        if not self.parameters.settle_s:
            return settled + self.finish()
        unsettled = replace(utterance, final=False)
        return settled + self._name(replace(heard, utterance=unsettled), unsettled)

    def settled(self) -> list[Utterance]:
        """The final utterances that nothing can change any more, by the audio and activity that have come."""
        return self._take_left() + self._settle(self._is_settled)

    def finish(self) -> list[Utterance]:
        """The final utterances that are left, when nothing more will come."""
        return self._take_left() + self._settle(lambda heard: True)

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
        for voice in voices:
            self._voices.forget(voice)

    def _take_left(self) -> list[Utterance]:
        left, self._left = self._left, []
        return left

    def _settle(self, ready: Callable[[Heard], bool]) -> list[Utterance]:
        settled: list[Utterance] = []
        while self._unsettled and ready(self._unsettled[0]):
            heard = self._unsettled.popleft()
            settled += self._name(heard, heard.utterance)
        return settled

    def _settles_ns(self, heard: Heard) -> int:
        return heard.utterance.end_ns + seconds_to_ns(self.parameters.settle_s)

    def _is_settled(self, heard: Heard) -> bool:
        """Whether all that was said until the utterance settles has been attributed."""
        activity, until_ns = self._activity, self._settles_ns(heard)
        if self._is_before_jump(heard.utterance):
            return activity is not None and activity.time_ns <= self._now_ns
        stretch_end_ns = self._audio.end_of_stretch_ns(heard.utterance.end_ns)
        if stretch_end_ns is not None:
            until_ns = min(until_ns, stretch_end_ns)
        if (
            activity is None
            or activity.time_ns < until_ns
            or activity.last_utterance_end_ns > self._latest_end_ns
        ):
            return False
        # Somebody speaks, not only pauses, and all before is out: what is being said ends later.
        speaking = activity.speech and activity.probability >= _SURE_SPEECH
        alone = activity.transcribed_until_ns >= activity.since_ns
        return (speaking and alone) or activity.transcribed_until_ns >= until_ns

    def _is_before_jump(self, utterance: Utterance) -> bool:
        """Whether the audio has jumped back since; what is transcribed late comes when time began anew."""
        end_ns, begun_ns = self._audio.end_of_stretch_ns(utterance.end_ns), self._audio.begun_ns
        # What ends, or goes on after a gap, has not jumped back.
        jumped = end_ns is not None and begun_ns is not None and begun_ns < end_ns
        return jumped and (self._transcript_is_behind() or utterance.end_ns > self._now_ns)

    def _transcript_is_behind(self) -> bool:
        """Whether what is transcribed now was said before the latest stretch of audio."""
        activity, begun_ns = self._activity, self._audio.begun_ns
        return activity is not None and begun_ns is not None and activity.transcribed_until_ns < begun_ns

    def _listen(self, utterance: Utterance) -> Heard:
        window_s = self.engine.calibration.window_s
        return listen(utterance, self._audio, self._embedder, window_s, self._transcript_is_behind())

    def _name(self, heard: Heard, whole: Utterance) -> list[Utterance]:
        """The utterance, or its parts, with their speakers as far as is known now.

        Args:
            heard: all of the utterance, or the end of a partial.
            whole: the utterance.
        """
        path = self._voices.follow(heard.windows, heard.embeddings) if heard.windows else None
        if path is None:
            return [replace(heard.utterance, speaker_id="", speaker_confidence=0.0)]
        # Several voices can be one person.
        voices = {voice: self.people.same(voice) for voice in self._voices.voices}
        parts = attributed(
            heard.utterance, path, {voice: str(same) for voice, same in voices.items()}, self._last_voice
        )
        pieces = [piece for part in parts for piece in self._told_apart(part, whole)]
        if whole.final:
            # What is short and follows the robot is hardly the robot again.
            self._last_voice = next(
                (str(voice) for _, voice, is_robot in reversed(pieces) if not is_robot), self._last_voice
            )
        places = overlaps(heard.windows, heard.embeddings, self.engine.calibration)
        named = [replace(piece, speaker_id=self._id(voice, is_robot)) for piece, voice, is_robot in pieces]
        ids = [
            self._id(same, is_robot)
            for same in voices.values()
            if (is_robot := self._echo.is_robot(same)) or self.people.numbered(same)
        ]
        return [
            part if part.speaker_id == ROBOT else self._recognised(part, voice, heard)
            for part, (_, voice, _) in zip(marked(named, places, ids), pieces, strict=True)
        ]

    def _told_apart(self, part: Utterance, whole: Utterance) -> list[tuple[Utterance, int, bool]]:
        """The part in pieces, each with its voice and whether it is the robot's."""
        voice = int(part.speaker_id)
        heard = part if part.final else whole
        pieces = self._echo.told_apart(part, heard, voice, self.people.enrolled(voice))
        return [(piece, voice, is_robot) for piece, is_robot in pieces]

    def _id(self, voice: int, is_robot: bool) -> str:
        return ROBOT if is_robot else self.people.speaker_id(voice)

    def _recognised(self, part: Utterance, voice: int, heard: Heard) -> Utterance:
        """A part of an utterance with the name of its speaker; when it is final, it is learnt from."""
        speech = heard.speech(part)
        name, confidence = self.people.named(part, voice, speech)
        if part.final:
            self.people.learn(part, voice, speech)
            self.enrolments.said(part, voice)
        return replace(part, speaker_name=name, speaker_confidence=confidence)
