"""Utterances out of what the engine understands in segments of speech."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.errors import EngineError, UserError
from stalk_ros.events import Utterance, Word, joined
from stalk_ros.speech.answers import checked
from stalk_ros.speech.transcription import Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.speech.transcription import Segment, TranscribedWord, Transcriber


@dataclass(frozen=True)
class _Said:
    """What was said before a cut, and when its last word ended."""

    text: str = ""
    until_ns: int = 0


@dataclass(frozen=True, eq=False)
class _Pass:
    """What the engine answered to a segment, and what it was asked."""

    segment: Segment
    context: str
    transcript: Transcript

    def answers(self, segment: Segment, context: str) -> bool:
        """Whether asking again would give the same."""
        mine = self.segment
        return (
            mine.utterance_id == segment.utterance_id
            and mine.audio_start_ns == segment.audio_start_ns
            and len(mine.audio) == len(segment.audio)
            and self.context == context
        )


class UtteranceWriter:
    """Turns segments of speech into utterances; takes them in the order of the audio.

    Partials follow LocalAgreement-2 (Liu et al. 2020, "Low-latency sequence-to-sequence speech recognition
    and translation by partial hypothesis selection"): only the words that two successive passes agree on are
    out, and what is out stays as it is until the final. A final takes over the pass of a partial that heard
    the same audio, so a turn whose end was guessed right costs nothing more.

    Where speech was cut, both parts hear the word at the cut and the times of words decide whose it is.

    Attributes:
        removed: what engines invented and took out of finals, by kind.
    """

    def __init__(self, transcriber: Transcriber) -> None:
        self.removed: Counter[str] = Counter()
        self._transcriber = transcriber
        self._before = _Said()
        self._latest: _Pass | None = None
        self._partial_of: str
        self._previous: tuple[Word, ...]
        self._agreed: tuple[Word, ...]
        self._forget_partials()

    def write(self, segment: Segment) -> Utterance | None:
        """The utterance in a segment.

        None when nothing was understood, or for a partial nothing new. A final in which nothing was
        understood comes with an empty text when it has to take back its partials.
        """
        before = self._before if segment.continues else _Said()
        if segment.final:
            self._before = _Said()  # should the engine fail, the next part stands alone
        transcript = self._understood(segment, before.text)
        own = _own(segment, transcript, before.until_ns)
        words = tuple(_placed(word, segment) for word in own)
        if not segment.final:
            return self._partial(segment, transcript, words)
        text = transcript.text
        if len(own) < len(transcript.words):
            text = joined((word.text for word in words), transcript.language)
        self.removed.update(removal.kind for removal in transcript.removed)
        self._before = _Said(text, _time_ns(own[-1].end_s, segment) if own else before.until_ns)
        if not text:
            return self.taken_back(segment)
        self._forget_partials()
        return _utterance(segment, transcript, text, words)

    def taken_back(self, segment: Segment) -> Utterance | None:
        """A final with an empty text if partials of the segment's utterance are out, None if none are."""
        out = self._agreed and self._partial_of == segment.utterance_id
        self._forget_partials()
        return _utterance(segment, Transcript("", (), "", 0.0), "", ()) if out else None

    def _forget_partials(self) -> None:
        self._partial_of, self._previous, self._agreed = "", (), ()

    def _understood(self, segment: Segment, context: str) -> Transcript:
        latest, self._latest = self._latest, None
        if latest is None or not latest.answers(segment, context):
            answer = self._answer(segment, context)
            duration_s = ns_to_seconds(segment.audio_ns)
            latest = _Pass(segment, context, checked(answer, duration_s, self._transcriber.name))
        if not segment.final:
            self._latest = latest
        return latest.transcript

    def _answer(self, segment: Segment, context: str) -> Transcript:
        try:
            return self._transcriber.transcribe(segment.audio, context)
        except (UserError, EngineError):
            raise
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise EngineError(f"engine '{self._transcriber.name}' failed: {reason}") from error

    def _partial(self, segment: Segment, transcript: Transcript, words: tuple[Word, ...]) -> Utterance | None:
        if self._partial_of != segment.utterance_id:
            self._forget_partials()
            self._partial_of = segment.utterance_id
        agreed = words[: _agreement(self._previous, words)]
        self._previous = words
        new = _beyond(self._agreed, agreed)
        if not new:
            return None
        self._agreed += new
        text = joined((word.text for word in self._agreed), transcript.language)
        return _utterance(segment, transcript, text, self._agreed)


def _utterance(segment: Segment, transcript: Transcript, text: str, words: tuple[Word, ...]) -> Utterance:
    return Utterance(
        segment.utterance_id,
        segment.start_ns,
        segment.end_ns,
        text,
        words,
        transcript.language,
        transcript.confidence,
        final=segment.final,
    )


def _own(segment: Segment, transcript: Transcript, said_until_ns: int) -> list[TranscribedWord]:
    """The words that belong to this segment and not to its neighbour beyond a cut."""
    shared = segment.cut and segment.audio_start_ns + segment.audio_ns > segment.end_ns

    def owned(word: TranscribedWord) -> bool:
        middle_ns = _time_ns((word.start_s + word.end_s) / 2, segment)
        return said_until_ns <= middle_ns and not (shared and middle_ns >= segment.end_ns)

    return [word for word in transcript.words if owned(word)]


def _placed(word: TranscribedWord, segment: Segment) -> Word:
    """The word in absolute time; the pre-roll may lead an engine to start it before anybody spoke."""

    def placed(seconds: float) -> int:
        return min(max(_time_ns(seconds, segment), segment.start_ns), segment.end_ns)

    return Word(word.text, placed(word.start_s), placed(word.end_s), word.probability)


def _time_ns(seconds: float, segment: Segment) -> int:
    return segment.audio_start_ns + seconds_to_ns(seconds)


def _beyond(out: tuple[Word, ...], agreed: tuple[Word, ...]) -> tuple[Word, ...]:
    """The agreed words after those that are out, be it by what is said or, where that differs, by time."""
    if not out or _agreement(out, agreed) == len(out):
        return agreed[len(out) :]
    return tuple(word for word in agreed if word.start_ns + word.end_ns >= 2 * out[-1].end_ns)


def _agreement(one: Sequence[Word], other: Sequence[Word]) -> int:
    """Length of the common beginning of two word sequences."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a.text != b.text:
            return index
    return min(len(one), len(other))
