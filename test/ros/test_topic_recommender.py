from __future__ import annotations

import threading
import weakref

import pytest
from rclpy.parameter import Parameter
from std_msgs.msg import Bool

import stalk_ros.msg as msg
import stalk_ros.srv as srv
from stalk_ros.events import Utterance, VoiceActivity, Word
from stalk_ros.ros import conversions
from stalk_ros.ros.topic_recommender import TopicRecommender
from stalk_ros.topics.backends import BACKENDS

SECOND_NS = 1_000_000_000
SPEECH_END_NS = 2 * SECOND_NS


@pytest.fixture
def recommender(graph):
    node = graph.add(TopicRecommender())
    node.autostart()
    assert node.active
    return node


class Talk:
    """Publishes what asr and diarization would about one utterance and the silence after it."""

    def __init__(self, graph) -> None:
        self._activity = graph.publisher(msg.VoiceActivity, "voice_activity")
        self._utterances = graph.publisher(msg.SpeakerUtterance, "utterances")
        graph.connected(self._activity)
        graph.connected(self._utterances)

    def activity(self, time_s: float, speech: bool, since_s: float) -> None:
        time_ns, since_ns = round(time_s * SECOND_NS), round(since_s * SECOND_NS)
        ended_ns = SPEECH_END_NS if time_ns > SPEECH_END_NS else 0
        known_ns = since_ns if speech else time_ns
        event = VoiceActivity(time_ns, speech, 0.5, time_ns - since_ns, known_ns, ended_ns)
        self._activity.publish(conversions.activity_to_msg(event, "head"))

    def say(self, text: str) -> None:
        self.activity(1.0, False, 0.0)
        self.activity(1.5, True, 1.0)
        words = (Word(text, SECOND_NS, SPEECH_END_NS, 1.0),)
        utterance = Utterance("u1000", SECOND_NS, SPEECH_END_NS, text, words, "en", 1.0, "S1")
        self._utterances.publish(conversions.utterance_to_msg(utterance, "head"))

    def silence(self, until_s: float) -> None:
        for tenth in range(26, round(until_s * 10) + 1):
            self.activity(tenth / 10, False, 2.0)


def test_silence_is_filled_at_four_seconds_and_the_offer_withdrawn_at_the_first_word(
    graph, recommender
) -> None:
    suggestions = graph.collect(msg.TopicSuggestion, "suggestions")
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=7.0)
    graph.wait(lambda: suggestions, "an offer")
    offer = suggestions[0]
    assert (offer.status, offer.trigger) == (offer.OFFERED, offer.SILENCE)
    assert conversions.to_ns(offer.header.stamp) == SPEECH_END_NS + 4 * SECOND_NS
    assert "mountains" in offer.text
    assert offer.header.frame_id == "head"
    talk.activity(7.2, True, 7.1)
    graph.wait(lambda: len(suggestions) == 2, "the withdrawal")
    assert suggestions[1].status == offer.WITHDRAWN
    assert suggestions[1].suggestion_id == offer.suggestion_id


def test_nothing_is_offered_while_the_robot_speaks(graph, recommender) -> None:
    suggestions = graph.collect(msg.TopicSuggestion, "suggestions")
    states = graph.collect(msg.ConversationState, "conversation_state")
    robot = graph.publisher(Bool, "/robot_speaking")
    graph.connected(robot)
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=3.0)
    graph.wait(lambda: states and conversions.to_ns(states[-1].header.stamp) >= 3 * SECOND_NS, "the silence")
    robot.publish(Bool(data=True))
    graph.wait(lambda: recommender._stage._pacing.robot_speaking, "the robot's word")
    talk.silence(until_s=8.0)
    graph.wait(lambda: conversions.to_ns(states[-1].header.stamp) >= 8 * SECOND_NS, "the silence")
    assert states[-1].robot_speaking
    assert not suggestions


def test_a_suggestion_can_be_asked_for(graph, recommender) -> None:
    suggestions = graph.collect(msg.TopicSuggestion, "suggestions")
    states = graph.collect(msg.ConversationState, "conversation_state")

    def ask(language=""):
        request = srv.SuggestTopic.Request(language=language)
        return graph.call(srv.SuggestTopic, "topic_recommender/suggest_topic", request)

    refused = ask()
    assert not refused.success
    assert refused.message
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=3.0)
    graph.wait(lambda: states and conversions.to_ns(states[-1].header.stamp) >= 3 * SECOND_NS, "the silence")
    answer = ask("ko")
    assert answer.success
    assert answer.suggestion.trigger == msg.TopicSuggestion.REQUEST
    assert answer.suggestion.language == "ko"
    assert graph.wait(lambda: suggestions, "the same on the topic")[0] == answer.suggestion
    recommender.trigger_deactivate()
    assert ask().message == "topic_recommender is not active"


def test_its_parameters_change_while_it_runs(graph, recommender) -> None:
    assert recommender.set_parameters([Parameter("silence_s", value=2.5)])[0].successful
    suggestions = graph.collect(msg.TopicSuggestion, "suggestions")
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=5.0)
    graph.wait(lambda: suggestions, "an offer")
    assert conversions.to_ns(suggestions[0].header.stamp) == SPEECH_END_NS + round(2.5 * SECOND_NS)


class Hanging:
    """An engine that thinks until it is let go."""

    name, caveat, instant = "hanging", "", False
    release = threading.Event()

    def __init__(self, parameters) -> None:
        self.release.clear()

    @classmethod
    def missing(cls, parameters) -> str:
        return ""

    def recommend(self, request, cancelled):
        self.release.wait()

    def summarize(self, summary, turns, language, cancelled) -> str:
        return ""


@pytest.fixture
def hanging(graph, monkeypatch):
    monkeypatch.setitem(BACKENDS.built_in, "hanging", f"{__name__}:Hanging")
    overrides = [Parameter("backend", value="hanging"), Parameter("budget_s", value=0.2)]
    node = graph.add(TopicRecommender(parameter_overrides=overrides))
    node.autostart()
    assert node.active
    yield node
    Hanging.release.set()


def test_an_engine_that_hangs_holds_up_nothing_and_the_bank_answers(graph, hanging) -> None:
    suggestions = graph.collect(msg.TopicSuggestion, "suggestions")
    states = graph.collect(msg.ConversationState, "conversation_state")
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=4.0)
    graph.wait(lambda: hanging._stage.drafter.hanging_s > 0, "a draft")
    graph.wait(lambda: hanging._stage.drafter.ready, "the end of its budget")
    talk.silence(until_s=7.0)
    graph.wait(lambda: suggestions, "an offer")
    assert suggestions[0].source == "topic_bank"
    assert conversions.to_ns(suggestions[0].header.stamp) == SPEECH_END_NS + 4 * SECOND_NS
    graph.wait(lambda: conversions.to_ns(states[-1].header.stamp) >= 7 * SECOND_NS, "the silence")
    assert "took too long" in hanging.health().message
    answer = graph.call(srv.SuggestTopic, "topic_recommender/suggest_topic", srv.SuggestTopic.Request())
    assert answer.success
    assert answer.suggestion.source == "topic_bank"


def test_a_node_with_an_engine_that_hangs_ends_and_answers_whoever_waits(graph, hanging) -> None:
    states = graph.collect(msg.ConversationState, "conversation_state")
    assert hanging.set_parameters([Parameter("budget_s", value=600.0)])[0].successful
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=3.0)
    graph.wait(lambda: states and conversions.to_ns(states[-1].header.stamp) >= 3 * SECOND_NS, "the silence")
    answer = graph.ask(srv.SuggestTopic, "topic_recommender/suggest_topic", srv.SuggestTopic.Request())
    graph.wait(lambda: hanging._stage._asked, "the request")
    hanging.trigger_deactivate()
    graph.wait(answer.done, "the answer")
    assert answer.result().message == "the recommender was deactivated"


def test_what_is_cleaned_up_leaves_neither_a_thread_nor_an_engine(graph, hanging) -> None:
    Hanging.release.set()
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=4.0)
    graph.wait(lambda: hanging._stage._pacing._talked, "the talk")
    for _ in range(3):
        engine = weakref.ref(hanging._stage.engine)
        thread = hanging._stage.drafter._thread._thread
        hanging.trigger_deactivate()
        hanging.trigger_cleanup()
        assert engine() is None
        assert not thread.is_alive()
        hanging.trigger_configure()
        hanging.trigger_activate()


def test_whoever_waits_is_answered_when_the_stage_fails(graph, recommender, monkeypatch) -> None:
    def fail(language, answer):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(recommender._stage, "ask", fail)
    answer = graph.call(srv.SuggestTopic, "topic_recommender/suggest_topic", srv.SuggestTopic.Request())
    assert not answer.success
    assert answer.message == "RuntimeError: out of memory"


def test_a_robot_that_never_stops_speaking_is_reported(graph, recommender) -> None:
    robot = graph.publisher(Bool, "/robot_speaking")
    graph.connected(robot)
    talk = Talk(graph)
    talk.say("we went to the mountains")
    talk.silence(until_s=3.0)
    graph.wait(lambda: recommender._stage._pacing._talked, "the talk")
    robot.publish(Bool(data=True))
    graph.wait(lambda: recommender._stage._pacing.robot_speaking, "the robot's word")
    assert "robot_speaking" not in recommender.health().message
    for second in range(4, 130, 2):
        talk.activity(second, False, 2.0)
    graph.wait(lambda: recommender._stage.robot_speaking_s > 120, "its speech")
    assert "/robot_speaking is true for" in recommender.health().message


def test_an_utterance_that_does_not_arrive_is_reported(graph, recommender) -> None:
    talk = Talk(graph)
    talk.activity(1.0, False, 0.0)
    talk.activity(1.5, True, 1.0)
    for second in range(4, 40, 4):
        talk.activity(second, False, 2.0)
    graph.wait(lambda: recommender._stage.waits_s > 20, "the wait")
    assert "does diarization keep up?" in recommender.health().message
