"""What is compressed in bags, in part or as a whole, with the libraries that rosbags brings along."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from stalk_ros.offline.bags.storage import LARGEST_PIECE

if TYPE_CHECKING:
    from pathlib import Path

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
"""How what Zstandard has compressed begins."""

_STEP = 1 << 20


def decompressed(data: bytes, method: str = "zstd") -> bytes:
    """What there is in data that may be cut off or damaged, up to `LARGEST_PIECE`.

    Args:
        data: compressed.
        method: ``zstd`` or ``lz4``; "" = it is not.

    Raises:
        ValueError: there is no such method.
    """
    if not method:
        return data
    decompressor, errors = _decompressor(method)
    made = bytearray()
    try:
        while not decompressor.eof and len(made) < LARGEST_PIECE:
            piece = decompressor.decompress(data, _STEP)
            if not piece and decompressor.needs_input:
                break
            made += piece
            data = b""
    except errors:
        pass
    return bytes(made)


def unpack(source: Path, target: Path) -> bool:
    """Decompress a file; tells whether it was whole.

    Raises:
        OSError: it cannot be read, or there is no room for what is in it.
    """
    zstd = _zstd()
    with source.open("rb") as packed, target.open("wb") as unpacked:
        try:
            with zstd.open(packed, "rb") as stream:
                while piece := stream.read1(_STEP):
                    unpacked.write(piece)
        except (EOFError, zstd.ZstdError):
            return False
    return True


def _decompressor(method: str) -> tuple[Any, type[Exception]]:
    if method == "zstd":
        zstd = _zstd()
        return zstd.ZstdDecompressor(), zstd.ZstdError
    if method == "lz4":
        import lz4.frame

        return lz4.frame.LZ4FrameDecompressor(), RuntimeError
    raise ValueError(f"compressed with '{method}', which is not read")


def _zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
