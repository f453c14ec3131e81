"""Who spoke when, as RTTM."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from stalk_ros.events import Utterance
from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.times import RecordingTime


class Rttm(Export):
    """Writes who spoke when, one line per attributed final utterance, in NIST's RTTM format.

    Args:
        file: where to write.
        recording: name of the recording.
        times: of the recording.
    """

    def __init__(self, file: IO[str], recording: str, times: RecordingTime) -> None:
        self._file = file
        self._recording = _field(recording)
        self._times = times

    def write(self, event: Event) -> None:
        """Write an utterance; other events have no line."""
        if isinstance(event, Utterance) and event.final and event.speaker_id:
            start_s = self._times.seconds(event.start_ns)
            duration_s = self._times.seconds(event.end_ns) - start_s
            speaker = _field(event.speaker_name or event.speaker_id)
            self._file.write(
                f"SPEAKER {self._recording} 1 {start_s:.3f} {duration_s:.3f} <NA> <NA> {speaker} <NA> <NA>\n"
            )
            self._file.flush()

    def close(self) -> None:
        """See `Export.close`."""
        self._file.close()


def _field(text: str) -> str:
    """The text without the spaces that separate the fields of RTTM."""
    return "_".join(text.split()) or "<NA>"
