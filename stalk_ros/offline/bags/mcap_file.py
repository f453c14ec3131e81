"""MCAP files, whole or cut off.

The format is specified at https://mcap.dev/spec. A recorder that was killed leaves no index and often half a
record, which readers that begin with the index refuse. So the file is walked from its start, over the content
of chunks, which is read when its time has come.
"""

from __future__ import annotations

import heapq
import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from stalk_ros.offline.bags.compression import decompressed
from stalk_ros.offline.bags.storage import (
    LARGEST_PIECE,
    Content,
    DamagedFileError,
    Message,
    Topic,
    topic_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

MAGIC = b"\x89MCAP0\r\n"

_FOOTER, _SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _MESSAGE_INDEX = 2, 3, 4, 5, 6, 7
_HEAD = struct.Struct("<BQ")
_MESSAGE_HEAD = struct.Struct("<HIQQ")
_CHUNK_HEAD = struct.Struct("<QQQI")
_CHANNEL_HEAD = struct.Struct("<HH")
_INDEX_HEAD = struct.Struct("<HI")
_INDEX_ENTRY = struct.Struct("<QQ")
_U16, _U32, _U64 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<Q")
_DESCRIPTIONS = (_SCHEMA, _CHANNEL, _MESSAGE_INDEX)
_LONGEST_PART = 1 << 20


class _Record(NamedTuple):
    """Where the content of a record is; ``whole`` = up to its end."""

    kind: int
    at: int
    length: int
    whole: bool


@dataclass
class _Part:
    """A chunk, or messages one after another outside of chunks.

    ``whole`` says that it is not cut off, ``contents`` what it holds of each channel.
    """

    at: int
    length: int
    is_chunk: bool
    whole: bool
    start_ns: int
    contents: dict[int, Content] = field(default_factory=dict)


class McapFile:
    """A `stalk_ros.offline.bags.storage.Storage`.

    Raises:
        DamagedFileError: it is none.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: list[_Part] = []
        self._schemas: dict[int, tuple[str, str]] = {}
        self._channels: dict[int, tuple[Topic, str]] = {}
        self._damaged: set[int] = set()
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise DamagedFileError("it is no MCAP file")
            self._whole = self._walk(file)
        self.topics: dict[Topic, Content] = {}
        for channel, (topic, definition) in self._channels.items():
            content = self.topics.setdefault(topic, Content(definition=definition))
            for part in self._parts:
                content.add(part.contents.get(channel, Content()))

    @property
    def problem(self) -> str:
        """See `Storage.problem`."""
        told = [] if self._whole else ["is cut off"]
        if self._damaged:
            told.append(f"is damaged in {len(self._damaged)} of {len(self._parts)} places")
        return " and ".join(told)

    def messages(self, topics: Collection[Topic]) -> Iterator[Message]:
        """See `Storage.messages`."""
        wanted = {channel: topic for channel, (topic, _) in self._channels.items() if topic in topics}
        parts = [part for part in self._parts if part.contents.keys() & wanted.keys()]
        parts.sort(key=lambda part: (part.start_ns, part.at))
        # Chunks may overlap in time: what one holds waits until no later one can begin before it.
        waiting: list[tuple[int, int, int, Message]] = []
        with self._path.open("rb") as file:
            for part in parts:
                while waiting and waiting[0][:2] < (part.start_ns, part.at):
                    yield heapq.heappop(waiting)[3]
                for place, (channel, log_ns, data) in enumerate(self._messages(file, part)):
                    if channel in wanted:
                        message = Message(log_ns, wanted[channel], data)
                        heapq.heappush(waiting, (log_ns, part.at, place, message))
            while waiting:
                yield heapq.heappop(waiting)[3]

    def _walk(self, file: BinaryIO) -> bool:
        """Note where everything is; tells whether the file is whole."""
        whole = False
        for record in _records(file, len(MAGIC)):
            if record.kind == _FOOTER:
                whole = record.whole
                break
            if record.kind == _CHUNK:
                self._note_chunk(file, record)
            elif record.kind == _MESSAGE:
                self._note_message(file, record)
            elif record.kind in _DESCRIPTIONS and record.whole and record.length <= LARGEST_PIECE:
                file.seek(record.at)
                self._note(record.kind, file.read(record.length))
        if self._parts and not whole:
            self._parts[-1].contents.clear()  # its indexes need not be complete
        for part in self._parts:
            if not part.contents:  # it has no index
                for channel, log_ns, _ in self._messages(file, part):
                    _count(part, channel, [log_ns])
            elif part.contents.keys() - self._channels.keys():  # they are described within
                for _ in self._messages(file, part):
                    pass
        return whole

    def _note_chunk(self, file: BinaryIO, record: _Record) -> None:
        if record.length >= _CHUNK_HEAD.size:
            file.seek(record.at)
            start_ns = _CHUNK_HEAD.unpack(file.read(_CHUNK_HEAD.size))[0]
            self._parts.append(_Part(record.at, record.length, True, record.whole, start_ns))

    def _note_message(self, file: BinaryIO, record: _Record) -> None:
        if not (record.whole and _MESSAGE_HEAD.size <= record.length <= LARGEST_PIECE):
            return
        file.seek(record.at)
        channel, _, log_ns, _ = _MESSAGE_HEAD.unpack(file.read(_MESSAGE_HEAD.size))
        start, end = record.at - _HEAD.size, record.at + record.length
        part = self._parts[-1] if self._parts else None
        if (
            part is None
            or part.is_chunk
            or part.at + part.length != start
            or part.length > _LONGEST_PART
            or log_ns < part.start_ns
        ):
            part = _Part(start, 0, False, True, log_ns)
            self._parts.append(part)
        part.length = end - part.at
        _count(part, channel, [log_ns])

    def _note(self, kind: int, content: bytes) -> None:
        """Take a record that describes others."""
        try:
            if kind == _SCHEMA:
                name, at = _text(content, _U16.size)
                _, at = _text(content, at)
                self._schemas[_U16.unpack_from(content)[0]] = name, _text(content, at)[0]
            elif kind == _CHANNEL:
                self._note_channel(content)
            elif self._parts:
                self._note_index(content, self._parts[-1])
        except struct.error:
            self._damaged.add(0)

    def _note_channel(self, content: bytes) -> None:
        channel, schema = _CHANNEL_HEAD.unpack_from(content)
        name, at = _text(content, _CHANNEL_HEAD.size)
        encoding, _ = _text(content, at)
        message_type, definition = self._schemas.get(schema, ("", ""))
        self._channels.setdefault(channel, (topic_of(name, message_type, encoding), definition))

    @staticmethod
    def _note_index(content: bytes, chunk: _Part) -> None:
        channel, length = _INDEX_HEAD.unpack_from(content)
        entries = content[_INDEX_HEAD.size :][:length]
        whole = len(entries) // _INDEX_ENTRY.size * _INDEX_ENTRY.size
        _count(chunk, channel, [log_ns for log_ns, _ in _INDEX_ENTRY.iter_unpack(entries[:whole])])

    def _messages(self, file: BinaryIO, part: _Part) -> Iterator[tuple[int, int, bytes]]:
        """Channel, log time and data of the messages in a part; notes what is described in between."""
        content = self._content(file, part)
        for record in _records(io.BytesIO(content)):
            end = record.at + record.length
            if not record.whole:
                if part.whole:
                    self._damaged.add(part.at)
            elif record.kind == _MESSAGE and record.length >= _MESSAGE_HEAD.size:
                channel, _, log_ns, _ = _MESSAGE_HEAD.unpack_from(content, record.at)
                yield channel, log_ns, content[record.at + _MESSAGE_HEAD.size : end]
            elif record.kind in (_SCHEMA, _CHANNEL):
                self._note(record.kind, content[record.at : end])

    def _content(self, file: BinaryIO, part: _Part) -> bytes:
        """The records in a part, as far as they are there."""
        file.seek(part.at)
        content = file.read(min(part.length, LARGEST_PIECE))
        if not part.is_chunk:
            return content
        try:
            _, _, size, checksum = _CHUNK_HEAD.unpack_from(content)
            method, at = _text(content, _CHUNK_HEAD.size)
            packed = content[at + _U64.size :][: _U64.unpack_from(content, at)[0]]
            records = decompressed(packed, method)
        except (struct.error, ValueError):
            records, size, checksum = b"", -1, 0
        if part.whole and (len(records) != size or (checksum and zlib.crc32(records) != checksum)):
            self._damaged.add(part.at)
        return records


def _count(part: _Part, channel: int, times_ns: list[int]) -> None:
    if times_ns:
        more = Content(len(times_ns), min(times_ns), max(times_ns))
        part.contents.setdefault(channel, Content()).add(more)


def _records(file: BinaryIO, start: int = 0) -> Iterator[_Record]:
    """Where the records are, whatever lengths they claim."""
    end = file.seek(0, io.SEEK_END)
    at = start
    while at < end:
        file.seek(at)
        head = file.read(_HEAD.size)
        at += _HEAD.size
        if len(head) < _HEAD.size:
            yield _Record(0, end, 0, False)
            return
        kind, length = _HEAD.unpack(head)
        yield _Record(kind, at, min(length, end - at), length <= end - at)
        at += length


def _text(content: bytes, at: int) -> tuple[str, int]:
    """A string and where it ends."""
    start = at + _U32.size
    end = start + _U32.unpack_from(content, at)[0]
    return content[start:end].decode(errors="replace"), end
