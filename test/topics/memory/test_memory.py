import pytest

from stalk_ros.events import Utterance
from stalk_ros.topics.memory import MAX_SUGGESTIONS, MAX_TURNS, Memory

S = 1_000_000_000
HOUR_TURNS = 600


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


def test_shares_sum_to_one():
    memory = remembering(*(said(f"S{index % 7}", index, 1 + index % 3) for index in range(50)))
    assert sum(memory.talk_share().values()) == pytest.approx(1.0)


def test_the_topic_follows_the_talk():
    memory = remembering(said("S1", 0, 1, "we got a dog"), said("S1", 0, 1, "the dog sleeps"))
    assert memory.topic == "dog"
    memory.add(said("S2", 2, 1, "the garden, the garden, the garden"))
    assert memory.topic == "garden"
    for _ in range(8):
        memory.add(said("S2", 2, 1, "yes"))
    assert memory.topic == ""


def test_a_language_without_word_lists_is_remembered_all_the_same():
    memory = remembering(said("S1", 0, 1, "der alte See", "de"), said("S2", 1, 1, "Welcher See?", "de"))
    assert len(memory.turns) == 2
    assert (memory.topic, memory.threads(), memory.names) == ("", (), {})
    assert len(memory.questions()) == 1


def test_the_same_conversation_is_remembered_the_same(talk):
    first, second = (remembering(*talk(300)) for _ in range(2))
    for look in ("topic", "topics", "names", "people", "summary"):
        assert getattr(first, look) == getattr(second, look)
    assert first.threads() == second.threads()
    assert first.questions() == second.questions()


def held(thing, seen):
    """How many objects something holds, itself included."""
    if isinstance(thing, (str, int, float, bool, type(None), Utterance)) or id(thing) in seen:
        return 1
    seen.add(id(thing))
    parts = list(thing.items()) if isinstance(thing, dict) else None
    if parts is None:
        parts = list(thing) if hasattr(thing, "__iter__") else list(vars(thing).values())
    return 1 + sum(held(part, seen) for part in parts)


def test_ten_hours_do_not_grow_the_memory(talk, offer):
    """It holds no more after ten hours than after five, and neither does what a request is made of."""
    memory, sizes, requests = Memory(), [], []
    for number, utterance in enumerate(talk(10 * HOUR_TURNS), start=1):
        memory.add(utterance)
        if number % 30 == 0:
            memory.suggested(offer(f"topic {number % 900}", "Well?", utterance.end_ns / S))
        if number % (5 * HOUR_TURNS) == 0:
            made = len(memory.suggested_texts)
            sizes.append(held(memory, set()) - 4 * made)
            requests.append((memory.threads(), memory.questions(), memory.summary, memory.names))
    assert sizes[1] < 1.05 * sizes[0]
    assert sizes[1] < 20_000
    for threads, questions, summary, names in requests:
        assert len(threads) <= 20
        assert len(questions) <= 20
        assert len(summary) <= 1200
        assert len(names) <= 100
    assert len(memory.turns) == MAX_TURNS
    assert len(memory.people) == 100


def test_suggestions_are_remembered_in_order_and_not_for_ever(offer):
    memory = Memory()
    for number in range(MAX_SUGGESTIONS + 2):
        memory.suggested(offer(f"topic {number}", f"Sentence {number}?", number))
    assert len(memory.suggested_texts) == MAX_SUGGESTIONS
    assert memory.suggested_texts[-2:] == (f"Sentence {number - 1}?", f"Sentence {number}?")
    assert memory.suggested_topics()[-1] == f"topic {number}"
    assert len(memory.liked()) == 500
    assert memory.suggested_topics(number * S) == (f"topic {number}",)
