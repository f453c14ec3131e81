from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from stalk_ros.audio import Block, Tape, TapeStore
from stalk_ros.clock import samples_to_ns

START_NS = 5_000_000_011


def at(sample: int) -> int:
    return START_NS + samples_to_ns(sample, 16_000)


@example(sizes=[500, 500], first=0, length=1_000, forgotten=500)
@given(
    sizes=st.lists(st.integers(0, 700), max_size=20),
    first=st.integers(-500, 8_000),
    length=st.integers(-100, 8_000),
    forgotten=st.integers(0, 8_000),
)
def test_a_clip_holds_exactly_what_was_asked_for_as_far_as_it_is_there(
    sizes, first, length, forgotten
) -> None:
    tape, samples = Tape(START_NS), np.arange(sum(sizes), dtype=np.float32)
    ends = np.cumsum(sizes)
    for end, size in zip(ends, sizes, strict=True):
        tape.append(samples[end - size : end])
    tape.forget(at(forgotten))
    kept_from = max((int(end) for end in ends if end <= forgotten), default=0)
    audio, start_ns = tape.clip(at(first), at(first + length))
    begin = min(max(first, kept_from), len(samples))
    np.testing.assert_array_equal(audio, samples[begin : max(begin, first + length)])
    assert start_ns == at(begin)


def test_nothing_is_on_a_new_tape() -> None:
    audio, start_ns = Tape(START_NS).clip(at(0), at(100))
    assert (len(audio), start_ns) == (0, START_NS)


def block(first: int, last: int, shift_ns: int = 0, restart: bool = False) -> Block:
    """Samples whose values are their numbers."""
    return Block(np.arange(first, last, dtype=np.float32), at(first) + shift_ns, restart)


def test_a_store_keeps_the_latest_audio() -> None:
    store = TapeStore(capacity_s=0.5)
    assert not store.reached(START_NS)
    for first in range(0, 32_000, 1_600):
        store.append(block(first, first + 1_600))
    audio, start_ns = store.clip(at(0), at(32_000))
    assert 8_000 <= len(audio) <= 8_000 + 1_600
    assert start_ns == at(int(audio[0]))
    np.testing.assert_array_equal(store.clip(at(30_000), at(30_100))[0], np.arange(30_000, 30_100))
    assert len(store.clip(at(0), at(100))[0]) == 0
    assert store.reached(at(100)), "it came, although it is forgotten"
    assert store.reached(at(32_000))
    assert not store.reached(at(32_001))


def test_the_end_of_a_stream_takes_no_room_from_what_came_before() -> None:
    store = TapeStore(capacity_s=5.0)
    for number in range(3):
        start_ns = number * (at(100_000) - START_NS)
        store.append(block(0, 16_000, start_ns, restart=True))
        store.append(block(16_000, 16_000, start_ns, restart=True))
    np.testing.assert_array_equal(store.clip(at(100), at(200))[0], np.arange(100, 200))


def test_a_store_keeps_what_came_before_a_restart_for_those_who_are_late() -> None:
    store, jump_ns = TapeStore(capacity_s=5.0), at(100_000) - START_NS
    store.append(block(0, 16_000, jump_ns, restart=True))
    store.append(block(16_000, 16_000, jump_ns, restart=True))
    store.append(block(20_000, 36_000, -at(20_000) + START_NS, restart=True))
    np.testing.assert_array_equal(store.clip(at(100_100), at(100_200))[0], np.arange(100, 200))
    np.testing.assert_array_equal(store.clip(at(100), at(200))[0], np.arange(20_100, 20_200))
    assert store.reached(at(116_000))
    assert store.reached(at(16_000))
    assert not store.reached(at(16_001))
    audio, start_ns = store.clip(at(50_000), at(60_000))
    assert (len(audio), start_ns) == (0, at(50_000))
