"""Where audio comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.audio.chunks import AudioChunk


class AudioSource(Protocol):
    """A stream of 16 kHz mono chunks."""

    def chunks(self) -> Iterator[AudioChunk]:
        """The chunks in order, then an empty one when the audio is over.

        Raises:
            UserError: the audio cannot be read.
        """

    def stop(self) -> None:
        """Make `chunks` end soon, from any thread."""
