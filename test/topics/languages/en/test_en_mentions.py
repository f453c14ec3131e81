import pytest

from stalk_ros.topics.languages.en.mentions import fitted, mentions


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        (
            "yes i took the train to the mountains with my sister",
            ["the train", "the mountains", "your sister"],
        ),
        ("we walked around the lake and found a small restaurant", ["the lake", "the small restaurant"]),
        ("fresh fish with potatoes and a glass of white wine", ["potatoes", "white wine"]),
        ("my neighbor is a very good teacher", ["your neighbor", "the good teacher"]),
        ("I love jazz. She plays tennis!", ["jazz", "tennis"]),
        ("Our dog's tail, and the Sydney Opera impressed me", ["the Sydney Opera"]),
        ("an interesting book and a swimming pool", ["the interesting book", "the swimming pool"]),
        (
            "a horror movie, the train station and a mountain",
            ["the horror movie", "the train station", "the mountain"],
        ),
        ("my neighbor snores and the dogs bark", ["your neighbor", "the dogs"]),
        ("the piano last month", ["the piano"]),
    ],
)
def test_things_are_found_with_the_article_of_a_question_to_the_speaker(text, phrases):
    assert [mention.phrase for mention in mentions(text)] == phrases


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "it is never too late to start again",
        "i have not been there for many years",
        "every day and every evening we had a lot of time",
        "the old one is the best",
        "that sounds like a perfect day",
        "the very",
        "my 2 3 4",
        "she told me about it",
        "how about like you make it all in one",
    ],
)
def test_nothing_is_made_up(text):
    assert mentions(text) == []


def test_what_a_light_question_must_not_touch_is_not_picked_up():
    assert mentions("he talked about the funeral and the divorce and my salary and the heart failure") == []


def test_capitals_do_not_hide_a_thing():
    assert [mention.head for mention in mentions("The OLD Piano")] == ["piano"]


def test_english_needs_no_fitting():
    assert fitted("What about the lake?") == "What about the lake?"
