"""Events as JSON lines."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from stalk_ros.events import Suggestion, Utterance, VoiceActivity
from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.times import RecordingTime


class JsonLines(Export):
    """Writes one JSON object per event; times are seconds of audio from its start.

    Args:
        file: where to write.
        times: of the recording.
    """

    def __init__(self, file: IO[str], times: RecordingTime) -> None:
        self._file = file
        self._times = times
        self._speech = False

    def write(self, event: Event) -> None:
        """Write an utterance, a suggestion or a change of voice activity; other events have no line."""
        record = self._record(event)
        if record is not None:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """See `Export.close`."""
        self._file.close()

    def _record(self, event: Event) -> dict[str, Any] | None:
        if isinstance(event, Utterance):
            return self._utterance(event)
        if isinstance(event, Suggestion):
            return self._suggestion(event)
        if isinstance(event, VoiceActivity) and event.speech != self._speech:
            self._speech = event.speech
            return {
                "type": "voice_activity",
                "time": self._times.seconds(event.since_ns),
                "speech": event.speech,
            }
        return None

    def _utterance(self, utterance: Utterance) -> dict[str, Any]:
        return {
            "type": "utterance",
            "id": self._times.own_id(utterance.utterance_id),
            "start": self._times.seconds(utterance.start_ns),
            "end": self._times.seconds(utterance.end_ns),
            "speaker": utterance.speaker_id,
            "name": utterance.speaker_name or None,
            "overlapped": utterance.overlapped,
            "overlapping_speakers": list(utterance.overlapping_speaker_ids),
            "text": utterance.text,
            "words": [
                [
                    word.text,
                    self._times.seconds(word.start_ns),
                    self._times.seconds(word.end_ns),
                    round(word.probability, 3),
                ]
                for word in utterance.words
            ],
            "language": utterance.language,
            "final": utterance.final,
        }

    def _suggestion(self, suggestion: Suggestion) -> dict[str, Any]:
        return {
            "type": "suggestion",
            "time": self._times.seconds(suggestion.time_ns),
            "id": self._times.own_id(suggestion.suggestion_id),
            "status": suggestion.status.name.lower(),
            "text": suggestion.text,
            "topic": suggestion.topic,
            "trigger": suggestion.trigger.name.lower(),
            "addressed_to": list(suggestion.addressed_to),
            "source": suggestion.source,
            "valid_until": self._times.seconds(suggestion.valid_until_ns),
        }
