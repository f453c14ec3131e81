"""Listening ahead of the conversation, so that engines work side by side on what will be asked for."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING

from stalk_ros.audio import AudioChunk, AudioStream, MalformedAudioError
from stalk_ros.clock import NANOSECONDS
from stalk_ros.errors import UserError
from stalk_ros.speech import Segment, SpeechStage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stalk_ros.offline.recording import Item
    from stalk_ros.speech import SideBySide, SpeechParameters

_MOST_NS = 120 * NANOSECONDS


def read_ahead(items: Iterable[Item], parameters: SpeechParameters, engines: SideBySide) -> Iterator[Item]:
    """The same items, each when the engines have begun with the utterances that follow it.

    A second asr stage listens ahead, which takes 0.3 % of real time: what is said when does not depend on
    what the engines understand, so both stages find the same segments.

    Args:
        items: of a recording.
        parameters: of the asr stage.
        engines: they are told what will be asked for.

    Raises:
        UserError: the recording cannot be read any further, after all items before that.
    """
    scout = _Scout(parameters, engines)
    waiting: deque[Item] = deque()
    waiting_ns = 0
    end: UserError | None = None
    try:
        for item in items:
            scout.follow(item)
            waiting.append(item)
            waiting_ns += _length_ns(item)
            while waiting and (engines.busy or waiting_ns > _MOST_NS):
                waiting_ns -= _length_ns(waiting[0])
                yield waiting.popleft()
    except UserError as error:
        end = error
    yield from waiting
    if end is not None:
        raise end


class _Scout:
    def __init__(self, parameters: SpeechParameters, engines: SideBySide) -> None:
        self._stage = SpeechStage.without_engine(parameters)
        self._stream = AudioStream()
        self._engines = engines

    def follow(self, item: Item) -> None:
        if not isinstance(item, AudioChunk):
            self._stage.robot_spoke(item.speaking)
            return
        with contextlib.suppress(MalformedAudioError):  # the conversation says so
            for block in self._stream.push(item):
                for heard in self._stage.listen(block):
                    if isinstance(heard, Segment) and heard.final:
                        self._expect(heard)

    def _expect(self, segment: Segment) -> None:
        # A part of a long utterance is asked for with what was said before it.
        if not segment.continues:
            self._engines.expect(segment.audio)
        self._stage.finish(segment, None)  # or it would wait for it, and keep its audio, to the end


def _length_ns(item: Item) -> int:
    return item.duration_ns if isinstance(item, AudioChunk) else 0
