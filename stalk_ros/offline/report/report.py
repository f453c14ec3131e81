"""The report on a recording."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from stalk_ros.offline.exports import Document, Export
from stalk_ros.offline.report.page import page
from stalk_ros.offline.report.sound import Sound

if TYPE_CHECKING:
    from stalk_ros.audio import AudioChunk
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.exports import Context


class Report(Export):
    """Writes the page when it is closed.

    Args:
        file: where to write.
        context: of the recording.
        with_sound: embed the audio, so that it can be listened to in the page.
    """

    def __init__(self, file: IO[str], context: Context, with_sound: bool) -> None:
        self._file = file
        self._document = Document(context)
        self._sound = Sound(context.times) if with_sound else None

    def hear(self, chunk: AudioChunk) -> None:
        """See `Export.hear`."""
        self._document.hear(chunk)
        if self._sound is not None:
            self._sound.hear(chunk)

    def robot_spoke(self, speaking: bool) -> None:
        """See `Export.robot_spoke`."""
        self._document.robot_spoke(speaking)

    def write(self, event: Event) -> None:
        """See `Export.write`."""
        self._document.write(event)

    def close(self) -> None:
        """See `Export.close`."""
        with self._file:
            self._file.write(page(self._document.content(), self._sound))
