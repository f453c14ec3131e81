from stalk_ros.topics.memory.heard import hear


def test_an_improbable_word_is_not_heard(said):
    heard = hear(said("S1:we saw the ~purple castle"), "en")
    assert "purple" not in heard.text
    assert heard.words == ("castl",)


def test_questions_are_told_from_other_sentences(said):
    heard = hear(said("S1:We went out. Where is it? Fine."), "en")
    assert heard.asks == ("Where is it?",)
    assert heard.tells == ("We went out.", "Fine.")


def test_a_question_is_one_also_where_a_word_is_improbable(said):
    heard = hear(said("S1:what did you ~get from the castle"), "en")
    assert (heard.asks, heard.tells) == (("what did you … from the castle",), ())
