from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.clock import NANOSECONDS, ns_to_samples, ns_to_seconds, samples_to_ns, seconds_to_ns

RATES = st.integers(1_000, 384_000)


@given(st.integers(0, 10**12), RATES)
def test_samples_keep_their_number_through_nanoseconds(samples: int, rate: int) -> None:
    ns = samples_to_ns(samples, rate)
    assert ns_to_samples(ns, rate) == samples
    assert abs(ns * rate - samples * NANOSECONDS) * 2 <= rate


def test_a_day_of_audio_is_exact() -> None:
    assert samples_to_ns(86_400 * 44_100, 44_100) == 86_400 * NANOSECONDS
    assert samples_to_ns(86_400 * 16_000 + 512, 16_000) == 86_400 * NANOSECONDS + 32_000_000


@given(st.integers(-(10**12), 10**12))
def test_seconds_tell_microseconds(microseconds: int) -> None:
    assert seconds_to_ns(ns_to_seconds(microseconds * 1000)) == microseconds * 1000
