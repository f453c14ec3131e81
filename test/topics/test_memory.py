import pytest

from stalk_ros.events import Utterance
from stalk_ros.topics.memory import MAX_TURNS, Memory

S = 1_000_000_000


def said(speaker, start_s, length_s, text="well", language="en"):
    return Utterance("u", start_s * S, (start_s + length_s) * S, text, language=language, speaker_id=speaker)


def remembering(*utterances):
    memory = Memory()
    for utterance in utterances:
        memory.add(utterance)
    return memory


def test_talk_share_is_the_share_of_talking_time_in_order_of_appearance():
    memory = remembering(said("S2", 0, 3), said("S1", 3, 5), said("S2", 8, 2), said("", 10, 7))
    assert list(memory.talk_share().items()) == [("S2", 0.5), ("S1", 0.5)]
    assert remembering().talk_share() == {}
    assert remembering(said("S1", 0, 0)).talk_share() == {}


def test_the_quietest_of_the_quiet_comes_first():
    memory = remembering(said("S1", 0, 20), said("S2", 20, 3), said("S3", 23, 1), said("S4", 24, 10))
    assert memory.quiet_speakers() == ("S3", "S2")
    assert remembering(said("S1", 0, 20)).quiet_speakers() == ()


def test_the_language_is_the_one_spoken_last():
    memory = remembering(said("S1", 0, 1, language="en-US"), said("S1", 1, 1, language="ko"))
    assert memory.language == "ko"
    memory.add(said("S1", 2, 1, language=""))
    assert memory.language == "ko"
    assert remembering(said("S1", 0, 1, language="en-US")).language == "en"
    assert Memory().language == ""


def test_the_topic_follows_the_talk():
    memory = remembering(said("S1", 0, 1, "we got a dog"), said("S1", 0, 1, "the dog sleeps"))
    assert memory.topic == "dog"
    memory.add(said("S2", 2, 1, "the garden, the garden, the garden"))
    assert memory.topic == "garden"
    for _ in range(8):
        memory.add(said("S2", 2, 1, "yes"))
    assert memory.topic == ""


def test_a_long_day_does_not_grow_the_memory():
    memory = remembering(*(said(f"S{index}", index, 1) for index in range(10 * MAX_TURNS)))
    assert len(memory.turns) == MAX_TURNS
    assert len(memory.talk_share()) == MAX_TURNS


def test_suggestions_are_remembered_in_order():
    memory = Memory()
    memory.suggested("One?", "one")
    memory.suggested("Two?", "two")
    assert memory.texts == ("One?", "Two?")
    assert memory.topics == ("one", "two")


def test_shares_sum_to_one():
    memory = remembering(*(said(f"S{index % 7}", index, 1 + index % 3) for index in range(50)))
    assert sum(memory.talk_share().values()) == pytest.approx(1.0)
