import re

import pytest
import yaml

from stalk_ros.backends import backend_class
from stalk_ros.errors import UserError
from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics import TopicParameters, TopicRequest
from stalk_ros.topics.backends import BACKENDS
from stalk_ros.topics.backends.topic_bank import TopicBank

LANGUAGES = ("en", "ko", "ja")


def never():
    return False


def request(*texts, language="en", **more):
    turns = tuple(Utterance(f"u{n}", n, n + 1, text, speaker_id=f"S{n}") for n, text in enumerate(texts, 1))
    return TopicRequest(turns, language, Trigger.SILENCE, **more)


def session(bank, language, texts=(), limit=200):
    """Suggestions one after the other in one session, until the bank has nothing new."""
    drafts = []
    for _ in range(limit):
        draft = bank.recommend(
            request(
                *texts,
                language=language,
                avoid_texts=tuple(draft.text for draft in drafts),
                avoid_topics=tuple(draft.topic for draft in drafts),
            ),
            never,
        )
        if draft is None:
            break
        drafts.append(draft)
    return drafts


def test_it_asks_about_what_was_said_and_the_one_who_said_it():
    draft = TopicBank(TopicParameters()).recommend(
        request("good morning", "my daughter plays the piano", "i see"), never
    )
    assert draft.topic == "piano"
    assert "the piano" in draft.text
    assert draft.addressed_to == ("S2",)
    assert "piano" in draft.rationale


def test_what_was_suggested_before_is_not_suggested_again():
    drafts = session(
        TopicBank(TopicParameters()), "en", ["my daughter plays the piano", "we walked around the lake"]
    )
    assert [draft.topic for draft in drafts[:3]] == ["lake", "piano", "daughter"]
    texts = [draft.text for draft in drafts]
    assert len(set(texts)) == len(texts)
    assert texts[1] != texts[0].replace("the lake", "the piano")


@pytest.mark.parametrize("language", LANGUAGES)
def test_general_questions_when_nothing_was_said_each_once_then_none(language):
    drafts = session(TopicBank(TopicParameters()), language)
    assert len(drafts) >= 20
    assert len({draft.text for draft in drafts}) == len(drafts) < 200
    topics = [draft.topic for draft in drafts]
    assert len(set(topics[:10])) == 10


def test_a_general_question_goes_to_the_quietest():
    assert TopicBank(TopicParameters()).recommend(
        request(quiet_speakers=("S3", "S1")), never
    ).addressed_to == ("S3",)
    assert TopicBank(TopicParameters()).recommend(request(), never).addressed_to == ()


def test_an_old_mention_is_left_alone():
    fresh = TopicBank(TopicParameters()).recommend(request("the lake", *["yes"] * 5), never)
    old = TopicBank(TopicParameters()).recommend(request("the lake", *["yes"] * 40), never)
    assert fresh.topic == "lake"
    assert old.topic != "lake"


def test_korean_particles_fit():
    bank = TopicBank(TopicParameters())
    for text, word in (("바다를 봤어요", "바다"), ("등산을 갔어요", "등산")):
        for used in range(6):
            draft = bank.recommend(request(text, language="ko", avoid_texts=("x",) * used), never)
            assert word in draft.text
            assert "/" not in draft.text
            assert not re.search(r"바다[은이을과]|등산[는를와](?!\w)", draft.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_one_sentence_in_its_language(language):
    texts = {"en": "my old garden", "ko": "우리 정원을 봤어요", "ja": "庭を見ました"}
    script = {"en": r"[A-Za-z]", "ko": r"[가-힣]", "ja": r"[ぁ-ん]"}
    drafts = session(TopicBank(TopicParameters()), language)
    for used in range(8):
        drafts.append(
            TopicBank(TopicParameters()).recommend(
                request(texts[language], language=language, avoid_texts=("x",) * used), never
            )
        )
    for draft in drafts:
        assert re.fullmatch(r"[^.?!。？！{}]+[.?!。？！]", draft.text), draft.text
        assert re.search(script[language], draft.text)
        assert len(draft.text.split()) <= 30


def test_a_language_without_questions_has_no_suggestion():
    assert TopicBank(TopicParameters()).recommend(request("der See", language="de"), never) is None


def test_the_order_is_the_same_each_time():
    texts = ["my daughter plays the piano", "the lake"]
    assert session(TopicBank(TopicParameters()), "en", texts) == session(
        TopicBank(TopicParameters()), "en", texts
    )


def test_a_bank_of_ones_own_replaces_the_packages(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text(
        yaml.safe_dump({"en": {"follow_up": ["And {topic}?"], "general": {"lab": ["Any results today?"]}}})
    )
    bank = TopicBank(TopicParameters(bank=str(path)))
    assert bank.recommend(request("the lake"), never).text == "And the lake?"
    assert bank.recommend(request(), never).text == "Any results today?"
    assert bank.recommend(request(language="ko"), never) is None


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("en: [", "not YAML"),
        ("", "must map languages"),
        ("- one", "must map languages"),
        ("en: hello", "en: must hold 'follow_up' and 'general'"),
        ("en: {questions: []}", "en: must hold"),
        ("en: {follow_up: ['What about it?']}", "has no {topic}"),
        ("en: {follow_up: 'What about {topic}?'}", "must be a list"),
        ("en: {general: ['Hm?']}", "must map topics"),
        ("en: {general: {a: ['No end']}}", "no sentence"),
        ("en: {general: {a: [1]}}", "no sentence"),
    ],
)
def test_a_broken_bank_is_a_users_error_that_names_the_file(tmp_path, content, complaint):
    path = tmp_path / "lab.yaml"
    path.write_text(content)
    with pytest.raises(UserError, match=re.escape(complaint)) as error:
        TopicBank(TopicParameters(bank=str(path)))
    assert "lab.yaml" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_bank_that_is_not_there_is_a_users_error():
    with pytest.raises(UserError, match=r"there is no topic bank 'nowhere\.yaml'"):
        backend_class("topic_recommender", BACKENDS, "topic_bank", TopicParameters(bank="nowhere.yaml"))
    with pytest.raises(UserError, match="cannot read"):
        TopicBank(TopicParameters(bank="nowhere.yaml"))


def test_auto_finds_the_bank():
    assert backend_class("topic_recommender", BACKENDS, "auto", TopicParameters()) is TopicBank
