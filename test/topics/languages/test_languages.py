import pytest

from stalk_ros.topics.languages import LANGUAGES, language, primary, wording
from stalk_ros.topics.languages.lists import words
from stalk_ros.topics.languages.mention import KINDS


@pytest.mark.parametrize(
    ("tag", "subtag"), [("en", "en"), ("en-US", "en"), ("ko_KR", "ko"), ("JA", "ja"), ("", "")]
)
def test_the_primary_subtag(tag, subtag):
    assert primary(tag) == subtag


def test_every_language_has_its_module():
    for tag in LANGUAGES:
        names = language(tag)
        form = wording(tag)
        assert names is not None
        assert form is not None
        assert names.mentions("") == []
        assert form.asked("") == ""
        assert form.spoken("?", {}, "", "polite") == "?"
        assert form.spoken("{topic}?", {}, "", "polite") == ""
    assert language("de") is None
    assert wording("de") is None


def test_every_list_of_things_is_of_a_known_kind():
    for tag in LANGUAGES:
        lists = words(tag, "kinds")
        assert set(lists) <= set(KINDS)
        assert language(tag).kind("xyz") == "other"
