import threading
from dataclasses import replace

from stalk_ros.topics.jobs import Job

S = 1_000_000_000
WAIT_S = 10.0


def test_a_draft_of_two_seconds_is_out_at_the_threshold(
    listen, thinker, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    end_ns = heard.speech[0][1]
    thinking = make_stage(thinker, echo)
    told = heard_until(thinking, heard, end_ns + 1 * S - 1)
    assert not thinker.requests
    told += heard_until(thinking, heard, end_ns + 3 * S)
    assert thinker.begun.wait(WAIT_S)
    thinker.done(thinking)
    told += heard_until(thinking, heard, 12 * S)
    (offer,) = suggestions(told)
    assert (offer.time_ns, offer.text, offer.source) == (end_ns + 4 * S, "Thought?", "thinker")


def test_a_draft_that_is_late_is_out_with_the_next_audio(
    listen, thinker, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    thinking = make_stage(thinker, echo, budget_s=WAIT_S)
    assert suggestions(heard_until(thinking, heard, 9 * S)) == []
    assert thinker.begun.wait(WAIT_S)
    thinker.done(thinking)
    next_ns = heard.activities[0].time_ns
    (offer,) = suggestions(heard_until(thinking, heard, 12 * S))
    assert (offer.time_ns, offer.text) == (next_ns, "Thought?")


def test_an_engine_over_its_budget_is_not_waited_for(
    listen, thinker, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    end_ns = heard.speech[0][1]
    thinking = make_stage(thinker, echo)
    told = heard_until(thinking, heard, end_ns + 3 * S)
    assert thinker.begun.wait(WAIT_S)
    thinking.drafter._deadline_s = 0.0
    (offer,) = suggestions(told + heard_until(thinking, heard, 12 * S))
    assert (offer.time_ns, offer.source) == (end_ns + 4 * S, "echo")
    assert thinker.gave_up.wait(WAIT_S)


def test_a_draft_under_way_is_given_up_when_somebody_speaks(
    listen, thinker, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello"), (6000, 8000, "S2:hi")], 8_000)
    thinking = make_stage(thinker, echo)
    told = heard_until(thinking, heard, 5 * S)
    assert thinker.begun.wait(WAIT_S)
    assert not thinker.gave_up.is_set()
    told += heard_until(thinking, heard, 8 * S)
    assert thinker.gave_up.wait(WAIT_S)
    assert suggestions(told) == []


def test_the_conversation_is_followed_while_the_engine_thinks(
    listen, thinker, echo, make_stage, states, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    thinking = make_stage(thinker, echo, budget_s=WAIT_S)
    times = [state.time_ns for state in states(heard_until(thinking, heard, 12 * S))]
    assert times[-1] == 12 * S - S // 2 or times[-1] == 12 * S
    assert len(times) >= 23


def test_a_lapse_shorter_than_the_time_to_think_is_kept(listen, echo, make_stage, suggestions, heard_until):
    heard = listen([(1000, 3000, "S1:hello")], 6_000)
    end_ns = heard.speech[0][1]
    (offer,) = suggestions(heard_until(make_stage(echo, silence_s=0.8), heard, 6 * S))
    assert offer.time_ns == end_ns + 8 * S // 10


def test_an_offer_is_in_the_language_in_which_it_was_thought_of(
    listen, thinker, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    thinking = make_stage(thinker, echo)
    told = heard_until(thinking, heard, 5 * S)
    assert thinker.begun.wait(WAIT_S)
    thinking.parameters = replace(thinking.parameters, language="ko")
    thinker.done(thinking)
    (offer,) = suggestions(told + heard_until(thinking, heard, 12 * S))
    assert offer.language == thinker.requests[0].language == "en"


def test_what_could_not_be_summed_up_at_once_is_summed_up_in_silence(
    listen, thinker, echo, make_stage, heard_until
):
    summing = make_stage(thinker, echo, max_per_hour=0)
    talk = [(1000 * second, 1000 * second + 300, "S1:the old piano") for second in range(1, 85)]
    heard = listen(talk, 100_000)
    release = threading.Event()
    summing.drafter._thread.do(Job(lambda cancelled: release.wait(WAIT_S)))
    heard_until(summing, heard, 86 * S)
    assert not thinker.summed_up.is_set()
    busy = summing.drafter._thread._current
    release.set()
    assert busy.done.wait(WAIT_S)
    heard_until(summing, heard, 88 * S)
    assert thinker.summed_up.wait(WAIT_S)
