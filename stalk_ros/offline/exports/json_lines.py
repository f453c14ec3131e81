"""Events as JSON lines."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from stalk_ros.events import Suggestion, Utterance, VoiceActivity
from stalk_ros.offline.exports.export import Export
from stalk_ros.offline.exports.files import put_in_order

if TYPE_CHECKING:
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.times import RecordingTime

_KINDS = ("voice_activity", "utterance", "suggestion")


class JsonLines(Export):
    """Writes one JSON object per event; times are seconds of audio from its start.

    Each line is out at once. In the end those of a regular file are put in order, by the audio time at which
    something begins, so that the same audio gives the same file in whatever order its events came.

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
        with self._file:
            put_in_order(self._file, _place)

    def _record(self, event: Event) -> dict[str, Any] | None:
        if isinstance(event, Utterance):
            return utterance_record(event, self._times)
        if isinstance(event, Suggestion):
            return self._suggestion(event)
        if isinstance(event, VoiceActivity) and event.speech != self._speech:
            self._speech = event.speech
            return {
                "type": "voice_activity",
                "time": self._times.around(event.time_ns).seconds(event.since_ns),
                "speech": event.speech,
            }
        return None

    def _suggestion(self, suggestion: Suggestion) -> dict[str, Any]:
        stretch = self._times.around(suggestion.time_ns)
        return {
            "type": "suggestion",
            "time": stretch.seconds(suggestion.time_ns),
            "id": self._times.own_id(suggestion.suggestion_id, suggestion.time_ns),
            "status": suggestion.status.name.lower(),
            "text": suggestion.text,
            "topic": suggestion.topic,
            "trigger": suggestion.trigger.name.lower(),
            "addressed_to": list(suggestion.addressed_to),
            "source": suggestion.source,
            "valid_until": stretch.seconds(suggestion.valid_until_ns),
        }


def utterance_record(utterance: Utterance, times: RecordingTime) -> dict[str, Any]:
    """An utterance as the object that a line has."""
    stretch = times.around(utterance.start_ns)
    return {
        "type": "utterance",
        "id": times.own_id(utterance.utterance_id, utterance.start_ns),
        "start": stretch.seconds(utterance.start_ns),
        "end": stretch.seconds(utterance.end_ns),
        "speaker": utterance.speaker_id,
        "name": utterance.speaker_name or None,
        "overlapped": utterance.overlapped,
        "overlapping_speakers": list(utterance.overlapping_speaker_ids),
        "text": utterance.text,
        "words": [
            [
                word.text,
                stretch.seconds(word.start_ns),
                stretch.seconds(word.end_ns),
                rounded(word.probability),
            ]
            for word in utterance.words
        ],
        "language": utterance.language,
        "final": utterance.final,
    }


def rounded(number: float) -> float:
    """A number to three digits, by way of the single precision that it has in messages."""
    return round(float(np.float32(number)), 3)


def _place(line: str) -> tuple[float, int, str, bool, float]:
    """Where a line belongs: those of one time by kind and id, partials before their final."""
    record = json.loads(line)
    time_s = record["start"] if "start" in record else record["time"]
    kind = _KINDS.index(record["type"])
    return time_s, kind, record.get("id", ""), record.get("final", False), record.get("end", 0.0)
