import pytest

from stalk_ros.events import Utterance
from stalk_ros.topics.languages import LANGUAGES
from stalk_ros.topics.turns import (
    has_finished,
    hesitations,
    is_finished,
    is_minimal_response,
    is_question,
    last_sentence,
    length,
)

S = 1_000_000_000


def turns(*said):
    return tuple(
        Utterance(str(at), round(start * S), round(end * S), text, language="en", speaker_id=speaker)
        for at, (start, end, speaker, text) in enumerate(said)
    )


@pytest.mark.parametrize("tag", [*LANGUAGES, "de", ""])
def test_every_language_has_its_marks(tag):
    assert is_finished("", tag)
    assert not is_finished("abc …", tag)
    assert not is_finished("abc...", tag)
    assert not is_finished("abc -", tag)
    assert not is_finished("abc,", tag)
    assert is_finished("and?", tag)
    assert is_question("abc?", tag)
    assert not is_question("", tag)
    assert not is_question("do you …", tag)


def test_a_language_without_rules_is_finished_and_says_something():
    assert is_finished("das ist und", "de")
    assert not is_minimal_response("ja", "de")
    assert hesitations("äh ja", "de") == 0
    assert length("das ist gut", "de") == 3


def test_the_tag_may_name_a_region():
    assert not is_finished("and then", "en-GB")
    assert not is_finished("그리고", "ko_KR")


def test_the_last_sentence_decides():
    assert is_finished("We could go and. That is it.", "en")
    assert not is_finished("That is it. And", "en")
    assert not is_question("Do you like it? I do.", "en")
    assert last_sentence("Do you like it? I do.") == "I do."
    assert last_sentence("そうです。どこに行くの？") == "どこに行くの？"


def test_a_full_stop_ends_what_could_go_on_but_no_hesitation():
    assert is_finished("I told them I wish they would.", "en")
    assert not is_finished("I told them I wish they would", "en")
    assert not is_finished("Well. Um.", "en")
    assert not is_finished("We went there and.", "en")


def test_who_agrees_while_another_speaks_leaves_him_the_floor():
    open_turn = (0, 3, "S1", "I think we should")
    assert not has_finished(turns(open_turn, (2.5, 3.2, "S2", "mhm")), "en")
    assert not has_finished(turns(open_turn, (2.5, 3.2, "S2", "mhm"), (3.1, 3.4, "S3", "yeah")), "en")
    assert has_finished(turns(open_turn, (3.5, 4.2, "S2", "mhm")), "en")
    assert has_finished(turns(open_turn, (2.5, 3.2, "S2", "no we should not")), "en")
    assert has_finished(turns(open_turn, (2.5, 3.2, "S1", "yeah")), "en")
    assert has_finished((), "en")
