import pytest

from stalk_ros.topics.languages.ko import nouns
from stalk_ros.topics.languages.ko.mentions import is_clear, is_heavy, kind, mentions


@pytest.fixture(params=["library", "particles"], autouse=True)
def analyzer(request, monkeypatch):
    """Everything here holds with the analyser and with the particle rules in its place."""
    if request.param == "library":
        pytest.importorskip("kiwipiepy")
    else:
        monkeypatch.setattr(nouns, "_analyzer", lambda: None)
    return request.param


def topics(text):
    return [mention.topic for mention in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("저는 주말에 부산에서 바다를 봤어요", ["부산", "바다"]),
        ("우리 강아지가 정말 귀여워요", ["강아지"]),
        ("제가 좋아하는 영화는 기생충이에요", ["영화"]),
        ("친구들이랑 등산을 갔어요.", ["친구", "등산"]),
        ("회사에서 동료와 커피를 마셨어요", ["회사", "동료", "커피"]),
        ("새로 산 자전거를 타고 한강공원에 갔어", ["자전거", "한강공원"]),
    ],
)
def test_nouns_stand_without_their_particle(text, expected):
    assert topics(text) == expected


def test_the_analyser_finds_what_no_particle_marks(analyzer):
    if analyzer == "library":
        assert topics("딸이 피아노를 배우기 시작했어요") == ["딸", "피아노"]
        assert topics("나 요즘 필라테스 다녀") == ["필라테스"]
        assert topics("저녁마다 산책하면서 음악을 들어요") == ["산책", "음악"]
        assert topics("부산 하면 돼지국밥이죠") == ["부산"]
        assert topics("제주도 여행 사진을 봤어요") == ["여행 사진"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "네 맞아요",
        "자주 가는 곳이 있는데 멀어요",
        "오늘은 시간이 없어요",
        "어제 먹은 게 많이 있는",
        "저는 등산이 싫어요",
        "여행은 어땠어요?",
    ],
)
def test_nothing_is_made_up_and_complaints_and_questions_mention_nothing(text):
    assert mentions(text) == []


def test_a_particle_that_does_not_fit_its_word_is_part_of_it(analyzer):
    # 를 never follows a consonant, 을 never a vowel.
    if analyzer == "particles":
        assert mentions("강를") == []
        assert mentions("바다을") == []


def test_neither_the_listeners_things_nor_a_title_are_a_mention():
    assert mentions("준호 너는 축구를 잘하잖아") == []
    assert mentions("고향의 봄밖에 못 불어요") == []


def test_a_heavy_sentence_mentions_nothing():
    assert is_heavy("할아버지 장례식이 있었고 바다를 봤어요")
    assert mentions("할아버지 장례식이 있었고 바다를 봤어요") == []


def test_a_word_that_only_contains_a_heavy_one_is_not_heavy():
    assert not is_heavy("새로운 기술을 배워서 책을 사고 싶어요")


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("딸", "person"),
        ("제주도", "place"),
        ("한강공원", "place"),
        ("흑돼지", "food"),
        ("등산", "activity"),
        ("소금빵", "food"),
        ("남대문시장", "place"),
        ("기술", "other"),
    ],
)
def test_the_kind_of_a_thing(topic, expected):
    assert kind(topic) == expected


def test_other_letters_are_no_korean_word():
    assert is_clear("한강 공원")
    assert not is_clear("K-pop")
