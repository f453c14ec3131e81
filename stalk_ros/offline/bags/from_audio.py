"""An audio file as a ROS 2 bag."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from stalk_ros.audio import AudioFile
from stalk_ros.clock import NANOSECONDS, seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.offline.bags.writing import BagWriter
from stalk_ros.offline.progress import Terminal, progress

if TYPE_CHECKING:
    from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MS = timedelta(milliseconds=1)
_NS_PER_MS = NANOSECONDS // 1000
_END_NS = 2**31 * NANOSECONDS
"""Where the seconds of ``builtin_interfaces/Time`` end."""


def bag_from_audio(file: Path, bag: Path, storage: str, start: str) -> None:
    """Write a bag with the audio of a file, as audio_capture would publish it.

    Args:
        file: any audio file libsndfile reads.
        bag: the folder to make.
        storage: see `BagWriter`.
        start: when the first sample was captured, in ISO 8601 to the millisecond; UTC where it names no zone.

    Raises:
        UserError: the file cannot be read, the bag cannot be written, or the time is none.
        KeyboardInterrupt: the message says what there is.
    """
    start_ns = _stamp_ns(start)
    source = AudioFile(file, start_ns)
    if start_ns + seconds_to_ns(source.duration_s) >= _END_NS:
        raise UserError(_out_of_range(start))
    with contextlib.closing(BagWriter(bag, storage)) as writer:
        try:
            with progress("writing", source.duration_s, Terminal()) as advance:
                for chunk in source.chunks():
                    writer.hear(chunk)
                    advance(len(chunk.samples) / chunk.sample_rate_hz)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"'{bag}' has the audio up to there") from None


def _stamp_ns(start: str) -> int:
    try:
        moment = datetime.fromisoformat(start.replace("Z", "+00:00"))
    except ValueError:
        raise UserError(f"'{start}' is no time such as 2026-05-04T14:30:00+02:00") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    count, rest = divmod(moment - _EPOCH, _MS)
    if rest:
        # Ids of utterances tell whole milliseconds, and from the file and from the bag they are the same.
        raise UserError(f"'{start}' is no whole millisecond")
    if count <= 0:
        raise UserError(_out_of_range(start))
    return count * _NS_PER_MS


def _out_of_range(start: str) -> str:
    return f"audio that begins at '{start}' has times that ROS 2 cannot tell: they lie between 1970 and 2038"
