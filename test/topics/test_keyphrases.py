from stalk_ros.events import Utterance, Word
from stalk_ros.topics.keyphrases import keyphrases, probable_text


def turns(*texts):
    return [Utterance(f"u{n}", n, n + 1, text, speaker_id=f"S{n}") for n, text in enumerate(texts, start=1)]


def test_what_is_mentioned_more_often_weighs_more():
    found = keyphrases(turns("the lake was cold", "we saw a dog", "the dog was old"), "en")
    assert [keyphrase.topic for keyphrase in found] == ["dog", "lake"]
    assert found[0].mentions == 2


def test_of_equals_the_last_mentioned_comes_first():
    found = keyphrases(turns("we passed the lake and then the castle", "and a small restaurant"), "en")
    assert [keyphrase.topic for keyphrase in found] == ["small restaurant", "castle", "lake"]


def test_forms_of_one_thing_are_counted_together_under_the_shortest():
    (found,) = keyphrases(
        turns("i bought an old piano", "my piano is at home", "the new piano is black"), "en"
    )
    assert (found.topic, found.phrase, found.speaker_id, found.mentions) == ("piano", "your piano", "S2", 3)


def test_the_speaker_is_who_brought_it_up():
    (found,) = keyphrases(turns("we took the train", "was the train late"), "en")
    assert found.speaker_id == "S1"


def test_a_mention_fades_with_the_turns_after_it():
    (fresh,) = keyphrases(turns("the lake was cold"), "en")
    (faded,) = keyphrases(turns("the lake was cold", *["yes"] * 10), "en")
    assert fresh.weight == 1.0
    assert faded.weight < 0.7


def test_a_language_without_word_lists_has_no_keyphrases():
    assert keyphrases(turns("der alte See"), "de") == []


def test_words_that_are_not_certain_are_not_used():
    heard = [("the", 0.9), ("old", 0.9), ("lake", 0.4), ("and", 0.9), ("my", 0.9), ("dog", 0.6)]
    words = tuple(Word(text, 0, 1, probability) for text, probability in heard)
    turn = Utterance("u1", 0, 1, "the old lake and my dog", words, language="en")
    assert probable_text(turn) == "the old … and my dog"
    assert [keyphrase.topic for keyphrase in keyphrases([turn], "en")] == ["dog"]


def test_without_words_the_confidence_in_the_whole_counts():
    for confidence, found in ((0.0, 1), (0.5, 0), (0.6, 1)):
        turn = Utterance("u1", 0, 1, "the lake was cold", confidence=confidence)
        assert len(keyphrases([turn], "en")) == found


def test_the_owner_of_a_thing_is_asked_about_it():
    (found,) = keyphrases(turns("the cow", "i have a brown cow", "the cow is nice"), "en")
    assert (found.phrase, found.speaker_id, found.mentions) == ("your brown cow", "S2", 3)
