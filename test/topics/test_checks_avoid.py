import pytest

from stalk_ros.errors import UserError
from stalk_ros.events import Trigger
from stalk_ros.topics.checks import AvoidLists, Checks, avoided
from stalk_ros.topics.recommender import Draft, TopicRequest


@pytest.mark.parametrize(
    ("text", "tag", "category"),
    [
        ("Which pills do you take?", "en", "health"),
        ("Do you have diabetes?", "en-US", "health"),
        ("What is your blood pressure medication?", "en", "health"),
        ("Who did you vote for?", "en", "politics"),
        ("What do politicians do all day?", "en", "politics"),
        ("What did the pastor say?", "en", "religion"),
        ("Which stocks do you own?", "en", "money"),
        ("What is on your bank account?", "en", "money"),
        ("How much do you weigh?", "en", "looks"),
        ("HOW OLD ARE YOU?", "en", "looks"),
        ("Why does she never wash her hair?", "en", "looks"),
        ("Who is the ugliest here?", "en", "looks"),
        ("Which of you cheated?", "en", "insults"),
        ("Is it hard to be left alone?", "en", "grief"),
        ("What is your card number?", "en", "secrets"),
        ("무슨 약을 드세요?", "ko", "health"),
        ("우울증이에요?", "ko", "health"),
        ("어느 병원에 다니세요?", "ko", "health"),
        ("대통령은 누가 좋으세요?", "ko", "politics"),
        ("교회에 다니세요?", "ko", "religion"),
        ("돈은 얼마나 모으셨어요?", "ko", "money"),
        ("살이 찌셨어요?", "ko", "looks"),
        ("몸무게가 어떻게 되세요?", "ko", "looks"),
        ("どんな病気ですか？", "ja", "health"),
        ("選挙に行きましたか？", "ja", "politics"),
        ("どの宗教を信じますか？", "ja", "religion"),
        ("給料はいくらですか？", "ja", "money"),
        ("体重は何キロですか？", "ja", "looks"),
    ],
)
def test_heavy_subjects_are_found_in_every_form(text, tag, category):
    assert avoided(text, tag) == category


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Which pasta do you like?", "en"),
        ("What goes into a good stock for soup?", "en"),
        ("Have you taken a taxi lately?", "en"),
        ("Would you go to Virginia?", "en"),
        ("What do you like about soul music?", "en"),
        ("Which card game do you play, and who deals?", "en"),
        ("돈가스 좋아하세요?", "ko"),
        ("어떤 기술을 배우고 싶으세요?", "ko"),
        ("술래잡기 해 보셨어요?", "ko"),
        ("암튼 뭐가 좋으세요?", "ko"),
        ("어떤 신발을 신으세요?", "ko"),
        ("神戸で何を見たいですか？", "ja"),
        ("ガンダムは好きですか？", "ja"),
        ("どんな金魚を見ましたか？", "ja"),
        ("Welche Krankheit hast du?", "de"),
    ],
)
def test_everyday_words_that_look_like_them_pass(text, tag):
    assert avoided(text, tag) == ""


def test_the_topic_of_a_draft_is_looked_at_too():
    request = TopicRequest((), "en", Trigger.SILENCE)
    assert "politics" in Checks().complaint(Draft("What do you think of it?", "elections", "x"), request)


@pytest.fixture
def lists(tmp_path):
    def written(text):
        path = tmp_path / "avoid.yaml"
        path.write_text(text, encoding="utf-8")
        return AvoidLists(str(path))

    return written


def test_lists_of_ones_own_replace_those_of_their_language(lists):
    own = lists("en: {food: [soup, pea stew, 'cook*']}")
    assert own.category("Which soups do you like?", "en") == "food"
    assert own.category("Who likes pea stew?", "en") == "food"
    assert own.category("Is cooking fun?", "en") == "food"
    assert own.category("Who likes peas?", "en") == ""
    assert own.category("Which pills do you take?", "en") == ""
    assert own.category("교회에 다니세요?", "ko") == "religion"


def test_lists_of_ones_own_can_extend_and_empty_categories(lists):
    own = lists("en: {extend: true, money: [marble], religion: [], food: [soup]}")
    assert own.category("Who has marbles?", "en") == "money"
    assert own.category("Who has money?", "en") == "money"
    assert own.category("Who goes to church?", "en") == ""
    assert own.category("Which soup do you like?", "en") == "food"


def test_lists_can_be_switched_off_and_come_for_any_language(lists):
    own = lists("en: {}\nde: {geld: [gehalt]}")
    assert own.category("Who has money?", "en") == ""
    assert own.category("Wie hoch ist dein Gehalt?", "de") == "geld"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[", "not YAML"),
        ("- money", "must map languages"),
        ("en: [money]", "en: must map categories"),
        ("en: {money: cash}", "money must be a list"),
        ("en: {money: [yes]}", "or put it in quotes"),
        ("en: {money: ['*']}", "is no word"),
        ("en: {money: ['ca*sh']}", "is no word"),
        ("en: {extend: maybe}", "true or false"),
        ("en: {extend: true, mony: []}", "there is no category 'mony' to empty; there are: health,"),
    ],
)
def test_what_is_wrong_with_lists_is_said_in_a_line(lists, text, complaint):
    with pytest.raises(UserError, match=complaint) as error:
        lists(text)
    assert "\n" not in str(error.value)


def test_lists_that_are_not_there_are_named(tmp_path):
    with pytest.raises(UserError, match=r"cannot read .*none\.yaml"):
        Checks(str(tmp_path / "none.yaml"))
