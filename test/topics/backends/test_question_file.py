import re

import pytest

from stalk_ros.errors import UserError
from stalk_ros.topics.backends.question_file import QuestionFile
from stalk_ros.topics.languages import LANGUAGES, LEVELS
from stalk_ros.topics.languages.mention import KINDS


@pytest.fixture
def write(tmp_path):
    """``write(text)`` -> the path of a bank with this content."""

    def to(text):
        path = tmp_path / "lab.yaml"
        path.write_text(text)
        return str(path)

    return to


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_package_has_follow_ups_for_each_kind_of_thing(tag, level):
    questions = QuestionFile("", level).questions(tag)
    assert set(questions.follow_up) == {*KINDS, "question"}
    assert all(len(templates) > 1 for kind, templates in questions.follow_up.items() if kind != "question")
    assert set(questions.earlier) == set(KINDS)


def test_a_bank_of_ones_own_replaces_the_packages(write):
    file = QuestionFile(
        write("en: {follow_up: {thing: ['And {topic}?']}, general: {lab: ['News?']}}"), "polite"
    )
    assert file.questions("en").general == {"lab": ("News?",)}
    assert file.questions("en-US").follow_up == {"thing": ("And {topic}?",)}
    assert file.questions("ko") == QuestionFile("", "polite").questions("ko")
    assert file.questions("de") is None


def test_a_bank_that_extends_adds_to_the_packages(write):
    packaged = QuestionFile("", "polite").questions("en")
    area = next(iter(packaged.general))
    path = write(f"en: {{extend: true, general: {{{area}: ['News?'], lab: ['Any results?']}}}}")
    questions = QuestionFile(path, "polite").questions("en")
    assert questions.general[area] == (*packaged.general[area], "News?")
    assert questions.general["lab"] == ("Any results?",)
    assert (questions.follow_up, questions.earlier) == (packaged.follow_up, packaged.earlier)


def test_a_language_may_have_a_list_for_each_level(write):
    path = write("ko: {polite: {general: {a: ['뭐예요?']}}, casual: {general: {a: ['뭐야?']}}}")
    assert QuestionFile(path, "casual").questions("ko").general == {"a": ("뭐야?",)}
    with pytest.raises(UserError, match="ko: has no questions for the level 'formal'"):
        QuestionFile(path, "formal")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("en: [", "not YAML"),
        ("", "must map languages"),
        ("- one", "must map languages"),
        ("en: hello", "en: must hold 'follow_up', 'earlier' and 'general'"),
        ("en: {questions: []}", "en: must hold"),
        ("en: {extend: 3}", "en: extend must be true or false"),
        ("en: {follow_up: ['What about it?']}", "en, follow_up: must map kinds"),
        ("en: {follow_up: {thing: ['What about it?']}}", "en, follow_up, thing: 'What about it?' needs one"),
        ("en: {follow_up: {thing: ['What of {asker}?']}}", "needs one or more of"),
        ("en: {follow_up: {thing: ['{What} of {topic}?']}}", "needs one or more of"),
        ("en: {follow_up: {thing: ['{topic}} of {topic}?']}}", "needs one or more of"),
        ("en: {earlier: {thing: ['What of {asker}?']}}", "en, earlier, thing: 'What of {asker}?' needs one"),
        ("en: {follow_up: {ghost: ['What of {topic}?']}}", "there is no kind 'ghost'"),
        ("en: {follow_up: {thing: 'What about {topic}?'}}", "en, follow_up, thing: must be a list"),
        ("en: {general: ['Hm?']}", "en, general: must map areas"),
        ("en: {general: {a: ['No end']}}", "en, general, a: 'No end' is no sentence"),
        ("en: {general: {a: [1]}}", "en, general, a: 1 is no sentence"),
        (
            "en: {general: {a: ['What of {topic}?']}}",
            "en, general, a: 'What of {topic}?' must not have braces",
        ),
    ],
)
def test_a_broken_bank_is_a_users_error_that_names_the_place(write, content, complaint):
    path = write(content)
    with pytest.raises(UserError, match=re.escape(complaint)) as error:
        QuestionFile(path, "polite")
    assert "lab.yaml" in str(error.value)
    assert "\n" not in str(error.value)
