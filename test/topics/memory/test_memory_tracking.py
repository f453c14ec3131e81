import pytest

S = 1_000_000_000


def shifted(memory, seconds):
    return memory.topic_since_ns == seconds * S


BEFORE = ("S1:we grow tomatoes in the garden", "S2:tomatoes from the garden taste sweet")


def test_a_question_about_something_new_is_a_shift(remembering):
    assert shifted(remembering(*BEFORE, "S1:do you play the piano?"), 12)


def test_a_question_about_what_was_said_is_none(remembering):
    assert shifted(remembering(*BEFORE, "S1:do you water the garden?"), 0)


def test_a_turn_full_of_new_words_is_a_shift(remembering):
    assert shifted(remembering(*BEFORE, "S1:yesterday my brother painted the kitchen yellow"), 12)


def test_one_that_takes_up_a_word_is_none(remembering):
    assert shifted(remembering(*BEFORE, "S1:yesterday my brother painted the garden yellow"), 0)


def test_an_answer_is_none_unless_the_asker_goes_on(remembering):
    asked = (*BEFORE, "S1:do tomatoes need water?")
    assert shifted(remembering(*asked, "S2:my brother painted kitchens"), 0)
    assert shifted(remembering(*asked, "S1:my brother painted kitchens"), 18)


def test_a_question_that_refers_back_needs_more(remembering):
    assert shifted(remembering(*BEFORE, "S1:is it heavy?"), 0)
    assert shifted(remembering(*BEFORE, "S1:is Lisbon heavy?"), 12)


@pytest.mark.parametrize("text", ["yes", "hmm", "okay"])
def test_a_minimal_response_changes_nothing(remembering, text):
    memory = remembering(*BEFORE, f"S1:{text}")
    assert shifted(memory, 0)
    assert shifted(remembering("S2:do you play the piano?", memory=memory, start_s=18), 18)


def test_an_answer_may_come_after_a_minimal_response(remembering):
    asked = (*BEFORE, "S1:do tomatoes need water?", "S2:hmm")
    assert shifted(remembering(*asked, "S2:my brother painted kitchens"), 0)


def test_the_first_turn_is_no_shift(remembering):
    assert shifted(remembering("S1:do you play the piano?"), 0)


def test_the_new_topic_is_not_outweighed_by_the_old(remembering):
    old = "S1:the garden, the garden, the garden"
    memory = remembering(old, "S1:do you play an instrument?")
    assert memory.topic == ""
    assert remembering("S2:I play the piano", memory=memory, start_s=12).topic == "piano"


def test_a_topic_stays_while_nothing_clearly_outweighs_it(remembering):
    memory = remembering("S1:the garden is large", "S2:the fountain is dry")
    assert memory.topic == "garden"
    remembering("S2:the fountain, the fountain", memory=memory, start_s=12)
    assert memory.topic == "fountain"
