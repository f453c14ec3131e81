import pytest


def unanswered(memory):
    return [question.text for question in memory.questions()]


ASKED = "S1:Where did you grow up?"
POLAR = "S1:Do you play the piano?"


def test_a_question_is_open_until_somebody_else_answers(remembering):
    assert unanswered(remembering(ASKED)) == ["Where did you grow up?"]
    assert unanswered(remembering(ASKED, "S2:On a farm in the north.")) == []


@pytest.mark.parametrize(
    "reply", ["S1:I mean as a child, in which town.", "S2:Hmm.", "S2:Why do you ask me that?"]
)
def test_what_is_no_answer(remembering, reply):
    assert "Where did you grow up?" in unanswered(remembering(ASKED, reply))


def test_yes_answers_what_wants_a_yes_or_no_only(remembering):
    assert unanswered(remembering(POLAR, "S2:Yes.")) == []
    assert unanswered(remembering(ASKED, "S2:Yes.")) == ["Where did you grow up?"]


def test_an_answer_may_come_with_a_question_back(remembering):
    assert unanswered(remembering(ASKED, "S2:On a farm in the north. And where are you from?")) == [
        "On a farm in the north. And where are you from?"
    ]


def test_a_late_answer_must_be_about_it(remembering):
    between = ["S1:The soup needs more salt."] * 3
    assert unanswered(remembering(POLAR, *between, "S2:The soup is hot enough."))
    assert not unanswered(remembering(POLAR, *between, "S2:I never learned the piano."))


def test_the_latest_comes_first_and_one_asked_again_once(remembering):
    memory = remembering(POLAR, ASKED, "S1:Did you grow up there?", POLAR)
    assert unanswered(memory)[0] == "Do you play the piano?"
    assert unanswered(memory).count("Do you play the piano?") == 1


@pytest.mark.parametrize(
    "text", ["It is lovely, isn't it?", "He was so late, you know?", "We need salt, right?", "Where was I?"]
)
def test_questions_to_nobody_do_not_count(remembering, text):
    assert unanswered(remembering(f"S1:{text}")) == []


@pytest.mark.parametrize("text", ["날씨가 좋네요, 그렇죠?"])
def test_nor_do_korean_ones(remembering, text):
    assert unanswered(remembering(f"S1:{text}", language="ko")) == []


def test_nor_do_japanese_ones(remembering):
    assert unanswered(remembering("S1:いい天気ですよね？", language="ja")) == []


def test_korean_and_japanese_yes_are_answers(remembering):
    assert unanswered(remembering("S1:피아노 치세요?", "S2:네.", language="ko")) == []
    assert unanswered(remembering("S1:어디에 사세요?", "S2:네.", language="ko")) == ["어디에 사세요?"]
    assert unanswered(remembering("S1:ピアノを弾きますか？", "S2:はい。", language="ja")) == []


def test_a_question_of_improbable_words_is_not_repeated(remembering):
    assert unanswered(remembering("S1:do you play the ~piano ?")) == []


def test_nobody_waits_for_ever(remembering):
    assert unanswered(remembering(POLAR, *["S1:The soup needs more salt."] * 61)) == []


def test_there_are_never_too_many(remembering):
    subjects = [f"subject{chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(40)]
    memory = remembering(*(f"S1:Where is the {subject}?" for subject in subjects))
    assert len(unanswered(memory)) == 20
    assert unanswered(memory)[0] == f"Where is the {subjects[-1]}?"
