import time

import pytest

from stalk_ros.topics import TopicParameters
from stalk_ros.topics.pacing import Pacing

S = 1_000_000_000
HOUR = 3600 * S
LAPSE_S = 4.0


@pytest.fixture
def pacing():
    pacing = Pacing()
    pacing.talked()
    return pacing


def due(pacing, since_ns, **parameters):
    return pacing.due_ns(since_ns, LAPSE_S, TopicParameters(**parameters))


def test_nothing_is_due_before_anybody_spoke_and_once_in_a_silence(pacing):
    assert due(Pacing(), 0) is None
    assert due(pacing, 10 * S) == 14 * S
    pacing.served(10 * S)
    assert due(pacing, 10 * S) is None
    pacing.talked()
    assert due(pacing, 10 * S) is None
    assert due(pacing, 20 * S) == 24 * S


def test_the_cooldown_counts_from_every_suggestion(pacing):
    for asked in (False, True):
        pacing.offered(14 * S, asked)
        assert due(pacing, 20 * S, cooldown_s=30.0) == 44 * S
        assert due(pacing, 50 * S, cooldown_s=30.0) == 54 * S


def test_no_more_than_so_many_in_an_hour_save_those_that_were_asked_for(pacing):
    for offered_s in (10, 100, 200):
        pacing.offered(offered_s * S, asked=False)
    pacing.offered(300 * S, asked=True)
    assert due(pacing, 1000 * S, max_per_hour=4, cooldown_s=0.0) == 1004 * S
    assert due(pacing, 1000 * S, max_per_hour=3, cooldown_s=0.0) is None
    assert due(pacing, HOUR, max_per_hour=3, cooldown_s=0.0) == HOUR + 10 * S
    assert due(pacing, HOUR + 50 * S, max_per_hour=3, cooldown_s=0.0) == HOUR + 54 * S
    assert due(pacing, HOUR + 50 * S, max_per_hour=2, cooldown_s=0.0) == HOUR + 100 * S
    assert due(pacing, 2 * HOUR, max_per_hour=0) is None


def test_a_suggestion_that_had_to_wait_for_more_than_a_minute_is_left_out(pacing):
    pacing.offered(14 * S, asked=False)
    assert due(pacing, 20 * S, cooldown_s=70.0) == 84 * S
    assert due(pacing, 20 * S, cooldown_s=71.0) is None


@pytest.fixture
def in_seoul(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_quiet_hours_are_those_of_the_machine_and_go_past_midnight(pacing, in_seoul):
    midnight_ns = (1_767_193_200 // 3600 * 3600) * S  # 2026-01-01 00:00 in Seoul
    assert time.localtime(midnight_ns / S).tm_hour == 0
    for hour, quiet in ((21, False), (22, True), (24, True), (30, True), (31, False)):
        since_ns = midnight_ns + hour * HOUR
        assert (due(pacing, since_ns, quiet_hours="22:00-07:00") is None) == quiet, hour
        assert (due(pacing, since_ns, quiet_hours="12:00-13:00,22:00-23:59") is None) == (hour == 22), hour


def test_a_recording_that_is_stamped_from_zero_has_no_time_of_day(pacing, in_seoul):
    assert due(pacing, 10 * S, quiet_hours="00:00-23:59") == 14 * S


def test_the_robots_voice_starts_the_silence_anew(pacing):
    pacing.robot_spoke(True, 12 * S)
    assert due(pacing, 10 * S) is None
    pacing.robot_spoke(False, 15 * S)
    assert due(pacing, 10 * S) == 19 * S


def test_after_a_suggestion_neither_the_robots_voice_nor_a_noise_calls_for_another(pacing):
    pacing.served(10 * S)
    pacing.robot_spoke(True, 14 * S)
    pacing.robot_spoke(False, 18 * S)
    assert due(pacing, 10 * S) is None
    assert due(pacing, 40 * S) is None
    pacing.talked()
    assert due(pacing, 60 * S) == 64 * S


def test_how_long_the_robot_speaks_counts_from_when_it_began(pacing):
    assert pacing.robot_speaking_s(5 * S) == 0.0
    pacing.robot_spoke(True, 10 * S)
    pacing.robot_spoke(True, 12 * S)
    assert pacing.robot_speaking_s(15 * S) == 5.0
    pacing.robot_spoke(False, 16 * S)
    assert pacing.robot_speaking_s(17 * S) == 0.0


@pytest.mark.parametrize(
    ("minutes", "quiet"), [(-61, False), (-59, True), (-1, True), (0, True), (61, False)]
)
def test_quiet_hours_follow_the_clock_on_the_wall_when_summer_time_begins(
    pacing, monkeypatch, minutes, quiet
):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        forward_ns = 1_774_746_000 * S  # 2026-03-29 02:00, which is 03:00 there
        assert time.localtime(forward_ns / S).tm_hour == 3
        since_ns = forward_ns + minutes * 60 * S
        assert (due(pacing, since_ns, quiet_hours="01:00-04:00") is None) == quiet
    finally:
        monkeypatch.undo()
        time.tzset()


def test_times_before_a_jump_back_mean_nothing_after_it(pacing):
    pacing.offered(1000 * S, asked=False)
    pacing.new_stream(back=True)
    pacing.talked()
    assert due(pacing, 10 * S, max_per_hour=1) == 14 * S
