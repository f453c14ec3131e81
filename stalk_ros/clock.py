"""Audio time: integer nanoseconds, so that sums are exact and every stage computes the same instants."""

from __future__ import annotations

NANOSECONDS = 1_000_000_000


def samples_to_ns(samples: int, sample_rate_hz: int) -> int:
    """Duration of ``samples`` in nanoseconds, rounded to the nearest one."""
    return (samples * NANOSECONDS + sample_rate_hz // 2) // sample_rate_hz


def ns_to_samples(duration_ns: int, sample_rate_hz: int) -> int:
    """Number of samples in ``duration_ns``, rounded to the nearest one."""
    return (duration_ns * sample_rate_hz + NANOSECONDS // 2) // NANOSECONDS


def seconds_to_ns(seconds: float) -> int:
    """Seconds as integer nanoseconds."""
    return round(seconds * NANOSECONDS)


def ns_to_seconds(duration_ns: int) -> float:
    """Nanoseconds as seconds."""
    return duration_ns / NANOSECONDS
