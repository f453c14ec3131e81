"""Running the stages in a recording, and measuring what comes out and what it takes."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stalk_ros.audio import AudioChunk, MalformedAudioError, malformed
from stalk_ros.clock import NANOSECONDS
from stalk_ros.events import Suggestion, Utterance, VoiceActivity
from stalk_ros.offline.conversation import Conversation
from stalk_ros.offline.evaluation.heard import Heard, Told
from stalk_ros.offline.evaluation.memory import Peak
from stalk_ros.offline.evaluation.scores import Ratio, Scores
from stalk_ros.offline.evaluation.scoring import score
from stalk_ros.offline.evaluation.stopwatch import watched
from stalk_ros.offline.progress import complain
from stalk_ros.offline.sources import open_recording
from stalk_ros.offline.times import RecordingTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.evaluation.corpus import Known
    from stalk_ros.offline.recording import Recording

REAL_TIME_FACTOR = "real-time factor"
"""Computing time of all per second of audio; followed by the name of an engine, the time that it works."""


@dataclass(frozen=True)
class Outcome:
    """What came out of a recording.

    Attributes:
        scores: all measures, with `REAL_TIME_FACTOR` among the ratios.
        engines: name of a node to the name of its engine.
        peak_mib: the most memory that was held at once, see `memory`.
    """

    scores: Scores
    engines: dict[str, str]
    peak_mib: float


def measure(known: Known, configuration: Configuration, advance: Callable[[float], None]) -> Outcome:
    """All measures of a recording.

    Args:
        known: the recording.
        configuration: parameters of the stages.
        advance: called with the seconds of audio that have been heard since the last call.

    Raises:
        UserError: the recording cannot be read, or an engine is missing.
        EngineError: an engine failed.
    """
    recording = open_recording(known.path, known.topic, configuration.audio_capture.chunk_s)
    listener = _Listener(configuration.asr.partials)
    with contextlib.closing(Conversation(configuration, listener.written)) as conversation:
        with watched(conversation.calls()) as watches, Peak() as peak:
            began_s = time.perf_counter()
            heard = listener.listen(conversation, recording, advance)
            took_s = time.perf_counter() - began_s
        engines = conversation.engines
    refused = f"{listener.refused} chunks of audio were refused" if listener.refused else ""
    for problem in (recording.problem, refused, conversation.problem):
        if problem:
            complain(f"{known.name}: {problem}")
    scores = score(known.reference, heard)
    speed = {REAL_TIME_FACTOR: Ratio(took_s, heard.duration_s)}
    for name, watch in watches.items():
        speed[f"{REAL_TIME_FACTOR} {name}"] = Ratio(watch.seconds, heard.duration_s)
    return Outcome(replace(scores, ratios=scores.ratios | speed), engines, peak.mib)


class _Listener:
    """Takes down what comes out of a recording, in the time of the recording's first stream."""

    def __init__(self, partials: bool) -> None:
        self.refused = 0
        self._partials = partials
        self._times = RecordingTime()
        self._start_ns: int | None = None
        self._audio_ns = 0
        self._now_ns = 0
        self._told: list[Told] = []
        self._written: list[Told] = []
        self._speech = False
        self._speech_ns: list[tuple[int, int]] = []

    def listen(
        self, conversation: Conversation, recording: Recording, advance: Callable[[float], None]
    ) -> Heard:
        for item in conversation.ahead(recording.items()):
            with self._counting_refusals():
                if isinstance(item, AudioChunk):
                    advance(self._hear(item) / NANOSECONDS)
                for event in conversation.feed(item):
                    self._take(event)
        start_ns = self._start_ns or 0
        duration_s = max(self._audio_ns, self._now_ns - start_ns) / NANOSECONDS
        return Heard(start_ns, duration_s, tuple(self._told), tuple(self._written), tuple(self._speech_ns))

    def written(self, utterance: Utterance) -> None:
        """Take what was said, before anybody knows who said it."""
        if utterance.final:
            self._written.append(Told(_earlier(utterance, self._shift_ns), self._now_ns))

    @contextlib.contextmanager
    def _counting_refusals(self) -> Iterator[None]:
        try:
            yield
        except MalformedAudioError:
            self.refused += 1

    def _hear(self, chunk: AudioChunk) -> int:
        """Note the audio that comes next; returns its length in ns."""
        if reason := malformed(len(chunk.samples), chunk.sample_rate_hz, chunk.channels):
            raise MalformedAudioError(reason)
        self._times.hear(chunk)
        if self._start_ns is None:
            self._start_ns = self._times.origin_ns
        length_ns = chunk.duration_ns
        self._audio_ns += length_ns
        self._now_ns = chunk.stamp_ns + length_ns - self._shift_ns
        return length_ns

    @property
    def _shift_ns(self) -> int:
        """How much later the stamps of this stream are than if it had followed the first one."""
        return self._times.origin_ns - (self._start_ns or 0)

    def _take(self, event: Event) -> None:
        if isinstance(event, VoiceActivity):
            self._follow(event)
        elif isinstance(event, Suggestion) or (
            isinstance(event, Utterance) and (event.final or self._partials)
        ):
            self._told.append(Told(_earlier(event, self._shift_ns), self._now_ns))

    def _follow(self, activity: VoiceActivity) -> None:
        since_ns, time_ns = activity.since_ns - self._shift_ns, activity.time_ns - self._shift_ns
        spans = self._speech_ns
        if activity.speech:
            if spans and spans[-1][0] == since_ns:
                spans.pop()
            spans.append((since_ns, time_ns))
        elif spans and self._speech:
            spans[-1] = (spans[-1][0], max(spans[-1][0], since_ns))
        self._speech = activity.speech


def _earlier(event: Utterance | Suggestion, shift_ns: int) -> Utterance | Suggestion:
    if isinstance(event, Suggestion):
        time_ns, valid_until_ns = event.time_ns - shift_ns, event.valid_until_ns - shift_ns
        return replace(event, time_ns=time_ns, valid_until_ns=valid_until_ns)
    words = tuple(
        replace(word, start_ns=word.start_ns - shift_ns, end_ns=word.end_ns - shift_ns)
        for word in event.words
    )
    return replace(event, start_ns=event.start_ns - shift_ns, end_ns=event.end_ns - shift_ns, words=words)
