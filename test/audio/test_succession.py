from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.audio import AudioChunk, MalformedAudioError, Succession
from stalk_ros.clock import samples_to_ns

RATE = 16_000


def chunk(first: int, late_ns: int = 0, size: int = 1_600, frame_id: str = "mic", **changes) -> AudioChunk:
    values = {"sample_rate_hz": RATE, "channels": 1, **changes}
    stamp_ns = 10**18 + samples_to_ns(first, RATE) + late_ns
    return AudioChunk(
        np.zeros(size, np.int16), first_sample=first, stamp_ns=stamp_ns, frame_id=frame_id, **values
    )


@pytest.fixture
def succession() -> Succession:
    begun = Succession()
    assert not begun.follow(chunk(80_000)).continues
    return begun


def test_what_follows_continues_and_a_gap_is_told(succession) -> None:
    assert succession.follow(chunk(81_600)).continues
    step = succession.follow(chunk(84_000))
    assert (step.continues, step.gap, step.unbroken) == (True, 800, True)


@pytest.mark.parametrize(("gap", "unbroken"), [(RATE, True), (RATE + 1, False)])
def test_a_gap_of_more_than_a_second_is_not_filled(succession, gap, unbroken) -> None:
    step = succession.follow(chunk(81_600 + gap))
    assert (step.continues, step.unbroken) == (True, unbroken)


@pytest.mark.parametrize("other", [chunk(0), chunk(81_600, frame_id="other"), chunk(81_600, 200_000_000)])
def test_another_stream_does_not_continue(succession, other) -> None:
    assert not succession.follow(other).continues
    assert succession.last is other


def test_a_stamp_that_contradicts_the_count_is_told(succession) -> None:
    assert succession.follow(chunk(81_600, 90_000_000)).continues
    assert succession.follow(chunk(83_200, 110_000_000)).jumped


@pytest.mark.parametrize("bad", [chunk(80_000), chunk(81_600, channels=2), chunk(81_600, channels=0)])
def test_what_cannot_be_part_is_refused_and_forgotten(succession, bad) -> None:
    with pytest.raises(MalformedAudioError):
        succession.follow(bad)
    assert succession.follow(chunk(81_600)).gap == 0


def test_an_empty_chunk_ends_the_stream(succession) -> None:
    assert not succession.follow(chunk(81_600, size=0)).continues
    assert succession.last is None
    assert not succession.follow(chunk(81_600)).continues
