import pytest

from stalk_ros.topics.turns import hesitations, is_finished, is_minimal_response, is_question


@pytest.mark.parametrize(
    "text",
    [
        "what are you looking for",
        "we need somebody to talk with",
        "is there anything you are worried about",
        "they said something we should think about",
        "is it the house they live in",
        "ah there it is",
        "so are you normally fit and well",
        "come in",
        "turn it on",
        "I think so",
        "yes it is",
        "I do",
        "I can",
        "do you",
        "and so on",
        "that's what I was looking for",
        "let's go on",
        "as well",
        "so do I",
        "don't they",
        "not that I know of",
        "I know",
        "hold on",
        "I like it",
        "we did it",
        "how is it",
        "if you want to",
        "that's it",
        "I don't want to",
        "I used to",
        "or something like that",
        "who said that",
        "I don't know why",
        "maybe we should",
        "yes we should",
        "what is it like",
        "I don't think so.",
        "It is what it is.",
        "I have no idea",
        "me too",
        "I will",
        "I would",
        "no it isn't",
        "it was great",
        "I saw that",
        "see you then",
        "What's that for",
        "not yet",
        "mm-hmm",
        "Hmm",
        "I'd love to",
        "it was ok though",
        "where do you come from",
        "how did it start out",
        "plan b",
        "so what",
        "as far as I know",
        "that's how it is",
        "OK.",
    ],
)
def test_it_is_finished(text):
    assert is_finished(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "I think we should",
        "then",
        "and",
        "so",
        "because",
        "we went there and",
        "I was like um",
        "the",
        "I went to the",
        "I",
        "we should",
        "but",
        "I wanted to",
        "my name is",
        "the thing is",
        "I'm",
        "so I",
        "if",
        "I think that",
        "I went with",
        "we were talking about",
        "when",
        "I was in",
        "yesterday we",
        "it's",
        "I mean",
        "the reason is that",
        "he was looking for",
        "I would like to",
        "there are two things which",
        "well",
        "and then",
        "I just",
        "um",
        "So.",
        "we could",
        "they will",
        "let me see if",
        "what I think is",
        "Yeah, but",
        "it depends on",
        "she said that we should",
        "when I was",
        "I don't know but",
        "a",
        "I think we should ...",
        "I think we should,",
        "I have been",
    ],
)
def test_more_is_to_come(text):
    assert not is_finished(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "what are you looking for",
        "do you like it",
        "how was your weekend",
        "so are you coming",
        "isn't it",
        "it's nice isn't it",
        "any plans for the weekend",
        "why",
        "and how about you",
        "where do you live",
        "okay great and do you have any pain in your chest",
        "What's your name?",
        "have you been there",
    ],
)
def test_it_asks(text):
    assert is_question(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "I know what you mean",
        "that is what I like",
        "it's what I do",
        "I do",
        "when I was young we had a dog",
        "so do I",
        "so do you",
        "he told me how it is",
        "yeah",
        "do it again please",
        "what I mean is that it works",
        "okay",
    ],
)
def test_it_does_not_ask(text):
    assert not is_question(text, "en")


@pytest.mark.parametrize("text", ["I see", "of course", "mm-hmm yeah", "No.", "okay, great"])
def test_it_says_no_more_than_yes(text):
    assert is_minimal_response(text, "en")


@pytest.mark.parametrize("text", ["I like it", "yeah I went there", "", "Really?"])
def test_it_says_something(text):
    assert not is_minimal_response(text, "en")


@pytest.mark.parametrize(
    ("text", "count"), [["um I I went uh to the shop", 3], ["yeah yeah it was very very late", 0], ["", 0]]
)
def test_fillers_and_words_begun_twice_are_counted(text, count):
    assert hesitations(text, "en") == count
