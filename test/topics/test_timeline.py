import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stalk_ros.events import Utterance, VoiceActivity
from stalk_ros.topics.timeline import MAX_ACTIVITIES, MAX_UTTERANCES, Timeline

S = 1_000_000_000
TALK = [(1000, 3000, "S1:hello there"), (3900, 6000, "S2:good morning"), (12000, 14000, "S1:well then")]


def activity(time_s, speech, since_s, transcribed_s, last_end_s=0.0):
    return VoiceActivity(
        round(time_s * S),
        speech,
        0.5,
        round((time_s - since_s) * S),
        round(transcribed_s * S),
        round(last_end_s * S),
    )


def said(start_s, end_s, text="something"):
    return Utterance("u", round(start_s * S), round(end_s * S), text, speaker_id="S1")


def play(heard, order):
    """What a timeline hands on when the two topics arrive in this order (True = the next activity)."""
    timeline = Timeline()
    activities, utterances = iter(heard.activities), iter(heard.utterances)
    told = []
    for is_activity in order:
        told += timeline.heard(next(activities)) if is_activity else timeline.said(next(utterances))
    return [essence(event) for event in told]


def essence(event):
    """What the audio decides of an event; what was known of the transcript by then is not part of it."""
    if isinstance(event, Utterance):
        return event
    return replace(event, transcribed_until_ns=0, last_utterance_end_ns=0)


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    delays=st.lists(st.integers(0, 9000), max_size=3),
)
def test_neither_the_order_of_arrival_nor_slow_engines_change_what_comes_out(listen, arrival, seed, delays):
    quick = listen(TALK, 50_000)
    pick = random.Random(seed)
    slow = listen(TALK, 50_000, delays)
    told = play(slow, arrival(slow, lambda latest: pick.randint(0, latest)))
    assert told == play(quick, arrival(quick))


def test_an_utterance_comes_before_the_silence_that_follows_it(listen, arrival):
    heard = listen(TALK, 20_000)
    told = play(heard, arrival(heard))
    ends = [event.end_ns for event in told if isinstance(event, Utterance)]
    assert len(ends) == 3
    for index, event in enumerate(told):
        if isinstance(event, VoiceActivity):
            before = [earlier.end_ns for earlier in told[:index] if isinstance(earlier, Utterance)]
            assert before == [end for end in ends if end <= event.since_ns]


def test_silence_waits_for_the_engine_and_is_released_by_a_newer_activity():
    timeline = Timeline()
    timeline.heard(activity(1.0, True, 0.5, 0.5))
    assert timeline.heard(activity(2.6, False, 2.0, 0.5)) == []
    assert timeline.heard(activity(2.7, False, 2.0, 0.5)) == []
    timeline.said(said(0.5, 2.0))
    told = timeline.heard(activity(2.8, False, 2.0, 2.8, 2.0))
    assert [type(event) for event in told] == [Utterance, VoiceActivity, VoiceActivity, VoiceActivity]


def test_silence_waits_for_the_last_part_of_a_split_utterance():
    timeline = Timeline()
    timeline.heard(activity(1.0, True, 0.5, 0.5))
    assert timeline.heard(activity(2.6, False, 2.0, 2.6, 2.0)) == []
    assert timeline.said(said(0.5, 1.2)) == []
    assert len(timeline.said(said(1.2, 2.0))) == 3


def test_speech_waits_for_what_was_said_before_it_and_for_nothing_else():
    timeline = Timeline()
    timeline.heard(activity(1.0, True, 0.5, 0.5))
    cut = activity(30.0, True, 20.0, 0.5)
    assert timeline.heard(cut) == []
    timeline.said(said(0.5, 20.0))
    # The cut utterance is out and the speech after it, still going on, is not transcribed.
    assert timeline.heard(activity(30.1, True, 20.0, 20.0, 20.0))[1] == cut


def test_nothing_is_awaited_that_was_understood_as_no_words(listen):
    heard = listen([(1000, 2000, None), (4000, 5000, "S1:hello")], 8000)
    told = play(heard, [True] * len(heard.activities))
    assert told[-1].time_ns > 4 * S
    assert not any(isinstance(event, Utterance) for event in told)


def test_a_sound_that_turns_out_to_be_speech_takes_back_the_silence_reported_after_it_began():
    timeline = Timeline()
    timeline.heard(activity(9.9, False, 5.0, 9.9))
    assert timeline.heard(activity(10.0, False, 5.0, 9.95)) == []
    told = timeline.heard(activity(10.05, True, 9.95, 9.95))
    assert [event.speech for event in told] == [True]


def test_a_sound_that_was_none_holds_silence_back_only_for_its_length():
    timeline = Timeline()
    timeline.heard(activity(9.9, False, 5.0, 9.9))
    assert timeline.heard(activity(10.0, False, 5.0, 9.95)) == []
    assert len(timeline.heard(activity(10.1, False, 5.0, 10.1))) == 2


def test_what_was_said_before_the_first_activity_is_neither_awaited_nor_taken():
    timeline = Timeline()
    first = activity(100.0, False, 98.0, 100.0, 98.0)
    assert timeline.heard(first) == [first]
    assert timeline.said(said(95.0, 98.0)) == []
    assert len(timeline.heard(activity(100.1, False, 98.0, 100.1, 98.0))) == 1


def test_a_repeated_activity_tells_only_how_far_the_transcript_is():
    timeline = Timeline()
    timeline.heard(activity(1.0, True, 0.5, 0.5))
    waiting = activity(2.6, False, 2.0, 0.5)
    assert timeline.heard(waiting) == []
    timeline.said(said(0.5, 2.0))
    assert timeline.heard(replace(waiting, transcribed_until_ns=waiting.time_ns))[1:] == [waiting]


def jumped(last_end_s):
    """A timeline, what waits in it at the end of a stream, and the first activity of the next one."""
    timeline = Timeline()
    timeline.heard(activity(60.0, True, 59.0, 59.0))
    waiting = activity(62.6, False, 62.0, 59.0)
    assert timeline.heard(waiting) == []
    return timeline, waiting, activity(0.1, False, 0.0, 0.1, last_end_s)


def test_a_jump_back_hands_on_what_waits_and_starts_anew():
    timeline, waiting, first = jumped(0.0)
    assert [essence(event) for event in timeline.heard(first)] == [essence(waiting), essence(first)]
    # An end in the future belongs to the earlier stream: nobody waits for it.
    assert len(timeline.heard(activity(0.2, False, 0.0, 0.2, 62.0))) == 1
    assert timeline.said(said(1.0, 2.0)) == []
    assert len(timeline.heard(activity(2.6, False, 2.0, 2.6, 2.0))) == 2


@pytest.mark.parametrize("gone_by_s", [0.0, 70.0], ids=["at once", "when the new stream is as far again"])
def test_what_was_said_before_a_jump_back_belongs_to_the_old_stream_however_late_it_comes(gone_by_s):
    timeline, waiting, _ = jumped(0.0)
    late, new = said(59.0, 62.0, "late"), said(61.0, 62.0, "new")
    # While the engine has something of the old stream, the transcript of the new one has not begun.
    held = [
        replace(activity(time_s, False, 0.0, 0.0), transcribed_until_ns=-1)
        for time_s in [0.1, *(step / 10 for step in range(2, round(gone_by_s * 10)))]
    ]
    assert [event for item in held for event in timeline.heard(item)] == []
    now_s = held[-1].time_ns / S + 0.1
    assert timeline.heard(activity(now_s, False, 0.0, now_s, 62.0)) == []
    told = timeline.said(late)
    assert told[:2] == [late, waiting]
    assert [event.time_ns for event in told[2:]] == [item.time_ns for item in held] + [round(now_s * S)]
    assert timeline.said(new) == []
    assert new in timeline.heard(activity(100.0, False, 62.0, 100.0, 62.0))


def test_an_utterance_that_comes_before_the_news_of_the_jumps_end_is_put_where_it_belongs():
    timeline, waiting, _ = jumped(0.0)
    held = replace(activity(0.1, False, 0.0, 0.0), transcribed_until_ns=-1)
    assert timeline.heard(held) == []
    late, new = said(59.0, 62.0), said(0.2, 0.9)
    assert timeline.said(late) == timeline.said(new) == []
    told = timeline.heard(activity(1.0, True, 0.2, 0.2, 62.0))
    assert told[:3] == [late, waiting, replace(held, last_utterance_end_ns=0)]
    assert new in timeline.heard(activity(1.5, False, 0.9, 1.5, 0.9))


def test_what_never_comes_of_an_old_stream_does_not_hold_up_the_next_one_for_ever():
    timeline, waiting, first = jumped(62.0)
    told = timeline.heard(first)
    for step in range(2, MAX_ACTIVITIES + 2):
        assert told == []
        told = timeline.heard(activity(step / 10, False, 0.0, step / 10, 62.0))
    assert told[0] == waiting
    assert len(told) == MAX_ACTIVITIES + 2
    assert timeline.overdue == 1


def test_an_utterance_that_never_comes_is_awaited_for_a_bounded_time():
    timeline = Timeline()
    timeline.heard(activity(1.0, True, 0.5, 0.5))
    told = []
    for index in range(MAX_ACTIVITIES + 1):
        assert told == []
        time_s = 2.6 + index / 10
        told = timeline.heard(activity(time_s, False, 2.0, time_s, 2.0))
    assert len(told) == MAX_ACTIVITIES + 1
    assert timeline.overdue == 1


def test_utterances_without_activity_do_not_pile_up():
    timeline = Timeline()
    told = [event for index in range(MAX_UTTERANCES + 5) for event in timeline.said(said(index, index + 0.5))]
    assert [event.end_ns for event in told] == [round((index + 0.5) * S) for index in range(5)]


@pytest.mark.parametrize("late_by", [1, 5])
def test_activities_that_swapped_places_are_no_new_stream(late_by):
    timeline = Timeline()
    activities = [activity(index / 10, False, 0.0, index / 10) for index in range(1, 20)]
    for item in activities:
        timeline.heard(item)
    assert timeline.heard(activities[-1 - late_by]) == []
    assert timeline.newest == activities[-1]
