"""The clock of a device, on devices that are made up: no real one has a drift that is known."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.audio.microphone.clock import CaptureClock
from stalk_ros.audio.microphone.cutting import Cutter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FRAMES = 512
BLOCK_S = FRAMES / SAMPLE_RATE_HZ
BEGUN_S = 1_000.0


@dataclass
class Arrival:
    """A block: when its last sample was captured, and when it came; ``lost`` frames before it did not."""

    captured_s: float
    at_s: float
    lost: int = 0


def arrivals(
    seconds: float, ppm: float, late_s: Callable[[], float], lost: dict[int, int], block: int = FRAMES
) -> Iterator[Arrival]:
    """What a device gives whose clock is slow by so much; ``lost[n]`` frames before block n are lost."""
    frames, came_s = 0, 0.0
    for number in range(round(seconds * SAMPLE_RATE_HZ / block)):
        frames += block + lost.get(number, 0)
        captured_s = BEGUN_S + frames / SAMPLE_RATE_HZ * (1 + ppm / 1e6)
        # Blocks come in order: one that is late holds up those behind it.
        came_s = max(came_s, captured_s + late_s())
        yield Arrival(captured_s, came_s, lost.get(number, 0))


def jitter(seed: int) -> Callable[[], float]:
    """A busy machine: a millisecond as a rule, and up to a quarter of a second now and then."""
    chance = random.Random(seed)
    return lambda: chance.expovariate(1_000) + (chance.random() < 0.001) * chance.uniform(0.0, 0.25)


@pytest.mark.parametrize("ppm", [200, -200])
def test_the_count_stays_within_two_milliseconds_of_the_clock_for_eight_hours(ppm) -> None:
    clock, length = CaptureClock(SAMPLE_RATE_HZ), 1_600
    cutter, block = Cutter(0, length, ""), np.zeros(length, np.int16)
    counted, errors_s = 0, []
    for arrival in arrivals(8 * 3_600, ppm, jitter(ppm), {}, length):
        missing = clock.arrived(length, arrival.at_s)
        counted += length
        if missing is None:
            continue
        assert missing == 0
        off = clock.off_s * SAMPLE_RATE_HZ - cutter._added
        if abs(off) > 8:
            cutter.push(block, clock.off_s)
            counted += 1 if off > 0 else -1
        errors_s.append(clock.start_s + counted / SAMPLE_RATE_HZ - arrival.captured_s)
    assert cutter.slips == pytest.approx(8 * 3_600 * SAMPLE_RATE_HZ * abs(ppm) / 1e6, abs=50)
    assert np.max(np.abs(errors_s)) < 0.002
    assert 1e6 * clock.drift == pytest.approx(ppm, abs=5)


def test_the_start_is_that_of_the_sample_that_waited_the_least() -> None:
    """A device that has a backlog of a tenth of a second when it is opened."""
    clock, late_s = CaptureClock(SAMPLE_RATE_HZ), itertools.chain([0.1, 0.07, 0.04], itertools.repeat(0.001))
    given = [clock.arrived(FRAMES, arrival.at_s) for arrival in arrivals(0.5, 0, lambda: next(late_s), {})]
    assert given.count(None) == 10
    assert clock.start_s == pytest.approx(BEGUN_S + 0.001, abs=1e-6)


@pytest.mark.parametrize("burst", [3, 20, 100])
@pytest.mark.parametrize("ppm", [500, -500])
def test_a_device_that_gives_blocks_in_bursts_loses_none_of_them(burst, ppm) -> None:
    clock, errors_s = CaptureClock(SAMPLE_RATE_HZ), []
    given = list(arrivals(60, ppm, lambda: 0.001, {}))
    for number, arrival in enumerate(given):
        last = given[min(number // burst * burst + burst, len(given)) - 1]
        missing = clock.arrived(FRAMES, last.at_s)
        assert missing in (None, 0)
        if missing == 0:
            told_s = clock.start_s + (number + 1) * BLOCK_S + clock.off_s
            errors_s.append(told_s - arrival.captured_s)
    # What is not seen between two bursts is guessed.
    assert np.max(np.abs(errors_s)) < 0.002 + 2 * burst * BLOCK_S * abs(ppm) / 1e6


@pytest.mark.parametrize(("lost", "overflowed"), [(800, True), (1_600, False), (80_000, True), (80, True)])
def test_a_hole_is_counted_where_it_is(lost, overflowed) -> None:
    clock, missing = CaptureClock(SAMPLE_RATE_HZ), []
    for number, arrival in enumerate(arrivals(5, 100, jitter(1), {100: lost})):
        frames = clock.arrived(FRAMES, arrival.at_s, overflowed and number == 100)
        missing.append(frames)
    found = [frames for frames in missing if frames]
    assert missing[99] == 0 and missing[100] is None
    assert len(found) == 1
    # Found by when blocks come, so as well as those keep time.
    assert found[0] == pytest.approx(lost, abs=16)
    assert abs(clock.off_s) < 0.002


def test_a_stalled_machine_is_no_hole() -> None:
    """It gets five seconds of audio late and within one second, but all of it."""
    clock, missing = CaptureClock(SAMPLE_RATE_HZ), []
    for number, arrival in enumerate(arrivals(20, 0, lambda: 0.001, {})):
        stalled = 200 <= number < 360
        at_s = BEGUN_S + 361 * BLOCK_S + (number - 360) * 5e-3 if stalled else arrival.at_s
        missing.append(clock.arrived(FRAMES, at_s))
    assert None in missing[200:360]
    assert set(missing) == {None, 0}
    assert set(missing[361:]) == {0}


def test_a_machine_that_overflows_all_the_time_still_hears_something() -> None:
    clock = CaptureClock(SAMPLE_RATE_HZ)
    lost = dict.fromkeys(range(100, 200), 256)
    counted = captured = 0
    for number, arrival in enumerate(arrivals(10, 0, lambda: 0.001, lost)):
        missing = clock.arrived(FRAMES, arrival.at_s, number in lost)
        captured += arrival.lost
        counted += missing or 0
        if number == 150:
            assert counted > 0
    assert counted == pytest.approx(captured, abs=32)


def test_what_is_told_twice_is_a_surplus() -> None:
    clock, missing = CaptureClock(SAMPLE_RATE_HZ), []
    for number, arrival in enumerate(arrivals(10, 0, lambda: 0.001, {})):
        # From block 100 on 20 ms more were given than there was time for.
        missing.append(clock.arrived(FRAMES + 320 * (number == 100), arrival.at_s))
    assert [frames for frames in missing if frames] == [-320]
    assert abs(clock.off_s) < 1e-4


def test_blocks_that_beat_with_those_of_the_sound_server_make_no_hole() -> None:
    """It hands out pieces of 32.5 ms, of which blocks of 32 ms are made."""
    clock, piece, missing = CaptureClock(SAMPLE_RATE_HZ), 520, []
    for number in range(2_000):
        pieces = -(-(number + 1) * FRAMES // piece)
        missing.append(clock.arrived(FRAMES, BEGUN_S + pieces * piece / SAMPLE_RATE_HZ))
        if number > 100:
            assert abs(clock.off_s) < 0.002
    assert set(missing[8:]) == {0}
