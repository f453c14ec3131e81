from __future__ import annotations

import struct

import numpy as np
import pytest

from stalk_ros.audio import SAMPLE_FORMATS, MalformedAudioError, decode, to_int16

SAMPLES = np.array([0, 1, -1, 256, -256, 12_345, -12_345, 32_767, -32_768], np.int16)
TOP_BYTES = SAMPLES & ~0xFF


def encoded(sample_format: str) -> bytes:
    """The samples, each written by the standard library."""
    order = {"LE": "<", "BE": ">"}.get(sample_format[-2:], "<")
    name = sample_format.removesuffix("LE").removesuffix("BE")

    def one(value: int) -> bytes:
        if name == "S24":
            packed = struct.pack(f"{order}i", value << 16)
            return packed[:3] if order == ">" else packed[1:]
        written = {
            "S8": lambda: struct.pack("b", value >> 8),
            "U8": lambda: struct.pack("B", (value >> 8) + 128),
            "S16": lambda: struct.pack(f"{order}h", value),
            "S24_32": lambda: struct.pack(f"{order}i", value << 8),
            "S32": lambda: struct.pack(f"{order}i", value << 16),
            "F32": lambda: struct.pack(f"{order}f", value / 32768),
            "F64": lambda: struct.pack(f"{order}d", value / 32768),
        }
        return written[name]()

    return b"".join(one(int(value)) for value in SAMPLES)


@pytest.mark.parametrize("sample_format", SAMPLE_FORMATS)
def test_every_format_gives_the_same_samples(sample_format) -> None:
    heard = to_int16(decode(encoded(sample_format), sample_format))
    assert heard.dtype == np.int16
    np.testing.assert_array_equal(heard, TOP_BYTES if "8" in sample_format else SAMPLES)


def test_floats_out_of_range_are_clipped() -> None:
    floats = np.array([1.5, 1.0, -1.0, -3.4e38, 3.4e38], np.float32)
    np.testing.assert_array_equal(to_int16(floats), [32_767, 32_767, -32_768, -32_768, 32_767])
    np.testing.assert_array_equal(to_int16(np.array([-1.7e308, 1.7e308])), [-32_768, 32_767])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_float_that_is_no_number_is_refused(bad) -> None:
    with pytest.raises(MalformedAudioError, match="finite"):
        to_int16(np.array([0.0, bad], np.float32))


@pytest.mark.parametrize(
    ("sample_format", "size"), [("S16LE", 2), ("S24BE", 3), ("S24_32LE", 4), ("F64LE", 8)]
)
def test_bytes_that_end_within_a_sample_are_refused(sample_format, size) -> None:
    with pytest.raises(MalformedAudioError, match=f"no multiple of {size}"):
        decode(bytes(size + 1), sample_format)
