"""What must be true of the general questions, whoever edits them."""

import re
from collections import Counter
from importlib import resources
from itertools import combinations, pairwise

import pytest
import yaml

from stalk_ros.topics.checks import avoided

SIZES = {"en": (12, 120), "ko": (12, 120), "ja": (12, 80)}
"""At least so many areas and questions."""

LEVELS = ("polite", "formal", "casual")
FORMS = {
    "en": r"[A-Z][A-Za-z0-9',é -]*\?",
    "ko": r"[가-힣0-9][가-힣0-9, ]*\?",
    "ja": r"[\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff々、]+か？",
}
"""One sentence of nothing but the language's own letters, which ends as its questions do."""

ASKING = {
    "en": r"(?i)\b(what|which|who|whose|where|when|why|how)\b",
    "ko": r"뭐|뭘|무엇|무슨|어떤|어떻게|어느|어디|언제|누구|누가|몇|왜",
    "ja": r"何|どんな|どの|どれ|どこ|どう|だれ|いつ|なぜ",
}
"""Words without which "yes" would be an answer."""

SENSITIVE = {
    "en": """
        health healthy ill illness sick pain doctor hospital medicine disabled politics election vote voting
        religion religious pray money salary rich poor expensive cheap pay paid buy bought afford cost body
        weight fat thin age aged beautiful handsome pretty wear alcohol beer wine drunk married marry
        husband wife boyfriend girlfriend partner children son daughter parents mother father grandmother
        grandfather sister brother family car garden walk walking see saw seen dead death die died lonely
        alone fail failed exam school boss job work sad afraid he she his her guys
    """,
    "ko": """
        당신 그녀 너는 너를 너의 너한테 너도 너희 건강 아프 아픈 병원 약을 장애 투표 신앙 비싼 비싸 얼마
        부자 몸 키가 얼굴 예쁘 잘생 나이 연세 맥주 소주 와인 결혼 남편 아내 애인 부모 어머니 아버지 엄마
        아빠 자녀 아들 딸 아이들 형제 가족 식구 자동차 운전 정원 걷 걸어 산책 죽 돌아가신 외로 혼자 실패
        시험 학교 회사 직장
    """,
    "ja": """
        あなた 君 彼 健康 病 痛 医 薬 障害 選挙 信仰 値段 高価 いくら 裕福 太 痩 やせ 顔 年齢 おいくつ
        ビール ワイン 結婚 夫 妻 恋人 両親 母 父 息子 娘 兄 姉 家族 自動車 運転 庭 歩 亡 寂 さびし 孤独 失敗
        試験 学校 会社 仕事
    """,
}
"""What could hurt, pry or leave somebody out: health, belief, means, looks, age, drink, family, abilities.

English words stand for themselves, Korean ones for what begins with them, Japanese ones for what has them.
"""


def sections(tag):
    """(name, {area: questions}) of each level of speech of a language."""
    file = resources.files(f"stalk_ros.topics.languages.{tag}").joinpath("questions.yaml")
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    levels = {level: content[level] for level in LEVELS} if tag == "ko" else {tag: content}
    return [(name, section["general"]) for name, section in levels.items()]


BANKS = [pytest.param(tag, areas, id=name) for tag in SIZES for name, areas in sections(tag)]
LEVEL = dict(sections("ko"))


def questions(areas):
    return [question for entries in areas.values() for question in entries]


def normalized(question):
    return re.sub(r"[\W_]", "", question.lower())


def likeness(one, other):
    """Dice's coefficient of the pairs of letters in two questions: 0 = none in common, 1 = all."""
    pairs = [Counter(pairwise(text)) for text in (normalized(one), normalized(other))]
    return 2 * (pairs[0] & pairs[1]).total() / (pairs[0].total() + pairs[1].total())


def opening(tag, question):
    return question[:5] if tag == "ja" else tuple(question.split()[:2])


@pytest.mark.parametrize(("tag", "areas"), BANKS)
def test_there_are_enough_areas_and_questions(tag, areas):
    assert len(areas) >= SIZES[tag][0]
    assert len(questions(areas)) >= SIZES[tag][1]
    assert min(len(entries) for entries in areas.values()) >= 5


@pytest.mark.parametrize(("tag", "areas"), BANKS)
def test_each_is_one_short_sentence_in_its_language(tag, areas):
    assert [text for text in questions(areas) if not re.fullmatch(FORMS[tag], text)] == []
    assert [text for text in questions(areas) if len(text.split()) > 20 or len(text) > 90] == []


@pytest.mark.parametrize(("tag", "areas"), BANKS)
def test_yes_is_no_answer(tag, areas):
    assert [text for text in questions(areas) if not re.search(ASKING[tag], text)] == []


@pytest.mark.parametrize(("tag", "areas"), BANKS)
def test_no_two_are_alike(tag, areas):
    pairs = combinations(questions(areas), 2)
    assert [pair for pair in pairs if likeness(*pair) > 0.7] == []


@pytest.mark.parametrize(("tag", "areas"), BANKS)
def test_they_begin_in_many_ways(tag, areas):
    openings = Counter(opening(tag, text) for text in questions(areas))
    assert openings.most_common(1)[0][1] <= 0.1 * len(questions(areas))
    assert sum(text.startswith("If you could") for text in questions(areas)) <= 6


@pytest.mark.parametrize(("tag", "areas"), BANKS)
def test_none_touches_a_sore_point_or_takes_something_for_granted(tag, areas):
    listed = "|".join(SENSITIVE[tag].split())
    word = {"en": rf"(?i)\b({listed})\b", "ko": rf"(?<!\S)({listed})", "ja": listed}[tag]
    assert [text for text in questions(areas) if re.search(word, text)] == []


@pytest.mark.parametrize(("tag", "areas"), BANKS)
def test_none_touches_what_is_to_be_avoided(tag, areas):
    assert [text for text in questions(areas) if avoided(text, tag)] == []


@pytest.mark.parametrize(
    ("level", "ending"),
    [("polite", r"요\?$"), ("formal", r"니까\?$"), ("casual", r"(?<!요)(?<!니까)\?$")],
)
def test_korean_ends_as_its_level_does(level, ending):
    assert [text for text in questions(LEVEL[level]) if not re.search(ending, text)] == []


def test_casual_korean_is_plain_and_the_other_levels_are_humble():
    respectful = r"계신|계세|드시|드셨|드신|실 때|하시|주실|셨|께(?!\S)|저희|(?<!\S)(저(는|한테)?|제가)(?!\S)"
    assert [text for text in questions(LEVEL["casual"]) if re.search(respectful, text)] == []
    plain = r"(?<!\S)(나|나한테|내가|우리한테)(?!\S)"
    for level in ("polite", "formal"):
        assert [text for text in questions(LEVEL[level]) if re.search(plain, text)] == []


@pytest.mark.parametrize("level", ["formal", "casual"])
def test_the_levels_of_korean_ask_the_same_in_the_same_order(level):
    assert list(LEVEL[level]) == list(LEVEL["polite"])
    for area, polite in LEVEL["polite"].items():
        here = LEVEL[level][area]
        assert len(here) == len(polite)
        closest = [max(polite, key=lambda text, q=question: likeness(text, q)) for question in here]
        assert closest == polite
