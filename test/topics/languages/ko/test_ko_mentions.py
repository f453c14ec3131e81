import pytest

from stalk_ros.topics.languages.ko.mentions import fitted, mentions


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("저는 주말에 부산에서 바다를 봤어요", ["부산", "바다"]),
        ("우리 강아지가 정말 귀여워요", ["강아지"]),
        ("딸이 피아노를 배우기 시작했어요", ["피아노"]),
        ("제가 좋아하는 영화는 기생충이에요", ["영화"]),
        ("친구들이랑 등산을 갔어요.", ["친구", "등산"]),
        ("회사에서 동료와 커피를 마셨어요", ["회사", "동료", "커피"]),
    ],
)
def test_nouns_are_found_by_their_particle_and_stand_without_it(text, topics):
    assert [mention.topic for mention in mentions(text)] == topics


@pytest.mark.parametrize(
    "text",
    ["", "네 맞아요", "자주 가는 곳이 있는데 멀어요", "오늘은 시간이 없어요", "어제 먹은 게 많이 있는"],
)
def test_nothing_is_made_up(text):
    assert mentions(text) == []


def test_a_particle_that_does_not_fit_its_word_is_part_of_it():
    # 를 never follows a consonant, 을 never a vowel.
    assert mentions("강를") == []
    assert mentions("바다을") == []


def test_what_a_light_question_must_not_touch_is_not_picked_up():
    assert mentions("할아버지 장례식이 있었고 월급을 못 받았어요") == []


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        ("바다은/는", "바다는"),
        ("부산은/는", "부산은"),
        ("피아노을/를", "피아노를"),
        ("등산을/를", "등산을"),
        ("고양이이/가", "고양이가"),
        ("여행과/와", "여행과"),
        ("서울으로/로", "서울로"),
        ("부산으로/로", "부산으로"),
        ("바다으로/로", "바다로"),
        ("K-pop을/를", "K-pop를"),
    ],
)
def test_particles_fit_the_word_before_them(pair, sentence):
    assert fitted(pair) == sentence
