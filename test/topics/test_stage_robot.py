from dataclasses import replace

import pytest

from stalk_ros.events import ROBOT, SuggestionStatus

S = 1_000_000_000
OFFERED, WITHDRAWN = SuggestionStatus.OFFERED, SuggestionStatus.WITHDRAWN


def test_the_robots_own_voice_defers_the_offer_and_starts_the_silence_anew(
    feed, listen, echo, make_stage, suggestions, states
):
    heard = listen([(1000, 3000, "S1:hello")], 20_000)
    robot = make_stage(echo)
    told = []
    for utterance in heard.utterances:
        told += robot.said(utterance)
    stopped_ns = 0
    for activity in heard.activities:
        if activity.time_ns > 5 * S and not stopped_ns:
            told += robot.robot_spoke(True)
        if activity.time_ns > 9 * S and not stopped_ns:
            stopped_ns = robot._timeline.newest.time_ns
            told += robot.robot_spoke(False)
        told += robot.heard(activity)
    (offer,) = suggestions(told)
    assert offer.time_ns == stopped_ns + 4 * S
    speaking = [state for state in states(told) if state.robot_speaking]
    assert speaking
    assert all(state.silence_s == 0.0 and state.awkwardness == 0.0 for state in speaking)


def test_what_the_robot_has_said_to_the_end_is_not_withdrawn_but_what_it_is_saying_is(
    feed, listen, make_echo, make_stage, suggestions
):
    heard = listen([(1000, 3000, "S1:hello"), (9000, 11000, "S2:hi")], 12_000)
    for finishes, expected in ((True, [OFFERED]), (False, [OFFERED, WITHDRAWN])):
        robot = make_stage(make_echo())
        told = [event for utterance in heard.utterances for event in robot.said(utterance)]
        for activity in heard.activities:
            news = robot.heard(activity)
            if [s for s in suggestions(news) if s.status == OFFERED]:
                robot.robot_spoke(True)
                if finishes:
                    robot.robot_spoke(False)
            told += news
        assert [suggestion.status for suggestion in suggestions(told)] == expected


@pytest.fixture(scope="session")
def robot_says(heard_until, suggestions):
    """Feed a stage; whenever it offers something, the robot says it in the next two seconds."""

    def run(robot, heard, until_s):
        told, stops_ns = heard_until(robot, heard, 0), None
        while heard.activities and heard.activities[0].time_ns <= until_s * S:
            activity = heard.activities.pop(0)
            if stops_ns is not None and activity.time_ns >= stops_ns:
                stops_ns = None
                told += robot.robot_spoke(False)
            news = robot.heard(activity)
            if any(suggestion.status == OFFERED for suggestion in suggestions(news)):
                told += robot.robot_spoke(True)
                stops_ns = activity.time_ns + 2 * S
            told += news
        return told

    return run


def test_in_an_empty_room_the_robot_does_not_go_on_talking(
    listen, make_echo, make_stage, suggestions, robot_says
):
    talk = [(1000, 3000, "S1:hello"), (100_000, 101_000, None), (200_000, 202_000, "S1:hello again")]
    told = robot_says(make_stage(make_echo(), cooldown_s=5.0), listen(talk, 400_000), 400)
    assert [round(suggestion.time_ns / S) for suggestion in suggestions(told)] == [7, 206]


def test_an_offer_that_the_robot_is_saying_when_it_expires_is_still_taken_back(
    listen, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello"), (10_000, 12_000, "S2:hi")], 12_000)
    robot = make_stage(echo, valid_s=2.0)
    told = heard_until(robot, heard, 8 * S)
    told += robot.robot_spoke(True)
    told += heard_until(robot, heard, 12 * S)
    told += robot.robot_spoke(False)
    assert [suggestion.status for suggestion in suggestions(told)] == [OFFERED, WITHDRAWN]


def test_what_the_robot_says_after_an_offer_has_expired_is_something_else(
    listen, echo, make_stage, heard_until
):
    heard = listen([(1000, 3000, "S1:hello"), (50_000, 52_000, "S2:hi")], 52_000)
    robot = make_stage(echo)
    heard_until(robot, heard, 45 * S)
    robot.robot_spoke(True)
    robot.robot_spoke(False)
    assert not robot._memory._feedback._offer.spoken


def test_after_a_deactivation_nobody_knows_whether_the_robot_speaks(
    listen, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    robot = make_stage(echo)
    told = heard_until(robot, heard, 4 * S)
    robot.robot_spoke(True)
    assert robot.robot_speaking_s == 0.0
    robot.deactivated()
    assert len(suggestions(told + heard_until(robot, heard, 12 * S))) == 1


@pytest.mark.parametrize(("begins_ms", "expected"), [(7350, True), (7600, False)])
def test_who_is_speaking_when_the_microphone_opens_has_barged_in(
    listen, echo, make_stage, states, begins_ms, expected
):
    heard = listen([(1000, 3000, "S1:hello"), (begins_ms, 9000, "S2:let me finish")], 12_000)
    robot = make_stage(echo)
    told = [state for utterance in heard.utterances for state in robot.said(utterance)]
    for activity in heard.activities:
        told += robot.heard(replace(activity, muted=5 * S <= activity.time_ns <= 7.3 * S))
    barged = [state.time_ns / S for state in states(told) if state.barge_in]
    assert barged == ([7.5, 8.0, 8.5, 9.0, 9.5] if expected else [])


def test_where_the_robot_does_not_mute_the_microphone_a_barge_in_shows_at_once(
    listen, echo, make_stage, states
):
    heard = listen([(1000, 3000, "S1:hello"), (7100, 9000, "S2:no"), (11_000, 12_000, "S1:yes")], 15_000)
    robot = make_stage(echo)
    told = [state for utterance in heard.utterances for state in robot.said(utterance)]
    for activity in heard.activities:
        if not robot._pacing.robot_speaking and 5 * S < activity.time_ns < 8 * S:
            told += robot.robot_spoke(True)
        if robot._pacing.robot_speaking and activity.time_ns > 8 * S:
            told += robot.robot_spoke(False)
        told += robot.heard(activity)
    barged = [state.time_ns / S for state in states(told) if state.barge_in]
    assert barged == [7.5, 8.0, 8.5, 9.0, 9.5]


def test_who_barges_in_still_does_when_the_robot_begins_its_next_sentence(listen, echo, make_stage, states):
    heard = listen([(1000, 3000, "S1:hello"), (6500, 9500, "S2:no"), (12_000, 13_000, "S1:yes")], 15_000)
    robot, speaks = make_stage(echo), False
    told = [state for utterance in heard.utterances for state in robot.said(utterance)]
    for activity in heard.activities:
        time_ns = activity.time_ns
        if speaks != (5 * S < time_ns < 7 * S or 7.5 * S < time_ns < 8 * S):
            speaks = not speaks
            told += robot.robot_spoke(speaks)
        told += robot.heard(activity)
    barged = [state.time_ns / S for state in states(told) if state.barge_in]
    assert barged == [6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0]


def test_an_answer_to_what_the_robot_was_heard_to_say_takes_it_up(listen, make_echo, make_stage, suggestions):
    castle = "S1:the castle on the hill"
    talk = [(1000, 3000, castle), (7500, 9000, f"{ROBOT}:the castle"), (10_000, 12_000, castle)]
    heard = listen(talk, 14_000)
    robot = make_stage(make_echo())
    told = [event for utterance in heard.utterances for event in robot.said(utterance)]
    told += [event for activity in heard.activities for event in robot.heard(activity)]
    assert [suggestion.status for suggestion in suggestions(told)] == [OFFERED, WITHDRAWN]
    assert robot._memory.liked() == {"topic 0": 0.5}


def test_what_the_robot_itself_said_is_no_turn_and_calls_for_no_other_suggestion(
    listen, echo, make_stage, suggestions
):
    heard = listen([(1000, 3000, "S1:hello"), (9000, 11_000, f"{ROBOT}:and you")], 60_000)
    robot = make_stage(echo)
    told = [event for utterance in heard.utterances for event in robot.said(utterance)]
    told += [event for activity in heard.activities for event in robot.heard(activity)]
    assert [suggestion.status for suggestion in suggestions(told)] == [OFFERED, WITHDRAWN]
    assert [turn.speaker_id for turn in robot._memory.turns] == ["S1"]
