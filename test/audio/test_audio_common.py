from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stalk_ros.audio import MalformedAudioError, UnreadableFormatError, coding_of, piece_of_fields

SAMPLES = np.array([-32_768, -1, 0, 1, 32_767, 99], np.int16)


def info(**changes: Any) -> Any:
    values = {"channels": 2, "sample_rate": 48_000, "sample_format": "S16LE", "coding_format": "wave"}
    return SimpleNamespace(**{**values, **changes})


def audio(form: int, **fields: Any) -> Any:
    samples = {f"{name}_data": [] for name in ("float32", "int32", "int16", "int8", "uint8")}
    described = SimpleNamespace(format=form, channels=2, rate=44_100, chunk=3)
    return SimpleNamespace(audio_data=SimpleNamespace(**{**samples, **fields}), info=described)


@pytest.mark.parametrize("coding", ["wave", "WAV", "raw", ""])
def test_bytes_are_read_as_the_info_says(coding) -> None:
    form = coding_of(info(sample_format="s16be", coding_format=coding))
    piece = form.piece(SAMPLES.astype(">i2").tobytes())
    np.testing.assert_array_equal(piece.samples, SAMPLES)
    assert (piece.sample_rate_hz, piece.channels, piece.frames) == (48_000, 2, 3)
    assert str(form) == "S16BE, 48000 Hz, 2 channels"


def test_other_codings_are_refused_with_what_to_set() -> None:
    with pytest.raises(UnreadableFormatError, match=r"'opus'.*format:=wave"):
        coding_of(info(coding_format="opus"))
    with pytest.raises(UnreadableFormatError, match=r"'S18LE'.*sample_format:=S16LE"):
        coding_of(info(sample_format="S18LE"))


def test_bytes_that_end_within_a_sample_are_malformed() -> None:
    with pytest.raises(MalformedAudioError):
        coding_of(info()).piece(b"abc")


@pytest.mark.parametrize(
    ("form", "field", "data"),
    [
        (8, "int16_data", SAMPLES),
        (2, "int32_data", SAMPLES.astype(np.int32) << 16),
        (1, "float32_data", SAMPLES / 32_768),
    ],
)
def test_samples_are_read_from_the_field_of_their_format(form, field, data) -> None:
    piece = piece_of_fields(audio(form, **{field: data}))
    np.testing.assert_array_equal(piece.samples, SAMPLES)
    assert (piece.sample_rate_hz, piece.channels) == (44_100, 2)


def test_an_unknown_format_is_refused_and_samples_elsewhere_are_malformed() -> None:
    with pytest.raises(UnreadableFormatError, match=r"format 4,.*format:=8"):
        piece_of_fields(audio(4))
    with pytest.raises(MalformedAudioError, match="no samples in int16_data"):
        piece_of_fields(audio(8, int32_data=[1]))
