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

    Where voices overlap, each has its line by its own utterances; from when to when others are heard within
    one is not known, so they have none for that.

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
        if not isinstance(event, Utterance) or not event.final or not event.speaker_id:
            return
        stretch = self._times.around(event.start_ns)
        start_s = stretch.seconds(event.start_ns)
        duration_s = stretch.seconds(event.end_ns) - start_s
        if duration_s > 0.0:
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
