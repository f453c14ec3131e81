import pytest

from stalk_ros.topics.content import content_words


@pytest.mark.parametrize(
    "forms",
    [
        "dog dogs dog's dogs'",
        "city cities",
        "box boxes",
        "house houses",
        "child children",
        "knife knives",
        "paint paints painted painting",
        "bake bakes baked baking",
        "travel travels traveled travelled traveling travelling",
        "stop stops stopped stopping",
        "call calls called calling",
        "study studies studied studying",
        "fly flies flew flown flying",
        "buy buys bought buying",
        "sing sings sang sung singing",
        "glass glasses",
        "fry fries fried frying",
        "add adds added adding",
        "Lisbon Lisbon’s",
    ],
)
def test_english_forms_of_a_word_are_one(forms):
    assert len(set(content_words(forms, "en"))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sing", "sin"),
        ("bus", "bu"),
        ("paint", "painter"),
        ("king", "kin"),
        ("speed", "spa"),
        ("bring", "bra"),
    ],
)
def test_english_words_that_are_not_the_same_stay_apart(one, other):
    assert content_words(one, "en") != content_words(other, "en")


def test_what_says_little_is_left_out():
    text = "Well, I don't really know, it's nice and I'd like to think we've got a dog"
    assert content_words(text, "en") == ("dog",)
    assert content_words("음, 그런데 저는 정말 강아지가 좋아요", "ko") == content_words("강아지", "ko")
    assert content_words("私は今日、本当に映画が好きです", "ja") == ("映画",)


def test_the_order_is_that_of_the_text_and_what_is_said_twice_is_there_twice():
    assert content_words("the lake, the dog, the lake", "en-GB") == ("lak", "dog", "lak")


@pytest.mark.parametrize(
    "forms",
    [
        "피아노 피아노는 피아노를 피아노가 피아노도 피아노에서 피아노랑 피아노예요",
        "고양이 고양이가 고양이는 고양이를 고양이랑 고양이들은 고양이한테",
        "산책해요 산책했더라고요 산책하려고 산책할게요",
        "학교 학교에 학교에서 학교에서는 학교까지",
        "공부해요 공부했어요 공부합니다 공부하고 공부를 공부할까요",
        "나이 나이가 나이는",
        "빵 빵이 빵을 빵은 빵에 빵에서 빵이에요",
        "가을 가을에 가을은",
        "서울 서울은 서울에서 서울로 서울이에요",
    ],
)
def test_korean_forms_of_a_word_are_one(forms):
    assert len(set(content_words(forms, "ko"))) == 1
    assert len(content_words(forms, "ko")) == len(forms.split())


def test_korean_words_that_are_not_the_same_stay_apart():
    assert len(set(content_words("피아노 고양이 강아지 커피 영화 나무 바다 가을", "ko"))) == 8


def test_japanese_content_words_are_runs_of_kanji_or_katakana():
    assert content_words("昨日、映画館で ピアノを聞きました", "ja") == ("映画館", "ピアノ")
    assert content_words("江ノ電に乗る", "ja") == ("江ノ電",)


def test_in_a_language_without_lists_every_word_counts():
    assert content_words("Der alte See", "de") == ("der", "alte", "see")
