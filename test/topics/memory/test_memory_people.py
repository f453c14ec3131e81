import pytest

from stalk_ros.topics.memory import Memory

S = 1_000_000_000


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "Hi, my name is Laura.", "Laura"),
        ("en", "my name is laura", "Laura"),
        ("en", "My name's Tom and I live here", "Tom"),
        ("en", "all know each other, I'm Laura and I'm the project manager.", "Laura"),
        ("en", "I am Andrew.", "Andrew"),
        ("en", "please call me Tom", "Tom"),
        ("en", "My name is Thomas but call me Tom", "Tom"),
        ("en", "I’m José.", "José"),
        ("ko", "제 이름은 민수예요", "민수"),
        ("ko", "제 이름은 지은이에요", "지은"),
        ("ko", "안녕하세요, 저는 김민수라고 해요", "김민수"),
        ("ko", "저는 지은이라고 합니다", "지은"),
        ("ko", "그냥 민수라고 불러 주세요", "민수"),
        ("ja", "はじめまして、ミキと申します。", "ミキ"),
        ("ja", "私はミキといいます", "ミキ"),
        ("ja", "名前は田中です", "田中"),
        ("ja", "ミキって呼んでください", "ミキ"),
    ],
)
def test_people_tell_their_names(remembering, language, text, name):
    assert remembering(f"S1:{text}", language=language).names == {"S1": name}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I'm tired"),
        ("en", "I'm American"),
        ("en", "I'm User Interface"),
        ("en", "I'm Happy today"),
        ("en", "my name is not important"),
        ("en", "his name is Tom"),
        ("en", "call me later"),
        ("en", "my name is ~Laura"),
        ("en", "I'm Going home"),
        ("ko", "저는 학생이에요"),
        ("ko", "제 이름은 어려워요"),
        ("ja", "いいと言います"),
        ("ja", "学生です"),
    ],
)
def test_what_is_no_name(remembering, language, text):
    assert remembering(f"S1:{text}", language=language).names == {}


def test_the_surest_name_stays(remembering):
    memory = remembering("S1:I'm Craig.", "S1:I'm Interface.")
    assert memory.names == {"S1": "Craig"}
    remembering("S1:my name is Greg", memory=memory)
    assert memory.names == {"S1": "Greg"}


def test_an_enrolled_name_comes_first(said):
    memory = Memory()
    memory.add(said("S1:my name is Laura", speaker_name="Dr Laura"))
    memory.add(said("S1:call me Lo"))
    assert memory.names == {"S1": "Dr Laura"}
    memory.add(said("S1:hello", speaker_name="Laura P"))
    assert memory.names == {"S1": "Laura P"}


def test_what_each_has_said_is_counted(said):
    memory = Memory()
    memory.add(said("S1:one two three", 0))
    memory.add(said("S2:four", 2))
    memory.add(said("S1:five six", 4, 3))
    memory.add(said(":nobody knows who", 8))
    assert list(memory.people) == ["S2", "S1"]
    one = memory.people["S1"]
    assert (one.talking_ns, one.words, one.turns, one.last_ns) == (5 * S, 5, 2, 7 * S)


def test_who_has_not_spoken_for_longest_is_forgotten_first(said):
    memory = Memory()
    memory.add(said("early:hello", 0))
    memory.add(said("again:hello", 1))
    for number in range(98):
        memory.add(said(f"S{number}:hello", 2 + number))
    memory.add(said("again:hello", 200))
    memory.add(said("late:hello", 201))
    assert len(memory.people) == 100
    assert "early" not in memory.people
    assert "again" in memory.people
