"""The frames of MP3: layer III of ISO/IEC 11172-3 (MPEG-1) and 13818-3 (MPEG-2), and MPEG-2.5.

A frame's sound may begin in the bytes of the frames before it, in what the standard calls the bit reservoir.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEADER = 4
_LAYER_3 = 1
_MONO = 3
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the two bits of the version: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""

_KBITS_S = {
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By whether it is MPEG-1; the first is number 1."""

_BEGIN_BITS = {True: 9, False: 8}
"""Bits of the number of bytes before a frame where its sound begins, by whether it is MPEG-1."""

_LARGEST_VALUES = 288
"""Pairs of values in the half of a frame of 576 samples."""

RESERVOIR = 511
"""Bytes before a frame where its sound may begin, at most."""


@dataclass(frozen=True)
class Format:
    """What all frames of a stream have in common."""

    sample_rate_hz: int
    channels: int
    samples: int
    """Per channel and frame."""


@dataclass(frozen=True)
class Frame:
    """One whole frame.

    Attributes:
        form: of its stream.
        data: all bytes.
        begin: bytes before its own ones where its sound begins.
        bits: of its sound.
        own: bytes for sound in it, of this frame or of later ones.
    """

    form: Format
    data: bytes = field(repr=False)
    begin: int
    bits: int
    own: int

    def silent(self, kept: int) -> bytes:
        """The same without sound.

        What it holds of the sound of later frames stays, and so do the ``kept`` bytes before it, which a
        decoder forgets where a frame does not begin with them.
        """
        head = bytearray(self.data[:_HEADER])
        head[1] |= 1  # no checksum
        bits = _BEGIN_BITS[_is_mpeg_1(head)]
        kept = min(kept, (1 << bits) - 1)
        begin = (kept << 16 - bits).to_bytes(2, "big")
        sound = self.data[len(self.data) - self.own :]
        return bytes(head) + begin + bytes(len(self.data) - _HEADER - len(begin) - self.own) + sound

    def lead(self) -> bytes:
        """The shortest frame for its stream, without sound."""
        head = bytearray(self.data[:_HEADER])
        head[1] |= 1
        head[2] = 1 << 4 | head[2] & 0b1100
        length = _length(head)
        assert length is not None
        return bytes(head) + bytes(length - _HEADER)


def frame_length(data: bytes) -> int | None:
    """Bytes of the frame that begins here.

    Returns:
        None where none does, 0 where there are too few bytes to tell.
    """
    if len(data) < _HEADER:
        return 0 if b"\xff".startswith(data[:1]) else None
    return _length(data)


def frame_of(data: bytes) -> Frame | None:
    """The frame in all of its bytes; None where what they say contradicts itself."""
    version = data[1] >> 3 & 3
    mpeg_1 = _is_mpeg_1(data)
    channels = 1 if data[3] >> 6 == _MONO else 2
    granules = 2 if mpeg_1 else 1
    side_length = {(2, 1): 17, (2, 2): 32, (1, 1): 9, (1, 2): 17}[granules, channels]
    start = _HEADER if data[1] & 1 else _HEADER + 2
    own = len(data) - start - side_length
    if own < 0:
        return None
    side = _Bits(data[start : start + side_length])
    begin = side.take(_BEGIN_BITS[mpeg_1])
    side.take({(2, 1): 5 + 4, (2, 2): 3 + 8, (1, 1): 1, (1, 2): 2}[granules, channels])
    bits = 0
    for _ in range(granules * channels):
        length = side.take(12)
        values = side.take(9)
        side.take(8 + (4 if mpeg_1 else 9))
        switched, block_type = side.take(1), side.take(2)
        side.take(59 - 36 if mpeg_1 else 63 - 41)
        if values > _LARGEST_VALUES or (switched and not block_type):
            return None
        bits += length
    if bits > 8 * (begin + own):
        return None
    form = Format(_RATES_HZ[version][data[2] >> 2 & 3], channels, 576 * granules)
    return Frame(form, data, begin, bits, own)


def playable(frames: Iterable[Frame]) -> Iterator[bytes]:
    """Frames of one stream for a decoder: those that lack bytes which came before them are silent."""
    free = 0
    for frame in frames:
        if frame.begin <= free:
            yield frame.data
            free = frame.begin + frame.own - -(-frame.bits // 8)
        else:
            yield frame.silent(free)
            free += frame.own


class _Bits:
    """Numbers out of bytes, from the first bit on."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, bits: int) -> int:
        self._left -= bits
        return self._number >> self._left & (1 << bits) - 1


def _is_mpeg_1(head: bytes | bytearray) -> bool:
    return head[1] >> 3 & 3 == 3


def _length(head: bytes | bytearray) -> int | None:
    """Bytes of the frame with a header, None = it is no header."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    synchronised = head[0] == 0xFF and head[1] >> 5 == 0b111
    if not synchronised or version not in _RATES_HZ or layer != _LAYER_3 or bitrate in (0, 15) or rate == 3:
        return None
    mpeg_1 = _is_mpeg_1(head)
    bytes_per_rate = (144 if mpeg_1 else 72) * 1_000 * _KBITS_S[mpeg_1][bitrate - 1]
    return bytes_per_rate // _RATES_HZ[version][rate] + (head[2] >> 1 & 1)
