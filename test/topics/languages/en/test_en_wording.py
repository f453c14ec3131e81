import pytest

from stalk_ros.topics.languages.en.wording import asked, spoken


@pytest.mark.parametrize(
    ("question", "reported"),
    [
        ("Where should we go in May?", "where to go in May"),
        ("so what do you do for fun", "what you do for fun"),
        ("That is nice. What kind of music do you like?", "what kind of music you like"),
        ("Do you like hiking?", "whether you like hiking"),
        ("Have you cooked Mexican food?", "whether you have cooked Mexican food"),
        ("where would you travel next?", "where you would travel next"),
    ],
)
def test_a_question_is_reported_in_its_words(question, reported):
    assert asked(question) == reported


@pytest.mark.parametrize(
    "question",
    [
        "",
        "How are you doing today?",
        "isn't it?",
        "What did you have for dinner?",
        "Do you think that it is true?",
        "do you know my brother",
        "Where do you think that the man who was here yesterday went to after lunch?",
        "We went home.",
    ],
)
def test_what_cannot_be_reported_naturally_is_left(question):
    assert asked(question) == ""


def test_a_name_stands_before_the_sentence():
    slots = {"topic": "your old piano"}
    assert (
        spoken("You mentioned {topic}.", slots, "Laura", "polite") == "Laura, you mentioned your old piano."
    )
    assert spoken("You mentioned {topic}.", slots, "", "polite") == "You mentioned your old piano."
    assert spoken("I like {topic}.", slots, "Laura", "polite") == "Laura, I like your old piano."


def test_a_slot_at_the_beginning_is_capitalised():
    assert spoken("{topic}?", {"topic": "the lake"}, "", "polite") == "The lake?"


@pytest.mark.parametrize(
    ("topic", "sentence"), [("the dogs", "Feed them?"), ("the dog", "Feed it?"), ("the bus", "Feed it?")]
)
def test_the_pronoun_fits_the_number(topic, sentence):
    assert spoken("Feed {them}?", {"topic": topic}, "", "polite") == sentence


def test_only_the_speakers_own_fills_a_slot_for_it():
    assert spoken("How is {yours}?", {"topic": "your dog"}, "", "polite") == "How is your dog?"
    assert spoken("How is {yours}?", {"topic": "the dog"}, "", "polite") == ""
