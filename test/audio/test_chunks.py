from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.audio import AudioChunk


def test_a_chunk_knows_how_long_it_is_and_what_ends_its_stream() -> None:
    chunk = AudioChunk(np.zeros(320, np.int16), 16_000, 2, 1_000, 5, "mic")
    assert (chunk.frames, chunk.duration_ns) == (160, 10_000_000)
    end = chunk.end()
    assert (end.first_sample, end.stamp_ns, end.frame_id, end.duration_ns) == (1_160, 10_000_005, "mic", 0)
    assert (end.samples.dtype, len(end.samples)) == (np.int16, 0)


@pytest.mark.parametrize(("rate_hz", "channels"), [(0, 1), (16_000, 0), (-1, 1)])
def test_the_length_of_what_can_be_no_audio_is_a_number_too(rate_hz: int, channels: int) -> None:
    assert AudioChunk(np.zeros(4, np.int16), rate_hz, channels, 0, 0).duration_ns >= 0
