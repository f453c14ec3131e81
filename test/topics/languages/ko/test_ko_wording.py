import pytest

from stalk_ros.topics.languages.ko.wording import addressed, asked, called, fitted, spoken


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        ("바다은/는", "바다는"),
        ("부산은/는", "부산은"),
        ("피아노을/를", "피아노를"),
        ("등산을/를", "등산을"),
        ("고양이이/가", "고양이가"),
        ("여행과/와", "여행과"),
        ("친구이랑/랑", "친구랑"),
        ("동생이랑/랑", "동생이랑"),
        ("서울으로/로", "서울로"),
        ("부산으로/로", "부산으로"),
        ("바다으로/로", "바다로"),
        ("학생이에요/예요", "학생이에요"),
        ("의사이에요/예요", "의사예요"),
        ("'부산'은/는", "'부산'은"),
        ("K-pop을/를", "K-pop을"),
        ("game이/가", "game이"),
        ("style으로/로", "style로"),
        ("jazz을/를", "jazz를"),
        ("park이/가", "park가"),
        ("TV을/를", "TV를"),
        ("SF을/를", "SF를"),
        ("URL이/가", "URL이"),
        ("IT을/를", "IT를"),
        ("AI은/는", "AI는"),
        ("K팝을/를", "K팝을"),
        ("3을/를", "3을"),
        ("2을/를", "2를"),
        ("7으로/로", "7로"),
        ("10으로/로", "10으로"),
    ],
)
def test_particles_fit_the_word_before_them(pair, sentence):
    assert fitted(pair) == sentence


@pytest.mark.parametrize(
    ("name", "polite", "casual"),
    [
        ("민수", "민수 씨", "민수야"),
        ("지민", "지민 씨", "지민아"),
        ("준형", "준형 씨", "준형아"),
        ("김영희", "김영희 씨", "영희야"),
        ("이수진", "이수진 씨", "수진아"),
        ("남궁민수", "남궁민수 씨", "민수야"),
        ("박찬", "박찬 씨", "박찬아"),
        ("마이클", "마이클 씨", "마이클"),
        ("Laura", "Laura 씨", "Laura"),
        ("김 선생님", "김 선생님", "김 선생님"),
        ("교수님", "교수님", "교수님"),
        ("박 팀장", "박 팀장님", "박 팀장님"),
        ("김대리", "김대리님", "김대리님"),
        ("할머니", "할머니", "할머니"),
        ("엄마", "엄마", "엄마"),
        ("민수 형", "민수 형", "민수 형"),
    ],
)
def test_people_are_called_as_koreans_do(name, polite, casual):
    assert (addressed(name, "polite"), addressed(name, "formal")) == (polite, polite)
    assert addressed(name, "casual") == casual


def test_a_given_name_is_said_of_a_friend_with_its_suffix():
    assert fitted(f"{called('지민', 'casual')}이/가") == "지민이가"
    assert fitted(f"{called('민수', 'casual')}이/가") == "민수가"
    assert fitted(f"{called('김지민', 'casual')}이/가") == "지민이가"
    assert fitted(f"{called('지민', 'polite')}이/가") == "지민 씨가"
    assert fitted(f"{called('할머니', 'casual')}이/가") == "할머니가"


def test_family_of_who_is_spoken_to_has_its_polite_word():
    assert spoken("{topic}은/는 어때요?", {"topic": "딸"}, "민수", "polite") == "민수 씨, 따님은 어때요?"
    assert spoken("{topic}은/는 어때?", {"topic": "딸"}, "민수", "casual") == "민수야, 딸은 어때?"


def test_a_question_is_what_its_one_known_noun_says():
    assert asked("이번 주말에 영화를 볼까요?") == "영화"
    assert asked("누구세요?") == ""
    assert asked("부산이 좋아요, 바다가 좋아요?") == ""
