import pytest

from stalk_ros.events import Utterance
from stalk_ros.topics.memory.heard import hear, probable_text


def test_an_improbable_word_becomes_a_break(said):
    assert probable_text(said("S1:we saw the ~purple castle")) == "we saw the , castle"


def test_probable_words_are_heard_as_written(said):
    utterance = said("S1:~We saw.", 0)
    probable = Utterance("u", 0, 1, "We saw.", utterance.words[1:])
    assert probable_text(probable) == "We saw."


@pytest.mark.parametrize(("confidence", "text"), [(0.0, "we saw"), (0.3, ""), (0.8, "we saw")])
def test_without_words_the_whole_utterance_counts(confidence, text):
    assert probable_text(Utterance("u", 0, 1, "we saw", confidence=confidence)) == text


def test_questions_are_told_from_other_sentences(said):
    heard = hear(said("S1:We went out. Where is it? Fine."), "en")
    assert heard.asks == ("Where is it?",)
    assert heard.tells == ("We went out.", "Fine.")
