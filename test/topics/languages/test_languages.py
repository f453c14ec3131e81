import pytest

from stalk_ros.topics.languages import LANGUAGES, language, primary


@pytest.mark.parametrize(
    ("tag", "subtag"), [("en", "en"), ("en-US", "en"), ("ko_KR", "ko"), ("JA", "ja"), ("", "")]
)
def test_the_primary_subtag(tag, subtag):
    assert primary(tag) == subtag


def test_every_language_has_its_module():
    for tag in LANGUAGES:
        words = language(tag)
        assert words is not None
        assert words.mentions("") == []
        assert words.fitted("") == ""
    assert language("de") is None
