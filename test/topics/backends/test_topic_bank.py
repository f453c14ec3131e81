import re
from itertools import pairwise

import pytest

from stalk_ros.backends import backend_class
from stalk_ros.errors import UserError
from stalk_ros.events import Trigger, Utterance, Word
from stalk_ros.topics import Thread, TopicParameters, TopicRequest
from stalk_ros.topics.backends import BACKENDS
from stalk_ros.topics.backends.question_file import QuestionFile
from stalk_ros.topics.backends.topic_bank import TopicBank

LANGUAGES = ("en", "ko", "ja")


def never():
    return False


def said(number, text, **more):
    return Utterance(f"u{number}", number, number + 1, text, speaker_id=f"S{number}", **more)


def request(*texts, language="en", **more):
    turns = tuple(said(number, text) for number, text in enumerate(texts, 1))
    return TopicRequest(turns, language, Trigger.SILENCE, **more)


def bank(**parameters):
    return TopicBank(TopicParameters(**parameters))


def session(language, texts=(), limit=12, **more):
    """Suggestions one after the other in one session, until the bank has nothing new."""
    drafts = []
    engine = bank()
    for _ in range(limit):
        asked = request(
            *texts,
            language=language,
            avoid_texts=tuple(draft.text for draft in drafts),
            avoid_topics=tuple(draft.topic for draft in drafts),
            **more,
        )
        draft = engine.recommend(asked, never)
        if draft is None:
            break
        drafts.append(draft)
    return drafts


def areas(language="en"):
    """The areas of the package's general questions."""
    return {draft.topic for draft in session(language, limit=60)}


def test_it_asks_about_what_was_said_and_the_one_who_said_it():
    draft = bank().recommend(request("good morning", "my daughter plays the piano", "i see"), never)
    assert draft.topic == "piano"
    assert "the piano" in draft.text
    assert draft.addressed_to == ("S2",)
    assert "piano" in draft.rationale


def test_it_calls_the_speaker_by_name_where_it_is_known_and_never_by_id():
    turns = ("my daughter plays the piano",)
    draft = bank().recommend(request(*turns, names={"S1": "Laura"}), never)
    assert draft.text.startswith("Laura, ")
    draft = bank().recommend(request(*turns), never)
    assert "S1" not in draft.text
    assert draft.text[0].isupper()


@pytest.mark.parametrize(
    ("text", "kind"),
    [("my sister called", "person"), ("the lake was clear", "place"), ("i play tennis", "activity")],
)
def test_the_question_fits_the_kind_of_thing(tmp_path, text, kind):
    path = tmp_path / "lab.yaml"
    kinds = "\n".join(f"    {name}: ['{name} {{topic}}?']" for name in ("person", "place", "activity"))
    path.write_text(f"en:\n  follow_up:\n{kinds}\n")
    assert bank(bank=str(path)).recommend(request(text), never).text.lower().startswith(kind)


def test_what_was_suggested_before_is_not_suggested_again():
    drafts = session("en", ["my daughter plays the piano", "we walked around the lake"])
    assert [draft.topic for draft in drafts[:3]] == ["lake", "piano", "daughter"]
    texts = [draft.text for draft in drafts]
    assert len(set(texts)) == len(texts)


def test_a_thing_is_not_suggested_again_in_another_form():
    again = bank().recommend(request("i bought an old piano", avoid_topics=("piano",)), never)
    assert "piano" not in again.text


def test_no_template_is_used_twice_in_a_row():
    texts = [f"we went to the {place}" for place in ("lake", "castle", "museum", "zoo", "beach", "forest")]
    forms = [
        re.sub(r"the \w+", "X", draft.text)
        for draft in session("en", texts, limit=6)
        if draft.topic in " ".join(texts)
    ]
    assert len(forms) == 6
    assert all(form != after for form, after in pairwise(forms))
    assert len(set(forms)) > 3


def test_the_only_template_is_not_used_twice_in_a_row_either(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text("en: {follow_up: {place: ['And {topic}?']}, general: {lab: ['Any news?', 'Any plans?']}}")
    turns, engine = ("the lake", "the castle", "the museum"), bank(bank=str(path))
    texts = ["And the museum?"]
    for _ in range(2):
        asked = request(*turns, avoid_texts=tuple(texts), avoid_topics=("museum",))
        texts.append(engine.recommend(asked, never).text)
    assert texts[1] in ("Any news?", "Any plans?")
    assert texts[2] == "And the castle?"


def test_open_threads_come_first_and_in_their_order():
    castle, boat = said(2, "the castle is old"), said(3, "my boat is blue")
    threads = (Thread("castle", "the castle", "S2", castle), Thread("boat", "your boat", "S3", boat))
    asked = request("the lake", "the castle is old", "my boat is blue", threads=threads)
    assert bank().recommend(asked, never).topic == "castle"
    asked = request("the lake", threads=threads, avoid_topics=("castle",))
    draft = bank().recommend(asked, never)
    assert (draft.topic, draft.addressed_to) == ("boat", ("S3",))


def test_of_what_was_said_last_it_asks_without_saying_that_it_was_mentioned(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text("en: {follow_up: {place: ['And {topic}?']}, earlier: {place: ['Earlier, {topic}?']}}")
    threads = (Thread("castle", "the castle", "S1", said(1, "we saw the castle")),)
    for more, expected in (((), "And"), (("mhm",), "And"), (("it rained here",), "Earlier")):
        for known in (threads, ()):
            asked = request("we saw the castle", *more, threads=known)
            assert bank(bank=str(path)).recommend(asked, never).text.startswith(expected)


def test_without_words_for_what_was_earlier_it_asks_as_of_what_was_said_last(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text("en: {follow_up: {place: ['And {topic}?']}}")
    draft = bank(bank=str(path)).recommend(request("we saw the castle", "it rained here"), never)
    assert draft.text == "And the castle?"


def test_what_was_followed_up_comes_after_the_open_threads():
    threads = (Thread("castle", "the castle", "S2", said(2, "the castle is old")),)
    texts = ("we saw the lake", "the castle is old", "the lake is cold")
    assert bank().recommend(request(*texts, threads=threads), never).topic == "castle"
    asked = request(*texts, threads=threads, avoid_topics=("castle",))
    assert bank().recommend(asked, never).topic == "lake"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_talk_begins_with_one_of_the_easiest_questions(language):
    general = QuestionFile("", "polite").questions(language).general
    easiest = {text for area in list(general)[:4] for text in general[area][:5]}
    hello = {"en": "hello", "ko": "안녕하세요", "ja": "こんにちは"}[language]
    for turns in range(8):
        draft = bank().recommend(request(*[hello] * turns, language=language), never)
        assert draft.text in easiest


def test_in_a_serious_talk_all_questions_are_easy():
    heavy = ["any fever", "the pain is back", "take the tablets"]
    easiest = list(QuestionFile("", "polite").questions("en").general)[:4]
    assert {draft.topic for draft in session("en", heavy, limit=12)} == set(easiest)


def test_what_is_said_in_passing_makes_no_talk_serious():
    passing = ["my hair is wet", "how much money", "the rent is due", "do you vote"]
    assert bank().recommend(request(*passing, "the beach is near"), never).topic == "beach"


def test_a_thread_of_words_that_are_not_certain_is_left():
    words = (Word("the", 2, 3, 0.9), Word("castle", 2, 3, 0.3))
    threads = (Thread("castle", "the castle", "S1", said(1, "the castle", words=words)),)
    assert "castle" not in bank().recommend(request("hello there", threads=threads), never).text


def test_a_thing_of_no_known_kind_must_come_twice():
    once = request("i have a purple umbrella")
    twice = request("i have a purple umbrella", "my purple umbrella is big")
    assert bank().recommend(once, never).topic in areas()
    assert bank().recommend(twice, never).topic == "purple umbrella"


def test_what_was_spoken_of_heavily_is_not_picked_up_at_another_time():
    draft = bank().recommend(request("my sister is in hospital", "my sister plays the piano"), never)
    assert draft.topic == "piano"
    asked = request("my sister is in hospital", "my sister likes it")
    assert bank().recommend(asked, never).topic in areas()


def test_of_a_serious_talk_nothing_is_picked_up():
    heavy = ["any fever", "the pain is back", "take the tablets"]
    assert bank().recommend(request(*heavy, "the beach is near"), never).topic in areas()
    assert bank().recommend(request(*heavy[:2], "the beach is near"), never).topic == "beach"


def test_an_unanswered_question_is_passed_on_by_the_name_of_who_asked():
    question = said(1, "Where should we go in May?")
    asked = request("Where should we go in May?", names={"S1": "Ann"}, questions=(question,))
    draft = bank().recommend(asked, never)
    assert "Ann" in draft.text
    assert "where to go in May" in draft.text
    unknown = request("Where should we go in May?", questions=(question,))
    assert bank().recommend(unknown, never).topic in areas()


def test_a_question_that_cannot_be_reported_naturally_is_left():
    question = said(1, "What did you have for dinner?")
    asked = request("What did you have for dinner?", names={"S1": "Ann"}, questions=(question,))
    assert "Ann" not in bank().recommend(asked, never).text


def test_a_question_of_words_that_are_not_certain_is_left():
    for probability, passed_on in ((0.2, False), (0.9, True)):
        sure = [Word(text, 0, 1, 0.9) for text in ("Where", "should", "we", "go", "in")]
        words = (*sure, Word("May?", 0, 1, probability))
        question = said(1, "Where should we go in May?", words=words)
        draft = bank().recommend(request("hello", names={"S1": "Ann"}, questions=(question,)), never)
        assert ("Ann" in draft.text) == passed_on


def test_an_old_mention_is_left_alone():
    assert bank().recommend(request("the lake", *["yes"] * 5), never).topic == "lake"
    assert bank().recommend(request("the lake", *["yes"] * 40), never).topic != "lake"


@pytest.mark.parametrize("language", LANGUAGES)
def test_general_questions_when_nothing_was_said_each_once_then_none(language):
    drafts = session(language, limit=400)
    assert len(drafts) >= 20
    assert len({draft.text for draft in drafts}) == len(drafts) < 400
    topics = [draft.topic for draft in drafts]
    assert len(set(topics[:10])) == 10


def test_a_general_question_goes_to_the_quietest_by_name():
    draft = bank().recommend(request(quiet_speakers=("S3", "S1"), names={"S3": "Ann"}), never)
    assert draft.addressed_to == ("S3",)
    assert draft.text.startswith("Ann, ")
    assert bank().recommend(request(), never).addressed_to == ()


def test_a_name_does_not_make_a_general_question_new():
    first = bank().recommend(request(quiet_speakers=("S3",), names={"S3": "Ann"}), never)
    plain = session("en", limit=400)
    assert any(first.text.lower().endswith(draft.text.lower()) for draft in plain)
    rest = {draft.text for draft in plain if not first.text.lower().endswith(draft.text.lower())}
    asked = request(avoid_texts=(*rest, first.text))
    assert bank().recommend(asked, never) is None


def test_areas_that_were_taken_up_come_first_and_those_that_were_not_last():
    names = sorted(areas())
    liked = {names[3]: 1.0}
    assert bank().recommend(request(liked=liked), never).topic == names[3]
    disliked = dict.fromkeys(names[1:], -1.0)
    assert bank().recommend(request(liked=disliked), never).topic == names[0]


def test_an_area_near_the_talk_comes_before_others(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text("en: {general: {sea: ['Sail?'], food: ['Any news of rice?'], art: ['Paint?']}}")
    for text in ("we had rice", "i cook rice", "there is rice on the stove"):
        assert bank(bank=str(path)).recommend(request(text), never).topic == "food"


def test_a_thing_that_was_not_taken_up_is_left():
    asked = request("the lake and the castle", liked={"castle": -0.5})
    assert bank().recommend(asked, never).topic == "lake"


@pytest.mark.parametrize(("level", "ending"), [("polite", "요?"), ("formal", "까?"), ("casual", "?")])
def test_korean_is_spoken_at_the_level_asked_for(level, ending):
    draft = bank(speech_level=level).recommend(
        request("바다를 봤어요", language="ko", names={"S1": "민수"}), never
    )
    assert draft.text.startswith("민수야, " if level == "casual" else "민수 씨, ")
    assert draft.text.endswith(ending)
    assert (draft.text.endswith(("요?", "까?"))) == (level != "casual")


def test_korean_particles_fit():
    for text, word in (("바다를 봤어요", "바다"), ("등산을 갔어요", "등산")):
        for used in range(4):
            asked = request(text, language="ko", avoid_texts=tuple(str(n) for n in range(used)))
            draft = bank().recommend(asked, never)
            assert word in draft.text
            assert "/" not in draft.text
            assert not re.search(r"바다[은이을과]|등산[는를와](?!\w)", draft.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_suggestion_is_one_sentence_in_its_language(language):
    texts = {
        "en": ["my old garden", "my sister", "i play tennis", "pizza", "my dog", "the jazz concert"],
        "ko": [
            "정원을 봤어요",
            "친구가 왔어요",
            "등산을 갔어요",
            "피자를 먹었어요",
            "강아지가 왔어요",
            "영화를 봤어요",
        ],
        "ja": [
            "公園を見ました",
            "娘が来ました",
            "登山を始めました",
            "ピザを食べました",
            "犬が来ました",
            "映画を見ました",
        ],
    }
    script = {"en": r"[A-Za-z]", "ko": r"[가-힣]", "ja": r"[ぁ-ん]"}
    drafts = session(language, texts[language], limit=40)
    assert len({draft.topic for draft in drafts if "mentioned" in draft.rationale}) >= 6
    for draft in drafts:
        assert re.fullmatch(r"[^.?!。？！{}]+[.?!。？！]", draft.text), draft.text
        assert re.search(script[language], draft.text)
        assert len(draft.text.split()) <= 30


def test_a_language_without_questions_has_no_suggestion():
    assert bank().recommend(request("der See", language="de"), never) is None


def test_the_order_is_the_same_each_time():
    texts = ["my daughter plays the piano", "the lake"]
    assert session("en", texts, limit=30) == session("en", texts, limit=30)


def test_auto_finds_the_bank():
    assert backend_class("topic_recommender", BACKENDS, "auto", TopicParameters()) is TopicBank


@pytest.mark.parametrize("backend", ["auto", "topic_bank"])
def test_a_model_that_nothing_can_load_is_a_users_error(backend):
    parameters = TopicParameters(backend=backend, model="/nowhere/llama.gguf")
    with pytest.raises(UserError, match=r"cannot load '/nowhere/llama\.gguf'; leave parameter 'model' empty"):
        backend_class("topic_recommender", BACKENDS, backend, parameters)


def test_a_bank_that_is_not_there_is_a_users_error():
    with pytest.raises(UserError, match=r"there is no topic bank 'nowhere\.yaml'"):
        backend_class("topic_recommender", BACKENDS, "topic_bank", TopicParameters(bank="nowhere.yaml"))
    with pytest.raises(UserError, match="cannot read"):
        bank(bank="nowhere.yaml")


def test_the_name_of_somebody_there_is_no_thing_to_ask_about():
    texts = ("오늘 하늘이 발표를 참 잘했어요",)
    assert bank().recommend(request(*texts, language="ko"), never).topic == "하늘"
    draft = bank().recommend(request(*texts, language="ko", names={"S2": "김하늘"}), never)
    assert "하늘" not in draft.text
