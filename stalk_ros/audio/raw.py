"""Raw audio as other programs send it, as the int16 samples of an `AudioChunk`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.audio.succession import MalformedAudioError

if TYPE_CHECKING:
    import numpy.typing as npt

SAMPLE_FORMATS = tuple(
    f"{kind}{order}"
    for kind in ("S8", "U8", "S16", "S24", "S24_32", "S32", "F32", "F64")
    for order in (("",) if kind.endswith("8") else ("LE", "BE"))
)
"""Names of what `decode` reads: signed, unsigned or floating, bits, bytes it takes if more, byte order.

They are GStreamer's (GstAudioFormat in its library gst-plugins-base).
"""

_FULL_SCALE = 32768
_NAME = re.compile(r"([SUF])(\d+)(?:_(\d+))?(LE|BE)?")


def decode(data: bytes, sample_format: str) -> npt.NDArray[Any]:
    """Samples in the type nearest to the one they are stored in; 24 bits become the upper ones of 32.

    Args:
        data: the samples, one after another.
        sample_format: one of `SAMPLE_FORMATS`.

    Raises:
        MalformedAudioError: the data end within a sample.
    """
    name = _NAME.fullmatch(sample_format)
    if name is None or sample_format not in SAMPLE_FORMATS:
        raise ValueError(f"unknown sample format '{sample_format}'")
    kind, bits, container, order = name.groups()
    size = int(container or bits) // 8
    if len(data) % size:
        raise MalformedAudioError(f"{len(data)} bytes are no multiple of {size} bytes a sample")
    byte_order = ">" if order == "BE" else "<"
    if size == 3:
        return _padded(data, byte_order)
    samples = np.frombuffer(data, f"{byte_order}{kind.lower().replace('s', 'i')}{size}")
    return samples.astype(np.int32) << 8 if container else samples


def to_int16(samples: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    """Samples of any type that `decode` gives at int16 scale; floating ones are clipped to -1..1.

    Raises:
        MalformedAudioError: a floating sample is not finite.
    """
    if samples.dtype.kind == "f":
        if not np.isfinite(samples).all():
            raise MalformedAudioError("not all samples are finite numbers")
        # Clipped first: a large number times the full scale need not be finite.
        scaled = np.rint(np.clip(samples.astype(np.float64), -1.0, 1.0) * _FULL_SCALE)
        return np.minimum(scaled, _FULL_SCALE - 1).astype(np.int16)
    wide = samples.astype(np.int32)
    if samples.dtype.itemsize == 4:
        wide >>= 16
    elif samples.dtype.itemsize == 1:
        wide = (wide - (128 if samples.dtype.kind == "u" else 0)) << 8
    return wide.astype(np.int16)


def _padded(data: bytes, byte_order: str) -> npt.NDArray[np.int32]:
    """24 bits a sample as the upper ones of 32."""
    packed = np.frombuffer(data, np.uint8).reshape(-1, 3)
    padded = np.zeros((len(packed), 4), np.uint8)
    start = 0 if byte_order == ">" else 1
    padded[:, start : start + 3] = packed
    return padded.view(f"{byte_order}i4")[:, 0].astype(np.int32)
