"""Events as files: JSON lines and RTTM."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from stalk_ros.clock import NANOSECONDS
from stalk_ros.errors import UserError
from stalk_ros.events import Suggestion, Utterance, VoiceActivity

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.conversation import Event


class JsonLines:
    """Writes one JSON object per event; times are seconds of audio from its start.

    Args:
        file: where to write.
        origin_ns: the time of the first sample; may be changed when another stream begins.
    """

    def __init__(self, file: IO[str], origin_ns: int = 0) -> None:
        self._file = file
        self.origin_ns = origin_ns
        self._speech = False

    def write(self, event: Event) -> None:
        """Write an utterance, a suggestion or a change of voice activity; other events have no line."""
        record = self._record(event)
        if record is not None:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()

    def _record(self, event: Event) -> dict[str, Any] | None:
        if isinstance(event, Utterance):
            return self._utterance(event)
        if isinstance(event, Suggestion):
            return self._suggestion(event)
        if isinstance(event, VoiceActivity) and event.speech != self._speech:
            self._speech = event.speech
            return {"type": "voice_activity", "time": self._time(event.since_ns), "speech": event.speech}
        return None

    def _utterance(self, utterance: Utterance) -> dict[str, Any]:
        return {
            "type": "utterance",
            "id": utterance.utterance_id,
            "start": self._time(utterance.start_ns),
            "end": self._time(utterance.end_ns),
            "speaker": utterance.speaker_id,
            "name": utterance.speaker_name or None,
            "overlapped": utterance.overlapped,
            "overlapping_speakers": list(utterance.overlapping_speaker_ids),
            "text": utterance.text,
            "words": [
                [word.text, self._time(word.start_ns), self._time(word.end_ns), round(word.probability, 3)]
                for word in utterance.words
            ],
            "language": utterance.language,
            "final": utterance.final,
        }

    def _suggestion(self, suggestion: Suggestion) -> dict[str, Any]:
        return {
            "type": "suggestion",
            "time": self._time(suggestion.time_ns),
            "id": suggestion.suggestion_id,
            "status": suggestion.status.name.lower(),
            "text": suggestion.text,
            "topic": suggestion.topic,
            "trigger": suggestion.trigger.name.lower(),
            "addressed_to": list(suggestion.addressed_to),
            "source": suggestion.source,
            "valid_until": self._time(suggestion.valid_until_ns),
        }

    def _time(self, time_ns: int) -> float:
        return round((time_ns - self.origin_ns) / NANOSECONDS, 3)


class Rttm:
    """Writes who spoke when, one line per attributed final utterance, in NIST's RTTM format.

    Args:
        file: where to write.
        recording: name of the recording.
        origin_ns: the time of the first sample.
    """

    def __init__(self, file: IO[str], recording: str, origin_ns: int = 0) -> None:
        self._file = file
        self._recording = _field(recording)
        self._origin_ns = origin_ns

    def write(self, event: Event) -> None:
        """Write an utterance; other events have no line."""
        if isinstance(event, Utterance) and event.final and event.speaker_id:
            start_s = (event.start_ns - self._origin_ns) / NANOSECONDS
            duration_s = (event.end_ns - event.start_ns) / NANOSECONDS
            speaker = _field(event.speaker_name or event.speaker_id)
            self._file.write(
                f"SPEAKER {self._recording} 1 {start_s:.3f} {duration_s:.3f} <NA> <NA> {speaker} <NA> <NA>\n"
            )
            self._file.flush()


def _field(text: str) -> str:
    """The text without the spaces that separate the fields of RTTM."""
    return "_".join(text.split()) or "<NA>"


def created(path: Path) -> IO[str]:
    """A new text file; its folder is made when it is missing.

    Raises:
        UserError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"cannot write '{path}': {error.strerror}") from None
