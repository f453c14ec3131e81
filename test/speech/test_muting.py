from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.audio import Block
from stalk_ros.clock import samples_to_ns
from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.muting import Muting

RATE = 16_000
TAIL_S = 0.3
TAIL = round(TAIL_S * RATE)


def block(first: int, count: int, restart: bool = False) -> Block:
    return Block(np.ones(count, np.float32), samples_to_ns(first, RATE), restart)


@pytest.mark.parametrize("size", [160, 512, 1600, 16_000])
def test_nothing_is_heard_from_the_robots_first_word_to_the_end_of_its_tail(size: int) -> None:
    muting, heard, first = Muting(), [], 0
    for speaking in (False, True, False):
        muting.robot_spoke(speaking, TAIL_S)
        for _ in range(RATE // size):
            heard.append(muting.heard(block(first, size, restart=first == 0)))
            first += size
    second = RATE // size * size
    expected = np.ones(first)
    expected[second : 2 * second + TAIL] = 0.0
    np.testing.assert_array_equal(np.concatenate(heard), expected)


def test_a_robot_that_says_twice_that_it_is_silent_does_not_mute_again() -> None:
    muting = Muting()
    muting.robot_spoke(False, TAIL_S)
    assert muting.heard(block(0, 100)).all()
    muting.robot_spoke(False, TAIL_S)
    assert muting.heard(block(100, 100)).all()


def test_the_tail_ends_with_its_stream_but_what_the_robot_is_saying_does_not() -> None:
    muting = Muting()
    muting.robot_spoke(True, TAIL_S)
    muting.heard(block(10 * RATE, 100, restart=True))
    assert not muting.heard(block(0, 100, restart=True)).any()
    muting.robot_spoke(False, TAIL_S)
    assert not muting.heard(block(100, 100)).any()
    assert muting.heard(block(0, 100, restart=True)).all()


def test_the_tail_goes_on_when_the_audio_begins_anew_later() -> None:
    muting = Muting()
    muting.robot_spoke(True, TAIL_S)
    muting.heard(block(0, 1600, restart=True))
    muting.robot_spoke(False, TAIL_S)
    after_a_gap = muting.heard(block(3200, 16_000, restart=True))
    np.testing.assert_array_equal(np.flatnonzero(after_a_gap)[:1], [1600 + TAIL - 3200])


def test_a_turn_that_the_robot_talks_over_goes_on_after_it(sample_audio) -> None:
    stage = SpeechStage.without_engine(SpeechParameters(robot_tail_s=TAIL_S))
    activities = []
    turn = np.concatenate([np.zeros(RATE, np.float32), sample_audio[2 * RATE : 8 * RATE]])
    for number, piece in enumerate(turn[: 7 * RATE].reshape(-1, 1600)):
        if number in (20, 40):
            stage.robot_spoke(number == 20)
        heard = Block(piece, samples_to_ns(number * 1600, RATE), restart=number == 0)
        activities += [item for item in stage.listen(heard) if hasattr(item, "muted")]
    muted = [activity.time_ns for activity in activities if activity.muted]
    assert min(muted) == pytest.approx(2e9, abs=1e8)
    assert max(muted) == pytest.approx(4e9 + TAIL_S * 1e9, abs=1e8)
    speech = [activity for activity in activities if activity.speech]
    assert any(activity.time_ns < 2e9 for activity in speech)
    after = [activity for activity in speech if activity.time_ns > 4e9]
    assert after
    assert all(activity.since_ns >= 4e9 + TAIL_S * 1e9 - 32e6 for activity in after)
