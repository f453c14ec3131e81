import pytest

from stalk_ros.events import SuggestionStatus, Trigger, VoiceActivity
from stalk_ros.topics import TopicParameters, TopicStage

S = 1_000_000_000
WITHDRAWN = SuggestionStatus.WITHDRAWN


def test_a_request_is_answered_at_once_but_not_while_somebody_speaks(feed, listen, echo, make_stage, ask):
    asked = make_stage(echo)
    assert ask(asked) == "no audio was heard yet"
    heard = listen([(1000, 3000, "S1:hello"), (5000, 7000, "S2:hi")], 6_000)
    feed(asked, heard)
    assert heard.activities[-1].speech
    assert ask(asked) == "somebody speaks"
    quiet = make_stage(echo)
    quiet_heard = listen([(1000, 3000, "S1:hello")], 4_000)
    feed(quiet, quiet_heard)
    offer = ask(quiet, "ko-KR")
    assert (offer.trigger, offer.language, echo.requests[-1].language) == (Trigger.REQUEST, "ko-KR", "ko")
    assert offer.time_ns == quiet_heard.activities[-1].time_ns
    second = ask(quiet)
    assert second.language == "en"
    assert second.suggestion_id != offer.suggestion_id
    quiet.robot_spoke(True)
    assert ask(quiet) == "the robot speaks"


def test_a_requested_offer_comes_before_the_sound_that_may_be_speech(echo, make_stage, ask):
    asked = make_stage(echo)
    onset_ns = 6 * S - 50_000_000
    asked.heard(VoiceActivity(6 * S, False, 0.5, 3 * S, onset_ns))
    assert ask(asked).time_ns == onset_ns


def test_a_requested_offer_is_now_while_the_engine_is_still_busy_and_withdrawn_no_earlier(
    echo, make_stage, ask, suggestions
):
    asked = make_stage(echo)
    asked.heard(VoiceActivity(5 * S, True, 0.5, 3 * S, 2 * S))
    asked.heard(VoiceActivity(7 * S, False, 0.1, 1 * S, 2 * S))
    offer = ask(asked)
    assert offer.time_ns == 7 * S
    speech_from_ns = 7 * S - 50_000_000
    speech = VoiceActivity(7 * S + 50_000_000, True, 0.9, 100_000_000, speech_from_ns)
    (withdrawal,) = suggestions(asked.heard(speech))
    assert withdrawal.time_ns == 7 * S


def test_requested_offers_are_withdrawn_too_and_start_the_cooldown(
    feed, listen, echo, make_stage, ask, suggestions
):
    heard = listen([(1000, 3000, "S1:hello"), (4500, 5000, "S2:hi")], 20_000)
    asked = make_stage(echo)
    told = [event for utterance in heard.utterances for event in asked.said(utterance)]
    offer = None
    for activity in heard.activities:
        told += asked.heard(activity)
        if offer is None and activity.time_ns > 4 * S:
            offer = ask(asked)
    (withdrawal,) = suggestions(told)
    assert withdrawal.suggestion_id == offer.suggestion_id
    assert withdrawal.status == WITHDRAWN


def test_a_request_finds_nothing_new(feed, listen, make_stage, ask):
    class Mute:
        name, instant = "mute", True

        def recommend(self, request, cancelled):
            return None

    mute = make_stage(Mute())
    feed(mute, listen([(1000, 3000, "S1:hello")], 4_000))
    assert ask(mute) == "there is nothing new to suggest"


def test_whoever_asked_gets_the_answer_when_it_is_there(
    listen, thinker, echo, make_stage, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 12_000)
    thinking = make_stage(thinker, echo)
    heard_until(thinking, heard, 4 * S)
    answers = []
    assert thinking.ask("", answers.append) == []
    thinking.ask("", answers.append)
    assert answers.pop() == "somebody else has asked for a suggestion and is about to get it"
    thinker.done(thinking)
    (offer,) = suggestions(thinking.answered())
    assert answers == [offer]
    assert (offer.trigger, offer.text) == (Trigger.REQUEST, "Thought?")


def test_whoever_asked_is_told_what_came_between(listen, thinker, echo, make_stage, heard_until):
    heard = listen([(1000, 3000, "S1:hello"), (6000, 8000, "S2:hi")], 8_000)
    thinking = make_stage(thinker, echo)
    heard_until(thinking, heard, 4 * S)
    answers = []
    thinking.ask("", answers.append)
    heard_until(thinking, heard, 8 * S)
    thinking.ask("", answers.append)
    quiet = make_stage(thinker, echo)
    heard_until(quiet, listen([(1000, 3000, "S1:hello")], 4_000), 4 * S)
    quiet.ask("", answers.append)
    quiet.robot_spoke(True)
    quiet.robot_spoke(False)
    quiet.ask("", answers.append)
    quiet.deactivated()
    assert answers == [
        "somebody speaks",
        "somebody speaks",
        "the robot speaks",
        "the recommender was deactivated",
    ]


def test_a_silence_that_had_what_was_asked_for_gets_nothing_else(
    listen, make_echo, make_stage, ask, suggestions, heard_until
):
    heard = listen([(1000, 3000, "S1:hello")], 60_000)
    robot = make_stage(make_echo(), cooldown_s=5.0)
    heard_until(robot, heard, 4 * S)
    assert ask(robot).trigger == Trigger.REQUEST
    assert suggestions(heard_until(robot, heard, 60 * S)) == []


def test_speech_before_an_offer_that_was_asked_for_does_not_take_it_back(echo, make_stage, ask, suggestions):
    asked = make_stage(echo)
    asked.heard(VoiceActivity(3 * S, False, 0.1, S, 3 * S))
    # The transcript lags: the speech that ended at 6.5 s is followed only after the request at 7 s.
    asked.heard(VoiceActivity(6 * S, True, 0.9, 2 * S, 3 * S))
    asked.heard(VoiceActivity(7 * S, False, 0.1, S // 2, 3 * S))
    offer = ask(asked)
    assert offer.time_ns == 7 * S
    assert suggestions(asked.heard(VoiceActivity(8 * S, False, 0.1, 3 * S // 2, 8 * S))) == []
    speech = VoiceActivity(9 * S, True, 0.9, S // 2, 8 * S + S // 2)
    (withdrawal,) = suggestions(asked.heard(speech))
    assert (withdrawal.suggestion_id, withdrawal.time_ns) == (offer.suggestion_id, 8 * S + S // 2)


@pytest.mark.parametrize("language", ["Tell me a story", "Korean", "e", "ko-", "한국어", " "])
def test_a_request_in_no_language_says_how_to_write_one(listen, echo, language, make_stage, ask, heard_until):
    asked = make_stage(echo)
    heard_until(asked, listen([(1000, 3000, "S1:hello")], 4_000), 4 * S)
    assert "is no BCP 47 tag; write 'ko'" in ask(asked, language)
    assert not echo.requests


def test_a_request_in_a_language_that_nobody_speaks_says_which_there_are(listen, ask, heard_until):
    asked = TopicStage.load(TopicParameters(backend="topic_bank"))
    heard_until(asked, listen([(1000, 3000, "S1:hello")], 4_000), 4 * S)
    assert "'xx': questions come in en, ko, ja;" in ask(asked, "xx")
    assert ask(asked, "en_US").language == "en-US"
