import pytest

from stalk_ros.topics.languages.en import tagging
from stalk_ros.topics.languages.en.mentions import is_clear, is_heavy, kind, mentions


@pytest.fixture(params=["library", "lists"], autouse=True)
def tagger(request, monkeypatch):
    """Everything here holds with the tagger and with the word lists in its place."""
    if request.param == "library":
        pytest.importorskip("HanTa")
    else:
        monkeypatch.setattr(tagging, "_tagger", lambda: None)
    return request.param


def phrases(text):
    return [mention.phrase for mention in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "yes i took the train to the mountains with my sister",
            ["the train", "the mountains", "your sister"],
        ),
        ("we walked around the lake and found a small restaurant", ["the lake", "the small restaurant"]),
        ("my neighbor is very kind", ["your neighbor"]),
        ("I love jazz. She plays tennis!", ["jazz", "tennis"]),
        ("Our dog's tail, and the Sydney Opera impressed me", ["the Sydney Opera"]),
        (
            "a horror movie, the train station and a mountain",
            ["the horror movie", "the train station", "the mountain"],
        ),
        ("my neighbor snores and the dogs bark", ["your neighbor", "the dogs"]),
        ("the piano last month", ["the piano"]),
        ("i love mexican food", ["Mexican food"]),
        ("i play guitar", ["the guitar"]),
        ("potatoes and a cheeseburger and an apple", ["potatoes", "a cheeseburger", "an apple"]),
    ],
)
def test_things_are_found_with_the_article_of_a_question_to_the_speaker(text, expected):
    assert phrases(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we just got a puppy", ["your puppy"]),
        ("i have two older mustangs", ["your older mustangs"]),
        ("my two dogs", ["your dogs"]),
        ("she has a puppy", ["the puppy"]),
        ("our favorite season", ["your favorite season"]),
    ],
)
def test_what_is_the_speakers_own_is_called_so(text, expected):
    assert phrases(text) == expected


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
        "her daughter likes his car",
        "the show",
    ],
)
def test_nothing_is_made_up_and_nothing_is_asked_that_is_anothers_or_too_vague(text):
    assert mentions(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "do you like vintage cars?",
        "i do not like the beach",
        "i hate my bike",
        "I played the violin. I did not like it.",
    ],
)
def test_questions_and_complaints_mention_nothing(text):
    assert mentions(text) == []


def test_a_number_is_no_part_of_a_word():
    assert phrases("on my 100th birthday") == ["your birthday"]


def test_of_people_who_are_spoken_of_in_the_past_nothing_is_asked():
    assert phrases("my aunt bakes bread") == ["your aunt", "bread"]
    assert phrases("my aunt was a pianist and had the piano") == ["the pianist", "the piano"]


@pytest.mark.parametrize(
    "text",
    [
        "he talked about the funeral and the lake",
        "my parents had no money for the piano",
        "the tablets are beside the guitar",
        "She broke her leg in the park.",
    ],
)
def test_a_heavy_sentence_mentions_nothing(text):
    assert is_heavy(text)
    assert mentions(text) == []


def test_an_ordinary_sentence_is_not_heavy():
    assert not is_heavy("We walked around the lake, and my sister's dog swam in it.")


def test_words_do_not_reach_across_what_was_not_understood():
    assert phrases("my … sister and the … restaurant") == []
    assert phrases("my old … piano") == ["the piano"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the zork zorkland and the the lake", ["the lake"]),
        ("we saw the actually the lake", ["the lake"]),
        ("the remotely", []),
        ("my daughters piano", []),
        ("my dogs bark", ["your dogs"]),
        ("i also train horses", ["horses"]),
        ("they love baking cookies", ["cookies"]),
    ],
)
def test_broken_words_and_what_only_looks_like_a_noun_are_left_out(text, expected):
    assert [phrase for phrase in phrases(text) if "zorkland" not in phrase] == expected


@pytest.mark.parametrize("text", ["Whoops", "congrats!", "Cheers."])
def test_a_word_alone_is_no_thing_when_its_kind_is_not_known(text):
    assert mentions(text) == []


def test_pieces_of_words_are_no_things(tagger):
    if tagger == "lists":
        pytest.skip("only the library knows what is a word")
    assert mentions("the funct") == mentions("the remote control tha") == []


@pytest.mark.parametrize("text", ["it would be a monkey", "he looks like a pig", "such a cute little rat"])
def test_what_something_is_or_is_like_is_not_mentioned(text):
    assert mentions(text) == []


def test_a_thing_that_is_liked_is_mentioned():
    assert phrases("i like a quiet lake and we really like a castle") == ["the quiet lake", "the castle"]


def test_the_plural_of_a_known_thing_is_known():
    assert [kind(topic) for topic in ("horror movies", "cookies", "ponies")] == ["media", "food", "animal"]


def test_capitals_do_not_hide_a_thing():
    assert [mention.head for mention in mentions("The OLD Piano")] == ["piano"]


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("sister", "person"),
        ("older dogs", "animal"),
        ("small restaurant", "place"),
        ("strawberries", "food"),
        ("line dancing", "activity"),
        ("horror movie", "media"),
        ("old piano", "instrument"),
        ("birthday", "event"),
        ("vintage cars", "thing"),
        ("predicament", "other"),
    ],
)
def test_the_kind_of_a_thing(topic, expected):
    assert kind(topic) == expected


def test_a_lone_noun_or_a_fragment_is_not_clear(tagger):
    assert is_clear("solar panels")
    assert is_clear("the rice dish")
    assert not is_clear("dragons")
    assert not is_clear("the lawyer")
    # Only the library knows what is a word.
    assert is_clear("danc moves") == (tagger == "lists")
