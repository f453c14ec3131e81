"""Figures over recordings come with how sure they are."""

from __future__ import annotations

import pytest

from stalk_ros.offline.evaluation.scores import Ratio, Scores
from stalk_ros.offline.evaluation.statistics import difference, interval


def wer(*ratios: tuple[float, float]) -> list[Scores]:
    return [Scores({"WER": Ratio(*ratio)}) for ratio in ratios]


def delays(*times_s: tuple[float, ...]) -> list[Scores]:
    return [Scores(times_s={"delay": each}) for each in times_s]


def test_a_rate_over_recordings_is_that_of_all_words() -> None:
    found = interval(wer((1, 10), (0, 10), (30, 100)), "WER")
    assert found is not None
    assert found.value == pytest.approx(31 / 120)
    assert found.files == 3
    assert 0.0 <= found.low < found.value < found.high <= 0.3


def test_recordings_that_are_all_alike_leave_no_doubt() -> None:
    found = interval(wer(*[(1, 10)] * 5), "WER")
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    # Of 100 recordings, half right and half wrong, the mean has a standard error of 0.05.
    found = interval(wer(*[(0, 1), (1, 1)] * 50), "WER")
    assert (found.low, found.high) == pytest.approx((0.5 - 1.96 * 0.05, 0.5 + 1.96 * 0.05), abs=0.015)


def test_the_interval_of_few_recordings_is_as_wide_as_student_s_t_says() -> None:
    # 8 recordings with a standard deviation of 0.245: 2.365 standard errors instead of 1.96.
    found = interval(wer(*((number, 10) for number in range(8))), "WER")
    half = 2.365 * 0.245 / 8**0.5
    assert (found.low, found.high) == pytest.approx((0.35 - half, 0.35 + half), abs=0.025)


def test_it_is_the_same_every_time() -> None:
    scores = wer(*((number, 50 + 7 * number) for number in range(20)))
    assert interval(scores, "WER") == interval(scores, "WER")


def test_two_recordings_are_too_few_for_an_interval() -> None:
    found = interval(wer((1, 10), (2, 10)), "WER")
    assert (found.value, found.low, found.high, found.files) == (pytest.approx(0.15), None, None, 2)


def test_times_are_put_together() -> None:
    scores = delays((1.0, 2.0), (3.0,), (), (4.0, 5.0))
    assert interval(scores, "delay").value == 3.0
    assert interval(scores, "delay", 0.9).value == pytest.approx(4.6)
    assert interval(scores, "delay").files == 3


def test_a_measure_that_no_recording_has_is_none() -> None:
    assert interval(wer((1, 10)), "DER") is None
    assert interval(delays(()), "delay") is None
    assert interval(wer((0, 0), (0, 0)), "WER") is None
    assert interval(wer((3, 0)), "WER") is None
    assert interval([], "WER") is None


def test_a_recording_without_speech_adds_what_was_invented_there() -> None:
    assert interval(wer((2, 0), (1, 10)), "WER").value == pytest.approx(0.3)


def test_a_run_does_not_differ_from_itself() -> None:
    scores = wer((1, 7), (2, 9), (5, 11), (0, 3), (1, 4), (2, 2))
    found = difference(scores, scores, "WER")
    assert (found.value, found.low, found.high, found.exceeds_noise) == (0.0, 0.0, 0.0, False)


def test_the_same_change_in_all_recordings_exceeds_the_noise_between_them() -> None:
    before = wer(*((10 * number, 100) for number in range(8)))
    after = wer(*((10 * number + 2, 100) for number in range(8)))
    found = difference(before, after, "WER")
    assert (found.value, found.low, found.high) == pytest.approx((0.02, 0.02, 0.02))
    assert found.exceeds_noise
    assert difference(after, before, "WER").value == pytest.approx(-0.02)
    assert difference(after, before, "WER").exceeds_noise


def test_a_change_here_and_another_there_is_noise() -> None:
    before = wer(*[(10, 100)] * 8)
    after = wer(*[(5, 100), (16, 100)] * 4)
    assert difference(before, after, "WER").exceeds_noise is False


def test_with_few_recordings_nothing_can_be_said() -> None:
    found = difference(wer(*[(10, 100)] * 5), wer(*[(20, 100)] * 5), "WER")
    assert found.value == found.low == found.high == pytest.approx(0.1)
    assert found.exceeds_noise is None
    assert difference(wer((10, 100)), wer((20, 100)), "WER").low is None


def test_only_recordings_that_both_runs_measured_are_compared() -> None:
    before = [*wer((1, 10)), Scores(), *wer((5, 10))]
    found = difference(before, wer((2, 10), (9, 10), (6, 10)), "WER")
    assert (found.value, found.files) == (pytest.approx(0.1), 2)
    assert difference(wer((1, 10)), [Scores()], "WER") is None


def test_times_of_two_runs_are_compared() -> None:
    found = difference(delays(*[(1.0, 2.0)] * 6), delays(*[(1.5, 2.5)] * 6), "delay", 0.9)
    assert found.value == pytest.approx(0.5)
    assert found.exceeds_noise
