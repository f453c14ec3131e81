from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.speech import SpeechParameters
from stalk_ros.speech.endpointing import WINDOW_NS
from stalk_ros.speech.partials import PartialSchedule

if TYPE_CHECKING:
    from typing import Any

PRE_ROLL_S, POST_ROLL_S, PAUSE_S = 0.3, 0.2, 0.6
FIRST_AUDIO_S = 1.2
"""What one of the first passes costs beside the overhead."""


def due(schedule: PartialSchedule, lasts_s: float, paused: bool = False, **parameters: Any) -> bool:
    """In an utterance that began at 0; in a pause it was voiced until 0.2 s ago."""
    voiced_until_s = lasts_s - POST_ROLL_S if paused else lasts_s
    settings = SpeechParameters(**parameters)
    return schedule.due(seconds_to_ns(lasts_s), seconds_to_ns(voiced_until_s), paused, settings)


def listened(schedule: PartialSchedule, now_s: float, audio_s: float, pause_s: float | None = None) -> None:
    """Note a pass, made in a pause if ``pause_s`` says when that began."""
    voiced_until_s = now_s if pause_s is None else pause_s
    schedule.listened(
        seconds_to_ns(now_s), seconds_to_ns(voiced_until_s), pause_s is not None, seconds_to_ns(audio_s)
    )


def end(schedule: PartialSchedule, voiced_until_s: float, audio_s: float, **parameters: Any) -> None:
    """End the utterance; another one begins at 0."""
    schedule.end(seconds_to_ns(voiced_until_s), seconds_to_ns(audio_s), SpeechParameters(**parameters))
    schedule.begin(0)


def speak(schedule: PartialSchedule, lasts_s: float, **parameters: Any) -> list[tuple[float, float]]:
    """Speak without a pause: when the schedule listens while the speech goes on, and to how much audio."""
    settings = SpeechParameters(**parameters)
    passes: list[tuple[float, float]] = []
    last_ns = seconds_to_ns(lasts_s)
    schedule.begin(0)
    for now_ns in range(0, last_ns + seconds_to_ns(PAUSE_S), WINDOW_NS):
        voiced_ns = min(now_ns, last_ns)
        paused = now_ns >= voiced_ns + seconds_to_ns(POST_ROLL_S)
        if schedule.due(now_ns, voiced_ns, paused, settings):
            audio_s = PRE_ROLL_S + ns_to_seconds(now_ns)
            schedule.listened(now_ns, voiced_ns, paused, seconds_to_ns(audio_s))
            passes.append((ns_to_seconds(now_ns), audio_s))
    schedule.end(last_ns, seconds_to_ns(PRE_ROLL_S + lasts_s + POST_ROLL_S), settings)
    return [one for one in passes if one[0] <= lasts_s]


def test_the_first_passes_come_within_the_first_second() -> None:
    times = [time_s for time_s, _ in speak(PartialSchedule(0.0), 3.0) if time_s < 1.5]
    assert times == pytest.approx([0.48, 0.672, 0.864])


def test_without_partials_nobody_listens() -> None:
    assert speak(PartialSchedule(0.0), 10.0, partials=False, partial_load=100.0) == []


def test_a_first_pass_that_is_late_waits_for_the_interval() -> None:
    schedule = PartialSchedule(0.0)
    assert due(schedule, 0.99, partial_interval_s=2.0)
    assert not due(schedule, 1.01, partial_interval_s=2.0)
    assert due(schedule, 2.0, partial_interval_s=2.0)


def test_between_two_passes_is_the_interval() -> None:
    schedule = PartialSchedule(0.0)
    listened(schedule, 3.0, 3.3)
    assert not due(schedule, 3.6, partial_interval_s=0.7, partial_load=100.0)
    assert due(schedule, 3.7, partial_interval_s=0.7, partial_load=100.0)


def test_a_pause_is_listened_to_once() -> None:
    schedule = PartialSchedule(0.0)
    generous = SpeechParameters(partial_load=100.0)
    assert due(schedule, 2.2, paused=True, partial_load=100.0)
    listened(schedule, 2.2, 2.5, pause_s=2.0)
    assert not schedule.due(seconds_to_ns(4.0), seconds_to_ns(2.0), True, generous)
    assert schedule.due(seconds_to_ns(4.0), seconds_to_ns(3.8), True, generous), "somebody has spoken again"


@pytest.mark.parametrize("overhead_s", [0.0, 8.0])
@pytest.mark.parametrize(("more_s", "affordable"), [(-0.1, True), (0.1, False)])
def test_the_first_passes_have_a_credit_of_three(overhead_s: float, more_s: float, affordable: bool) -> None:
    """The final to come pays a fourth; of these four, the second pass needs two to be left."""
    schedule = PartialSchedule(overhead_s)
    assert due(schedule, 0.5)
    listened(schedule, 0.5, 2 * (FIRST_AUDIO_S + overhead_s) - overhead_s + more_s)
    assert due(schedule, 0.7) == affordable


@pytest.mark.parametrize("overhead_s", [0.0, 8.0])
@pytest.mark.parametrize(("more_s", "affordable"), [(-0.1, True), (0.1, False)])
def test_a_pass_in_a_pause_has_a_credit_of_one_and_a_later_one_has_none(
    overhead_s: float, more_s: float, affordable: bool
) -> None:
    schedule = PartialSchedule(overhead_s)
    listened(schedule, 0.5, FIRST_AUDIO_S + more_s)
    assert due(schedule, 3.0, paused=True) == affordable
    assert not due(schedule, 3.0)


@pytest.mark.parametrize(("audio_s", "affordable"), [(2.0, True), (0.0, False)])
def test_the_overhead_counts_for_what_a_final_earns_and_for_what_a_pass_costs(
    audio_s: float, affordable: bool
) -> None:
    """A pass of 8 + 1.5 s: its own final pays half of it, the final before half of 8 + 2 s or half of 8 s."""
    schedule = PartialSchedule(8.0)
    end(schedule, 2.0, audio_s, partial_load=0.5)
    assert due(schedule, 1.5, partial_load=0.5) == affordable


@pytest.mark.parametrize(("audio_s", "affordable"), [(2.0, True), (2.1, False)])
def test_at_a_load_of_one_a_final_pays_a_pass_as_long_as_itself(audio_s: float, affordable: bool) -> None:
    schedule = PartialSchedule(8.0)
    listened(schedule, 2.0, audio_s)
    end(schedule, 3.0, 2.0)
    assert due(schedule, 1.5) == affordable


@pytest.mark.parametrize(("voiced_until_s", "affordable"), [(2.0, True), (2.5, False)])
def test_a_pass_that_turns_out_to_be_the_final_is_paid_back(voiced_until_s: float, affordable: bool) -> None:
    """Where somebody speaks on after the pause, it was a partial like others."""
    schedule = PartialSchedule(8.0)
    listened(schedule, 2.2, 2.0, pause_s=2.0)
    end(schedule, voiced_until_s, 2.0, partial_load=0.5)
    assert due(schedule, 1.5, partial_load=0.5) == affordable


def test_a_pass_while_somebody_speaks_is_no_final_even_if_nothing_is_said_after_it() -> None:
    """It did not hear the pause, so the engine has to listen once more."""
    schedule = PartialSchedule(8.0)
    listened(schedule, 2.0, 2.0)
    assert due(schedule, 2.2, paused=True, partial_load=100.0)
    end(schedule, 2.0, 2.0, partial_load=0.5)
    assert not due(schedule, 1.5, partial_load=0.5), "it is not paid back"


def test_each_utterance_has_first_passes_and_pauses_of_its_own() -> None:
    schedule = PartialSchedule(0.0)
    for _ in range(3):
        assert due(schedule, 0.5, partial_load=100.0)
        assert due(schedule, 2.2, paused=True, partial_load=100.0)
        for time_s in (0.5, 0.7, 0.9):
            listened(schedule, time_s, time_s)
        listened(schedule, 2.2, 2.5, pause_s=2.0)
        end(schedule, 2.0, 2.5, partial_load=100.0)


@pytest.mark.parametrize("before", [{"partials": False}, {"partial_load": 5.0}])
def test_what_was_not_used_does_not_flood_what_follows(before: dict[str, Any]) -> None:
    """No more than 30 seconds are saved, however long few passes were made."""
    schedule = PartialSchedule(0.0)
    for _ in range(20):
        speak(schedule, 28.0, partial_interval_s=10.0, **before)
    spent_s = sum(audio_s for _, audio_s in speak(schedule, 28.0, partial_interval_s=0.2))
    assert 28.0 < spent_s < 30.0 + 28.0 + PRE_ROLL_S


def test_after_a_higher_load_a_lower_one_is_kept_and_partials_still_come() -> None:
    schedule = PartialSchedule(0.0)
    for _ in range(5):
        assert len(speak(schedule, 20.0, partial_interval_s=0.2, partial_load=5.0)) > 10
    passes = [len(speak(schedule, 20.0)) for _ in range(5)]
    assert min(passes[1:]) >= 3
