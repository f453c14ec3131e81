from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from stalk_ros.audio import Tape
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
