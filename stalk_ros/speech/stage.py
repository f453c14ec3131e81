"""The asr stage: audio in, voice activity and utterances out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ, Tape
from stalk_ros.backends import backend_class
from stalk_ros.clock import samples_to_ns, seconds_to_ns
from stalk_ros.events import Utterance, VoiceActivity
from stalk_ros.speech.backends import BACKENDS
from stalk_ros.speech.backends.silero import SileroVad
from stalk_ros.speech.endpointing import WINDOW_NS, Change, Endpointer
from stalk_ros.speech.muting import Muting
from stalk_ros.speech.partials import PartialSchedule
from stalk_ros.speech.progress import Progress
from stalk_ros.speech.side_by_side import SideBySide
from stalk_ros.speech.transcription import Segment, Transcriber, Transcript
from stalk_ros.speech.utterances import UtteranceWriter
from stalk_ros.speech.voice_activity import WINDOW, VoiceDetector

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    import numpy.typing as npt

    from stalk_ros.audio import Block
    from stalk_ros.speech.parameters import SpeechParameters

ACTIVITY_INTERVAL_NS = 96_000_000
"""Voice activity is reported this often while it does not change: with every third window of the detector, so
that whoever waits for a silence of some length hears of it within 0.1 s."""

_POST_ROLL_NS = 200_000_000


class SpeechStage:
    """Listens to one stream and has what is said in it written down.

    Listening is cheap and never waits for the engine: `listen` yields the segments to transcribe; the caller
    runs `transcribe` on them, in order, in whichever thread it likes, and hands the result to `finish`.
    `listen` and `finish` must not run at the same time. A segment that is not final may be left out.

    Attributes:
        detector: the voice activity detector in use.
        engine: the engine in use.
    """

    # The state of one stretch of audio, made anew by `_begin`.
    _now_ns: int
    _rest: npt.NDArray[np.float32]
    _tape: Tape
    _endpointer: Endpointer
    _start: Change

    def __init__(
        self, parameters: SpeechParameters, detector: VoiceDetector, transcriber: Transcriber
    ) -> None:
        self._parameters = parameters
        self.detector = detector
        self.engine = transcriber
        self._writer = UtteranceWriter(transcriber)
        self._partials = PartialSchedule(transcriber.overhead_s)
        self._muting = Muting()
        self._progress = Progress()
        self._activity = VoiceActivity(0, False, 0.0, 0, 0)
        self._now_ns = 0
        self._begin(0)

    @classmethod
    def load(cls, parameters: SpeechParameters, cores: int = 1) -> SpeechStage:
        """The stage with the engine its parameters name.

        Args:
            parameters: see `SpeechParameters`.
            cores: engines that take one core each may be so many, `SideBySide`.

        Raises:
            UserError: the backend is unknown, or its engine or model is missing.
        """
        make = backend_class("asr", BACKENDS, parameters.backend, parameters)
        detector = SileroVad(parameters.vad_model)
        engine = make(parameters)
        if cores > 1 and getattr(engine, "one_core", False):
            engine = SideBySide([engine, *(make(parameters) for _ in range(cores - 1))])
        return cls(parameters, detector, engine)

    @classmethod
    def without_engine(cls, parameters: SpeechParameters) -> SpeechStage:
        """The stage for who only wants to know when somebody speaks: nothing is written down.

        Raises:
            UserError: the voice activity detector or its model is missing.
        """
        return cls(parameters, SileroVad(parameters.vad_model), _NoEngine())

    def close(self) -> None:
        """End what runs beside this process and its threads; nothing can be transcribed any more."""
        if hasattr(self.engine, "close"):
            self.engine.close()

    @property
    def parameters(self) -> SpeechParameters:
        """The parameters in force; may be replaced at any time."""
        return self._parameters

    @parameters.setter
    def parameters(self, parameters: SpeechParameters) -> None:
        self._parameters = self._endpointer.parameters = parameters

    @property
    def removed(self) -> Counter[str]:
        """What the engine invented and took out, by kind: see `Removal`."""
        return self._writer.removed

    @property
    def lag_ns(self) -> int:
        """How long ago the first of the utterances ended that the engine has not finished; 0 without one."""
        return self._progress.lag_ns(self._now_ns)

    def listen(self, block: Block) -> Iterator[VoiceActivity | Segment]:
        """Add audio; yields voice activity, on every change and at most 0.1 s apart, and whole segments."""
        if block.restart:
            yield from self._end()
            self._begin(block.time_ns)
        heard = np.concatenate([self._rest, self._muting.heard(block)])
        whole = len(heard) - len(heard) % WINDOW
        self._rest = heard[whole:]
        for window in heard[:whole].reshape(-1, WINDOW):
            self._tape.append(window)
            self._now_ns += WINDOW_NS
            yield from self._step(self.detector.probability(window))

    @property
    def robot_speaking(self) -> bool:
        """Whether the robot speaks, as far as it has told."""
        return self._muting.speaking

    def robot_spoke(self, speaking: bool) -> None:
        """The robot begins to speak (``speaking``) or stops: nothing is heard until it is silent again."""
        self._muting.robot_spoke(speaking, self._parameters.robot_tail_s)

    def transcribe(self, segment: Segment) -> Utterance | None:
        """Run the engine; None when nothing was said, or nothing new that a partial could tell."""
        return self._writer.write(segment)

    def finish(self, segment: Segment, utterance: Utterance | None) -> VoiceActivity:
        """Note that a final segment is transcribed and published; returns the activity that says so."""
        self._progress.finish(segment, utterance)
        self._activity = self._progress.marked(self._activity, self._quiet_until_ns())
        return self._activity

    def taken_back(self, segment: Segment) -> Utterance | None:
        """For a final that the engine failed on: what takes back its partials, None where none were out."""
        return self._writer.taken_back(segment)

    def abandon(self) -> None:
        """Wait for no segment any more: those that are not finished will never be."""
        self._progress.abandon()
        # The engine may still work for the old one.
        removed, self._writer = self._writer.removed, UtteranceWriter(self.engine)
        self._writer.removed = removed

    def _begin(self, time_ns: int) -> None:
        self._progress.begin(time_ns, back=time_ns < self._now_ns)
        self._now_ns = self._begun_ns = time_ns
        self._rest = np.zeros(0, np.float32)
        self._tape = Tape(time_ns)
        self._endpointer = Endpointer(self._parameters, time_ns)
        self._report_due_ns = time_ns + ACTIVITY_INTERVAL_NS
        self._heard_until_ns = time_ns
        self._start = Change(True, time_ns)
        self.detector.reset()

    def _end(self) -> Iterator[VoiceActivity | Segment]:
        self._tape.append(self._rest)
        self._now_ns += samples_to_ns(len(self._rest), SAMPLE_RATE_HZ)
        changes = self._endpointer.finish()
        for change in changes:
            yield from self._segments(change)
        if self._now_ns > self._begun_ns:
            yield self._report(0.0)

    def _step(self, probability: float) -> Iterator[VoiceActivity | Segment]:
        changes = self._endpointer.step(probability, self._now_ns)
        for change in changes:
            yield from self._segments(change)
        if changes or self._now_ns >= self._report_due_ns:
            yield self._report(probability)
        if self._endpointer.speech:
            yield from self._partial()
        needed_ns = max(seconds_to_ns(self._parameters.pre_roll_s), self._start.overlap_ns)
        self._tape.forget(self._quiet_until_ns() - needed_ns)

    def _segments(self, change: Change) -> Iterator[Segment]:
        if change.speech:
            self._start = change
            self._partials.begin(change.at_ns)
            return
        segment = self._segment(change)
        self._heard_until_ns = segment.audio_start_ns + segment.audio_ns
        self._partials.end(change.at_ns, segment.audio_ns, self._parameters)
        self._progress.add(segment)
        yield segment

    def _partial(self) -> Iterator[Segment]:
        until_ns = self._endpointer.voiced_until_ns
        paused = self._now_ns >= until_ns + _POST_ROLL_NS
        if self._partials.due(self._now_ns, until_ns, paused, self._parameters):
            segment = replace(self._segment(Change(False, until_ns)), final=False)
            self._partials.listened(self._now_ns, until_ns, paused, segment.audio_ns)
            yield segment

    def _segment(self, end: Change) -> Segment:
        """The speech until ``end``, as the engine is to hear it."""
        start = self._start
        if start.cut:
            from_ns = start.at_ns - start.overlap_ns
        else:
            from_ns = max(start.at_ns - seconds_to_ns(self._parameters.pre_roll_s), self._heard_until_ns)
        until_ns = min(end.at_ns + (end.overlap_ns if end.cut else _POST_ROLL_NS), self._now_ns)
        audio, audio_start_ns = self._tape.clip(from_ns, until_ns)
        return Segment(
            f"u{start.at_ns // 1_000_000}",
            start.at_ns,
            end.at_ns,
            audio_start_ns,
            audio,
            cut=end.cut,
            continues=start.cut,
        )

    def _report(self, probability: float) -> VoiceActivity:
        self._report_due_ns = self._now_ns + ACTIVITY_INTERVAL_NS
        since_ns = self._endpointer.since_ns
        state = VoiceActivity(
            self._now_ns,
            self._endpointer.speech,
            probability,
            self._now_ns - since_ns,
            self._now_ns,
            muted=self._muting.is_muted(self._now_ns - 1),
        )
        self._activity = self._progress.new(state, self._quiet_until_ns())
        return self._activity

    def _quiet_until_ns(self) -> int:
        """When the speech, or the sound that may turn out to be speech, began; now without one."""
        if self._endpointer.speech:
            return self._endpointer.since_ns
        onset_ns = self._endpointer.onset_ns
        return self._now_ns if onset_ns is None else onset_ns


class _NoEngine:
    """A `Transcriber` that understands nothing."""

    name = "none"
    caveat = ""
    overhead_s = 0.0

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        return Transcript("", (), "", 0.0)
