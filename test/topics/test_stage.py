import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stalk_ros.events import SuggestionStatus, Trigger
from stalk_ros.topics import Draft, TopicParameters, TopicStage
from stalk_ros.topics.checks import Checks

S = 1_000_000_000
WAIT_S = 10.0
OFFERED, WITHDRAWN = SuggestionStatus.OFFERED, SuggestionStatus.WITHDRAWN


def test_one_offer_per_silence_at_the_threshold_to_the_nanosecond(
    feed, listen, echo, make_stage, suggestions
):
    heard = listen([(1000, 3000, "S1:hello")], 20_000)
    (offer,) = suggestions(feed(make_stage(echo), heard))
    assert offer.time_ns == heard.speech[0][1] + 4 * S
    assert offer.status == OFFERED
    assert offer.trigger == Trigger.SILENCE
    assert offer.suggestion_id == f"t{offer.time_ns // 1_000_000}"
    assert offer.valid_until_ns == offer.time_ns + 10 * S
    assert offer.source == "echo"
    assert offer.awkwardness == pytest.approx(0.7)


def test_the_offer_is_withdrawn_at_the_start_of_the_next_speech(feed, listen, echo, make_stage, suggestions):
    heard = listen([(1000, 3000, "S1:hello"), (9000, 10000, "S2:hi")], 11_000)
    offer, withdrawal = suggestions(feed(make_stage(echo), heard))
    assert (offer.status, withdrawal.status) == (OFFERED, WITHDRAWN)
    assert withdrawal.suggestion_id == offer.suggestion_id
    assert withdrawal.time_ns == heard.speech[1][0]
    assert withdrawal.text == offer.text


def test_an_expired_offer_is_not_withdrawn(feed, listen, echo, make_stage, suggestions):
    heard = listen([(1000, 3000, "S1:hello"), (15000, 16000, "S2:hi")], 17_000)
    assert len(suggestions(feed(make_stage(echo, valid_s=5.0), heard))) == 1


def test_short_silences_and_an_empty_room_get_no_offer(feed, listen, echo, make_stage, suggestions):
    talk = [(1000 + 4000 * index, 1500 + 4000 * index, "S1:hello") for index in range(5)]
    assert suggestions(feed(make_stage(echo), listen(talk, 20_000))) == []
    assert suggestions(feed(make_stage(echo), listen([], 20_000))) == []
    noise = [(1000, 3000, None)]
    assert suggestions(feed(make_stage(echo), listen(noise, 20_000))) == []


def test_speech_that_begins_before_the_offer_could_be_sure_prevents_it(
    feed, listen, echo, make_stage, suggestions
):
    end_ms = 3008  # a multiple of the window, so that the threshold falls on the start of a window
    for start_ms in (end_ms + 3968, end_ms + 4000):
        heard = listen([(1024, end_ms, "S1:hello"), (start_ms, start_ms + 992, "S2:hi")], 9000)
        assert suggestions(feed(make_stage(echo), heard)) == []


def test_no_offer_before_the_cooldown_is_over(feed, listen, make_echo, make_stage, suggestions):
    talk = [(1000, 3000, "S1:hello"), (9000, 10000, "S2:hi"), (16000, 17000, "S1:fine")]
    heard = listen(talk, 24_000)
    first, _ = suggestions(feed(make_stage(make_echo(), cooldown_s=20.0), heard))
    heard = listen(talk, 40_000)
    *_, last = suggestions(feed(make_stage(make_echo(), cooldown_s=20.0), heard))
    assert last.status == OFFERED
    assert last.time_ns == first.time_ns + 20 * S
    heard = listen(talk, 24_000)
    offers = [
        s for s in suggestions(feed(make_stage(make_echo(), cooldown_s=0.0), heard)) if s.status == OFFERED
    ]
    assert len(offers) == 3


def test_what_may_be_suggested_again_does_not_depend_on_how_late_an_utterance_comes(
    feed, listen, make_echo, make_stage
):
    heard = listen([(1000, 3000, "S1:hello"), (9000, 11000, "S2:hi")], 60_000)
    in_time, late = make_echo(), make_echo()
    feed(make_stage(in_time, cooldown_s=0.0, repeat_after_s=20.0), heard)
    feed(make_stage(late, cooldown_s=0.0, repeat_after_s=20.0), heard, choose=lambda latest: latest)
    assert len(in_time.requests) == 2
    assert in_time.requests == late.requests


def test_the_request_holds_what_was_said_before_and_what_was_suggested(feed, listen, echo, make_stage):
    heard = listen([(1000, 3000, "S1:hello"), (9000, 11000, "S2:hi")], 20_000)
    feed(make_stage(echo, cooldown_s=0.0), heard)
    first, second = echo.requests
    assert [turn.text for turn in first.turns] == ["hello"]
    assert [turn.text for turn in second.turns] == ["hello", "hi"]
    assert (first.language, first.trigger, first.avoid_texts) == ("en", Trigger.SILENCE, ())
    assert second.avoid_texts == ("0: hello.",)
    assert second.avoid_topics == ("topic 0",)


def test_a_sentence_is_never_offered_twice(feed, listen, make_stage, suggestions):
    class Parrot:
        name = "parrot"
        instant = True

        def recommend(self, request, cancelled):
            return Draft("What makes you laugh?", f"laughter {len(request.turns)}", "says so")

    heard = listen([(1000, 3000, "S1:hello"), (9000, 11000, "S2:hi")], 20_000)
    offers = [
        s
        for s in suggestions(feed(make_stage(Parrot(), checks=Checks(), cooldown_s=0.0), heard))
        if s.status == OFFERED
    ]
    assert len(offers) == 1


def test_states_come_twice_a_second_on_the_grid(feed, listen, echo, make_stage, states):
    heard = listen([(1000, 3000, "S1:hello"), (4000, 5000, "S2:hi")], 10_000, origin_ns=123_456_789)
    told = states(feed(make_stage(echo), heard))
    times = [state.time_ns for state in told]
    assert times == list(range(S // 2, heard.activities[-1].time_ns + 1, S // 2))
    by_time = {state.time_ns: state for state in told}
    end_ns = heard.speech[1][1] + 123_456_789
    state = by_time[8 * S]
    assert state.silence_s == pytest.approx((8 * S - end_ns) / S)
    assert state.awkwardness == pytest.approx(0.7 * (state.silence_s - 0.7) / 3.3)
    assert state.reasons == (f"nobody has spoken for {state.silence_s:.1f} s",)
    assert by_time[2 * S].silence_s == 0.0
    assert state.speakers == ("S1", "S2")
    assert sum(state.talk_share) == pytest.approx(1.0)
    assert state.talk_share[0] == pytest.approx(2 / 3, abs=0.02)


def test_a_state_before_the_speech_that_an_activity_tells_of_is_still_silent(
    feed, listen, echo, make_stage, states
):
    # The speech begins at 4.53 s; the silence before it was last reported at 4.466 s.
    heard = listen([(1000, 2000, "S1:hello"), (4480, 6000, "S2:hi")], 7_000, origin_ns=50_000_000)
    assert heard.speech[1][0] + 50_000_000 == 4_530_000_000
    by_time = {state.time_ns: state for state in states(feed(make_stage(echo), heard))}
    assert by_time[4_500_000_000].silence_s > 2.0
    assert by_time[5_000_000_000].silence_s == 0.0


def test_parameters_may_change_at_run_time(feed, listen, echo, make_stage, suggestions):
    heard = listen([(1000, 3000, "S1:hello")], 20_000)
    patient = make_stage(echo, silence_s=30.0)
    patient.parameters = TopicParameters(silence_s=6.0)
    (offer,) = suggestions(feed(patient, heard))
    assert offer.time_ns == heard.speech[0][1] + 6 * S


def test_partials_are_not_what_was_said(feed, listen, echo, make_stage):
    heard = listen([(1000, 3000, "S1:hello")], 20_000)
    eager = make_stage(echo)
    partial = replace(heard.utterances[0], final=False, text="hell", end_ns=2 * S)
    assert eager.said(partial) == []
    feed(eager, heard)
    assert [turn.text for turn in echo.requests[0].turns] == ["hello"]


def test_a_new_stream_takes_the_offer_back_and_keeps_the_memory(feed, listen, echo, make_stage, suggestions):
    first = listen([(1000, 3000, "S1:hello")], 9_000)
    second = listen([(1000, 2000, "S2:hi")], 8_000)
    loop = make_stage(echo)
    told = suggestions(feed(loop, first) + feed(loop, second))
    assert [suggestion.status for suggestion in told] == [OFFERED, WITHDRAWN, OFFERED]
    assert told[1].time_ns == first.activities[-1].time_ns
    assert told[2].time_ns == second.speech[0][1] + 4 * S
    assert [turn.text for turn in echo.requests[-1].turns] == ["hello", "hi"]


def test_after_a_long_gap_in_the_audio_somebody_must_speak_first(
    feed, listen, echo, make_stage, suggestions, states
):
    first = listen([(1000, 3000, "S1:hello")], 5_000)
    later = listen([], 30_000, origin_ns=3600 * S)
    waiting = make_stage(echo)
    told = feed(waiting, first) + feed(waiting, later)
    assert suggestions(told) == []
    assert len(states(told)) < 100


def test_nothing_is_offered_long_after_it_was_due(listen, echo, make_stage, suggestions, heard_until):
    heard = listen([(1000, 3000, "S1:hello")], 100_000)
    changed = make_stage(echo, max_per_hour=0)
    heard_until(changed, heard, 90 * S)
    changed.parameters = replace(changed.parameters, max_per_hour=20, silence_s=3.0)
    assert suggestions(heard_until(changed, heard, 100 * S)) == []


def test_the_news_of_speech_may_be_lost(listen, thinker, echo, make_stage, suggestions, heard_until):
    heard = listen([(1000, 3000, "S1:hello"), (8000, 9000, None)], 12_000)
    heard.activities[:] = [a for a in heard.activities if not (a.speech and a.time_ns > 8 * S)]
    offer, withdrawal = suggestions(heard_until(make_stage(echo), heard, 12 * S))
    assert (offer.status, withdrawal.status) == (OFFERED, WITHDRAWN)
    heard = listen([(1000, 3000, "S1:hello"), (5000, 6000, None)], 12_000)
    heard.activities[:] = [a for a in heard.activities if not (a.speech and a.time_ns > 5 * S)]
    thinking = make_stage(thinker, echo)
    heard_until(thinking, heard, 5 * S)
    assert thinker.begun.wait(WAIT_S)
    heard_until(thinking, heard, 7 * S)
    assert thinker.gave_up.wait(WAIT_S)


def test_a_bank_that_fails_leaves_nobody_waiting_and_the_conversation_followed(
    listen, make_stage, ask, states, heard_until
):
    class Broken:
        name, instant = "broken", True

        def recommend(self, request, cancelled):
            raise KeyError("topic")

    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    broken = make_stage(Broken())
    told = heard_until(broken, heard, 4 * S)
    assert ask(broken) == "there is nothing new to suggest"
    told += heard_until(broken, heard, 12 * S)
    assert len(states(told)) >= 23
    assert broken.drafter.failures == 2


def test_what_waits_for_an_utterance_is_known(listen, echo, make_stage):
    heard = listen([(1000, 3000, "S1:hello")], 40_000)
    waiting = make_stage(echo)
    for activity in heard.activities:
        waiting.heard(activity)
    assert waiting.waits_s > 30
    waiting.said(heard.utterances[0])
    assert waiting.waits_s == 0


def sounds():
    """Sounds one after the other: (pause, length, text) in windows; lengths may be too short to be speech."""
    texts = st.sampled_from(["S1:the old piano", "S2:my garden", "S3:well", None])
    return st.lists(st.tuples(st.integers(1, 250), st.integers(1, 60), texts), min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@given(
    script=sounds(),
    seed=st.integers(0, 2**32),
    delays=st.lists(st.integers(0, 3000), max_size=5),
    cooldown_s=st.sampled_from([0.0, 5.0, 20.0]),
)
def test_only_the_audio_decides(
    feed, listen, make_echo, make_stage, suggestions, script, seed, delays, cooldown_s
):
    """Any order of arrival and any engine delay: the same states and suggestions, and none inside speech."""
    talk, time = [], 0
    for pause, length, text in script:
        start = time + pause * 32
        time = start + length * 32
        talk.append((start, time, text))
    until = time + 20_000
    quick, slow = listen(talk, until), listen(talk, until, delays)
    pick = random.Random(seed)
    expected = feed(make_stage(make_echo(), cooldown_s=cooldown_s), quick)
    told = feed(make_stage(make_echo(), cooldown_s=cooldown_s), slow, lambda latest: pick.randint(0, latest))
    assert told == expected
    offers = [event for event in suggestions(expected) if event.status == OFFERED]
    for offer in offers:
        assert not any(start <= offer.time_ns < end for start, end in quick.speech)
    times = [event.time_ns for event in expected]
    assert times == sorted(times)


EXTREMES = {
    "silence_s": (0.0, 0.001, 1.0, 60.0),
    "silence_factor": (0.0, 0.001, 10.0),
    "mid_turn_factor": (1.0, 10.0),
    "offer_at": (0.05, 0.95),
    "calm_at": (0.0, 1.0),
    "repetition_weight": (0.0, 1.0),
    "one_sided_weight": (0.0, 1.0),
    "one_sided_share": (0.5, 1.0),
    "minimal_responses_weight": (0.0, 1.0),
    "unanswered_question_weight": (0.0, 1.0),
    "cooldown_s": (0.0, 3600.0),
    "max_per_hour": (0, 1, 3600),
    "valid_s": (1.0, 300.0),
    "repeat_after_s": (0.0, 86400.0),
}


@settings(max_examples=200, deadline=None)
@given(
    script=sounds(),
    before=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in EXTREMES.items()}),
    after=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in EXTREMES.items()}),
)
def test_the_limits_of_parameters_are_no_limits_of_reason(
    listen, make_echo, make_stage, suggestions, states, heard_until, script, before, after
):
    """Also when they change in the middle: scores stay scores, and no offer is in speech."""
    talk, time = [], 0
    for pause, length, text in script:
        talk.append((time + pause * 32, time + (pause + length) * 32, text))
        time += (pause + length) * 32
    heard = listen(talk, time + 20_000)
    changing = make_stage(make_echo(), **before)
    told = heard_until(changing, heard, time // 2 * 1_000_000)
    changing.parameters = replace(changing.parameters, **after)
    told += heard_until(changing, heard, 10**15)
    assert all(0 <= state.awkwardness <= 1 and state.silence_s >= 0 for state in states(told))
    offers = [event for event in suggestions(told) if event.status == OFFERED]
    assert not any(start <= offer.time_ns < end for offer in offers for start, end in heard.speech)
    assert all(0 <= offer.awkwardness <= 1 for offer in offers)
    assert len({offer.suggestion_id for offer in offers}) == len(offers)
    if before["max_per_hour"] == after["max_per_hour"]:
        assert len(offers) <= before["max_per_hour"]
    times = [event.time_ns for event in told]
    assert times == sorted(times)


def test_the_engine_is_the_one_the_parameters_name():
    loaded = TopicStage.load(TopicParameters())
    assert loaded.engine.name == "topic_bank"
