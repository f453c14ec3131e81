import pytest

from stalk_ros.topics.turns import hesitations, is_finished, is_minimal_response, is_question


@pytest.mark.parametrize(
    "text",
    [
        "저는 주말에 등산을 갔어요",
        "그렇습니다",
        "맞죠",
        "어디 가세요",
        "뭐 먹을까요",
        "그거 좋네",
        "몰라",
        "나도 그랬지",
        "집에서",
        "고양이",
        "휴가",
        "라면",
        "네",
        "응",
        "아니요",
        "밥 먹었어",
        "그럼 그렇게 하자",
        "좋은데요",
        "갈게요",
        "서울이요",
        "합니까",
        "뭐라고",
        "부산",
        "뭐예요",
        "어제 봤다",
        "그런 것 같아요",
        "저도",
        "저도요",
        "재미있었겠다",
        "파스타 먹고 싶다",
        "빨리 와",
        "제가 어제 처음 가 봤거든요",
        "거기 진짜 맛있잖아요",
        "저는 잘 모르겠는데요",
        "밥도 먹었고요",
        "생각보다 괜찮더라고요",
        "진짜 사람 많더라고",
        "그렇다니까",
        "시간이 없어서요",
        "이번 주말에 가려고요",
        "다음 주에 온다던데요",
        "있어 가지고 말이야",
        "그건 그래",
        "비빔밥이요",
        "아이고",
        "네네",
    ],
)
def test_it_is_finished(text):
    assert is_finished(text, "ko")


@pytest.mark.parametrize(
    "text",
    [
        "저는 주말에",
        "우리가",
        "그래서",
        "그리고",
        "밥을 먹고",
        "비가 오면",
        "너무 바빠서",
        "그러니까",
        "늦었으니까",
        "가고 싶은데",
        "좋긴 하지만",
        "가려고",
        "음",
        "어",
        "저는 어제 친구를",
        "제가 좋아하는",
        "그 사람이",
        "엄마가",
        "거기 갔을 때",
        "할 수",
        "회사에서 동료와",
        "그건 좀",
        "영화를 보면서",
        "제가 생각하기에",
        "그때 갔던",
        "나는",
        "제가 먹은 것은",
        "그거 저도 봤는데",
        "한번 가 볼까 싶어서",
        "그래 가지고",
        "뭐랄까",
        "그니까",
        "이름이 뭐더라",
        "그 뭐지",
        "그 뭐야",
        "저기 있잖아",
        "그게 아니라",
        "가야 되나 싶기도 하고",
        "다음 주에 온다던데",
        "하려다가",
        "제가 볼 때는",
        "그렇다기보다는",
    ],
)
def test_more_is_to_come(text):
    assert not is_finished(text, "ko")


@pytest.mark.parametrize(
    "text",
    [
        "어디 가세요",
        "밥 먹었어?",
        "뭐 먹을까요",
        "좋아하나요",
        "그런가요?",
        "어떻게 지내세요",
        "왜 안 왔어",
        "몇 시예요",
        "이름이 뭐예요",
        "같이 갈래",
        "밥은 먹었니",
        "합니까",
        "좋은가요",
        "그게 뭔데",
        "뭐 먹지",
        "같이 드실래요",
    ],
)
def test_it_asks(text):
    assert is_question(text, "ko")


@pytest.mark.parametrize(
    "text",
    [
        "밥 먹었어요",
        "그러니까",
        "할머니",
        "언니",
        "집에 가요",
        "늦었으니까",
        "네",
        "어제 노래 불렀어요",
        "저는 부산에서 왔습니다",
        "그렇죠",
        "늦었으니까요",
        "맛있다니까요",
        "얼마 전에 샀지",
        "언제 한번 봐요",
        "뭐 그렇지 않아요",
        "뭐랄까",
        "그 뭐야",
    ],
)
def test_it_does_not_ask(text):
    assert not is_question(text, "ko")


@pytest.mark.parametrize(
    "text",
    [
        "네",
        "네 맞아요",
        "그렇구나",
        "아 진짜요",
        "응",
        "네 뭐",
        "뭐 그렇죠",
        "그니까요",
        "그러게 말이에요",
        "아 그러셨구나",
        "헐 대박",
    ],
)
def test_it_says_no_more_than_yes(text):
    assert is_minimal_response(text, "ko")


@pytest.mark.parametrize("text", ["집에 가요", "네 집에 가요", "", "진짜요?", "뭐"])
def test_it_says_something(text):
    assert not is_minimal_response(text, "ko")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("음 저는 그 집에 집에 갔어요", 2),
        ("네 네 빨리 빨리 가요", 0),
        ("그 친구가 왔고 저 갈게요", 0),
        ("그, 친구가 왔어요", 1),
        ("음 그 뭐지", 3),
        ("제가 어제 막", 1),
        ("", 0),
    ],
)
def test_fillers_and_words_begun_twice_are_counted(text, count):
    assert hesitations(text, "ko") == count
