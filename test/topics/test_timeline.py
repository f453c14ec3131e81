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


def test_a_jump_back_hands_on_what_waits_and_starts_anew():
    timeline = Timeline()
    timeline.heard(activity(60.0, True, 59.0, 59.0))
    waiting = activity(62.6, False, 62.0, 59.0)
    assert timeline.heard(waiting) == []
    first = activity(0.1, False, 0.0, 0.1, 62.0)
    assert timeline.heard(first) == [waiting, first]
    # An end in the future belongs to the earlier stream: nobody waits for it.
    assert len(timeline.heard(activity(0.2, False, 0.0, 0.2, 62.0))) == 1
    assert timeline.said(said(1.0, 2.0)) == []
    assert len(timeline.heard(activity(2.6, False, 2.0, 2.6, 2.0))) == 2


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
