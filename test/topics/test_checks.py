import math
from dataclasses import replace
from importlib import resources

import pytest
import yaml

from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics.checks import Checks
from stalk_ros.topics.languages import LANGUAGES
from stalk_ros.topics.recommender import Draft, Thread, TopicRequest

GOOD = Draft("Which season do you like best?", "seasons", "nothing else is open")


def request(*said, language="en", **more):
    turns = tuple(
        Utterance(f"u{n}", n, n + 1, text, language=language, speaker_id=speaker)
        for n, (speaker, text) in enumerate(said)
    )
    return TopicRequest(turns, language, Trigger.SILENCE, **more)


@pytest.fixture(scope="module")
def checks():
    return Checks()


@pytest.fixture
def complaint(checks):
    def of(text, *said, topic="talk", to=(), **more):
        return checks.complaint(Draft(text, topic, "because", to), request(*said, **more))

    return of


def test_a_good_draft_passes(checks):
    assert checks.complaint(GOOD, request()) == ""


@pytest.mark.parametrize(
    "draft",
    [
        None,
        "Which season do you like best?",
        replace(GOOD, text=None),
        replace(GOOD, text=b"Which season do you like best?"),
        replace(GOOD, text=7),
        replace(GOOD, topic=None),
        replace(GOOD, rationale=["a", "b"]),
        replace(GOOD, addressed_to=["S1"]),
        replace(GOOD, addressed_to="S1"),
        replace(GOOD, addressed_to=(1,)),
        replace(GOOD, confidence=math.nan),
        replace(GOOD, confidence=math.inf),
        replace(GOOD, confidence=-0.1),
        replace(GOOD, confidence=1),
        replace(GOOD, confidence=True),
        replace(GOOD, confidence="high"),
        replace(GOOD, confidence=None),
    ],
)
def test_what_a_message_cannot_carry_is_refused(checks, draft):
    assert checks.complaint(draft, request(("S1", "hello")))


@pytest.mark.parametrize(
    "labels",
    [
        {"topic": ""},
        {"topic": " "},
        {"topic": "seasons " * 20},
        {"topic": "seasons\n"},
        {"topic": "\ud800"},
        {"rationale": "one line\nand another"},
        {"rationale": "\x00"},
        {"rationale": "\ud800"},
    ],
)
def test_what_a_log_cannot_show_is_refused(checks, labels):
    assert checks.complaint(replace(GOOD, **labels), request())


@pytest.mark.parametrize("speaker", ["S9", ""])
def test_a_draft_is_addressed_to_people_who_are_there(checks, speaker):
    there = request(("S1", "hello"), names={"S2": "Ann"}, quiet_speakers=("S3",))
    for known in ("S1", "S2", "S3"):
        assert checks.complaint(replace(GOOD, addressed_to=(known,)), there) == ""
    assert "not there" in checks.complaint(replace(GOOD, addressed_to=(speaker,)), there)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?",
        "Which season do you like best",
        "Which season do you like best,",
        " Which season do you like best?",
        "Which season do you like best? ",
        "Which season do you like best?\n",
        "Which season\ndo you like best?",
        "I like spring. Which season do you like best?",
        "Which season do you like best? Spring?",
        "Which season do you like best?!",
        "Which season do you *like* best?",
        "# Which season do you like best?",
        "Which season do you like best 🌸?",
        "What do you think of https://example.org?",
        "What do you think of example.org?",
        "What do you print with `print`?",
        '{"text": "Which season do you like best?"}',
        "<b>Which season do you like best?</b>",
        "Which season do you like best<|eot_id|>?",
        "Which season do you like best, {name}?",
        "Which season do you like best, S1?",
        "Which season does speaker 2 like?",
        "Which season do you like best, voice_2?",
        "Which sea\u200bson do you like best?",
        "Which season do\u00a0you like best?",
        "Which season do you like best\x00?",
        "Which season do you like best\ud800?",
        "Wh\u0456ch season do you like best?",
        "W" + "o" * 50 + " do you like best?",
    ],
)
def test_what_is_not_one_plain_sentence_is_refused(complaint, text):
    assert complaint(text, ("S1", "hello"), ("voice_2", "hi"))


@pytest.mark.parametrize(
    "text",
    [
        "Is 9 a.m. too early for a film?",
        "Is 2.5 hours too long for a film?",
        "What is the best thing you’ve eaten lately – at home, or anywhere else?",
        "Tell us about the first concert you went to.",
        "I would love to hear what you like about the sea.",
        "Let's imagine a day without clocks!",
    ],
)
def test_what_a_voice_can_say_passes(complaint, text):
    assert complaint(text) == ""


@pytest.mark.parametrize(
    ("language", "begin", "word", "end", "most"),
    [
        ("en", "What do you think of", " roses", " here?", 24),
        ("ko", "여기 있는", " 장미", " 어때요?", 17),
        ("ja", "ここにある", "薔薇", "はどうですか？", 29),
    ],
)
def test_a_sentence_is_short(complaint, language, begin, word, end, most):
    assert complaint(begin + word * most + end, language=language) == ""
    assert "more than" in complaint(begin + word * (most + 1) + end, language=language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Was ist dein liebstes Essen?", "en"),
        ("Quel est ton plat préféré?", "en"),
        ("어떤 음식을 좋아하세요?", "en"),
        ("Which dish do you like?", "de"),
        ("Which dish do you like?", "ko"),
        ("Which dish do you like?", "ja"),
        ("你喜欢什么菜？", "ja"),
        ("Which dish 좋아하세요?", "ko"),
        ("Welches Essen mögt ihr?", "ru"),
    ],
)
def test_another_language_than_that_of_the_talk_is_refused(complaint, text, language):
    assert "language" in complaint(text, language=language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Welches Essen mögt ihr am liebsten?", "de"),
        ("Quel plat aimez-vous le plus?", "fr"),
        ("어떤 K-pop 노래를 좋아하세요?", "ko"),
        ("どんな音楽を聞きますか？", "ja"),
        ("Какое блюдо вам нравится?", "ru"),
        ("Jaki jest najlepszy film?", "pl"),
    ],
)
def test_the_language_of_the_talk_passes(complaint, text, language):
    assert complaint(text, language=language) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Spring is the best of all seasons.", "en"),
        ("봄이 제일 좋은 계절이에요.", "ko"),
        ("春は一番いい季節です。", "ja"),
    ],
)
def test_a_flat_statement_is_refused(complaint, text, language):
    assert "neither asks nor invites" in complaint(text, language=language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Tell me about the best season.", "en"),
        ("제일 좋은 계절 이야기를 들려주세요.", "ko"),
        ("一番いい季節の話を聞かせてください。", "ja"),
    ],
)
def test_an_invitation_passes(complaint, text, language):
    assert complaint(text, language=language) == ""


def test_nothing_is_suggested_twice(complaint):
    before = ("What do you remember best about the lake?",)
    assert complaint("what do you remember best, about the lake?", topic="lake", avoid_texts=before)
    assert complaint("What do you best remember about that lake?", topic="lake", avoid_texts=before)
    assert complaint("What do you remember best about the piano?", topic="piano", avoid_texts=before) == ""
    assert complaint("Who would you take to the lake?", topic="lake", avoid_texts=before) == ""


def test_a_template_with_another_topic_in_it_is_no_repetition(complaint):
    template = "Which colours, flowers, tastes, smells and shapes come with {}?"
    before = (template.format("winter"),)
    assert complaint(template.format("a holiday"), topic="holiday", avoid_texts=before) == ""
    assert complaint(template.format("a holiday"), topic="senses", avoid_texts=before)


def test_a_topic_is_not_suggested_again_in_other_clothes(complaint):
    before = ("piano",)
    assert complaint("What would you like to play?", topic="Piano", avoid_topics=before)
    assert complaint("What would you like to play?", topic="grand piano", avoid_topics=before)
    assert complaint("What would you play on a piano?", topic="an evening", avoid_topics=before)
    assert complaint("What would you like to play?", topic="piano", avoid_topics=("grand piano",))
    assert complaint("What would you like to play?", topic="games", avoid_topics=before) == ""
    assert complaint("What would you play first?", topic="games", avoid_topics=("first times",)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Ann, how was your wedding?",
        "Ann, what does your wife cook?",
        "What does Ann's husband like?",
        "Since you love chess, who is your favourite player?",
        "You have a dog, what is it called?",
        "You are sad today, aren't you?",
        "What did you put into the soup you cooked yesterday?",
        "How was the wedding?",
        "Why did you leave Berlin?",
        "When did you stop dancing?",
        "Ann, do you still play tennis?",
        "You said you like boats, why?",
        "Tom told me he is sad, what could we do?",
        "I heard that Ann moved, where does she live now?",
        "Is it true that Ann and Tom love each other?",
        "Tom dances very well, doesn't he?",
        "Ann and Tom love each other, what shall we cook for them?",
        "Everybody knows that Tom cheats, what can we play?",
        "Did you know that Tom's sister is a singer?",
        "Why is Tom so clumsy?",
        "When you were in Paris, what did you see?",
        "As a teacher, Ann, what do you enjoy?",
        "Ann, how are the twins?",
        "Has Tom forgiven you, Ann?",
        "What makes Tom so angry?",
        "Would you forgive Tom for lying?",
        "Tom, how many cats do you have now?",
        "Which of you painted the fence?",
        "Is it hard to raise goats?",
        "Ann, who is the father?",
        "Who hid the key?",
        "Why don't you like Tom?",
        "Tom, why didn't you dance?",
        "Why do you hate Tom?",
        "Did you know that the mayor is a wizard?",
        "Isn't the mayor a wizard?",
        "What do people in York City think about Tom?",
    ],
)
def test_a_claim_that_nobody_made_is_refused(complaint, text):
    talk = (("S1", "good morning"), ("S2", "the sun is out"))
    assert "nobody has said" in complaint(text, *talk, names={"S1": "Ann", "S2": "Tom"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ann, what was the best part of your wedding?", "we had our wedding in may"),
        ("Since you love chess, who taught you, Ann?", "i love chess so much"),
        ("Ann, you have a dog, what is it called?", "my dog is old"),
        (
            "Ann, you mentioned your piano, which songs do you like to play?",
            "i bought a piano and play songs",
        ),
        ("How was the wedding, Ann?", "tomorrow is the wedding"),
        ("Ann, do you still play tennis?", "i used to play tennis"),
    ],
)
def test_a_claim_passes_that_was_said_by_whom_it_is_about_and_not_of_another(complaint, text, said):
    names = {"S1": "Ann", "S2": "Tom"}
    assert complaint(text, ("S1", said), ("S2", "nice"), names=names) == ""
    if "the wedding" not in text:
        assert "nobody has said" in complaint(text, ("S2", said), ("S1", "nice"), names=names)


def test_what_others_ask_of_somebody_and_he_leaves_unanswered_is_not_said(complaint):
    names = {"S1": "Ann", "S2": "Tom", "S3": "Mia"}
    asked, text = ("S1", "why does Tom never cook?"), "Tom, why do you never cook?"
    assert "nobody has said" in complaint(text, asked, ("S3", "well"), names=names)
    assert complaint(text, asked, ("S2", "i have no time"), names=names) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Why don't you tell us about your week?",
        "Do you know what your name means?",
        "Which of you would try it first?",
        "Who is the funniest among your friends?",
        "Is it hard to learn something new?",
        "Which street in New York City would you like to see?",
        "What do you like to do in your free time?",
    ],
)
def test_an_open_question_claims_nothing(complaint, text):
    assert complaint(text, ("S1", "good morning"), ("S2", "the sun is out")) == ""


@pytest.mark.parametrize("text", ["El más alto es Luis.", "Die Sonne scheint heute auf das Dach."])
def test_a_statement_in_a_language_without_lists_is_refused(complaint, text):
    assert "neither asks" in complaint(text, language="es" if "Luis" in text else "de")


def test_what_others_say_of_somebody_by_name_or_ask_him_is_said(complaint):
    names = {"S1": "Ann", "S2": "Tom"}
    draft = "Ann, what was the best part of your wedding?"
    assert complaint(draft, ("S2", "Ann had her wedding in may"), names=names) == ""
    assert complaint(draft, ("S2", "how was your wedding?"), ("S1", "great"), names=names) == ""
    assert complaint(draft, ("S1", "i sat down"), ("S2", "how was your wedding?"), names=names)


def test_threads_and_the_summary_are_ground_for_claims_too(complaint):
    names = {"S1": "Ann", "S2": "Tom"}
    draft = "Ann, what do you play on your piano?"
    said = Utterance("u", 0, 1, "i play the piano", language="en", speaker_id="S1")
    thread = Thread("piano", "your piano", "S1", said)
    assert complaint(draft, ("S2", "well"), names=names, threads=(thread,)) == ""
    assert complaint(draft, ("S2", "well"), names=names, threads=(replace(thread, speaker_id="S2"),))
    assert complaint(draft, ("S2", "well"), names=names, summary="Ann plays the piano. Tom cooks.") == ""
    assert complaint(draft, ("S2", "well"), names=names, summary="Ann cooks. Tom plays the piano.")


def test_without_a_name_it_is_about_whom_it_is_addressed_to(complaint):
    talk = (("S1", "my piano is old"), ("S2", "well"))
    assert complaint("What do you do with your piano?", *talk, to=("S1",)) == ""
    assert "piano" in complaint("What do you do with your piano?", *talk, to=("S2",))
    assert complaint("What do you do with your piano?", *talk) == ""


@pytest.mark.parametrize(
    "text",
    [
        "What is your favourite dish?",
        "How was your day so far?",
        "What would you like to learn?",
        "What game did you play most when you were little?",
        "Which dish reminds you of the place where you grew up?",
        "If you had a boat, where would you go?",
        "Do you like Italian music?",
        "Have you ever been to Lisbon?",
        "Ann, what do you like about spring?",
        "What would Tom like to eat?",
    ],
)
def test_a_general_question_claims_nothing(complaint, text):
    assert complaint(text, ("S1", "well"), names={"S1": "Ann", "S2": "Tom"}) == ""


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("ko", "민수 씨, 결혼식은 어땠어요?", "지난달에 결혼식이 있었어요"),
        ("ko", "민수 씨는 체스를 좋아하신다고 하셨는데 언제 두세요?", "저는 체스를 좋아해요"),
        ("ko", "민수 씨, 제주도에 사시니까 뭐가 제일 좋으세요?", "저는 제주도에 살아요"),
        ("ko", "민수 씨, 왜 부산을 떠나셨어요?", "작년에 부산을 떠났어요"),
        ("ja", "ミキさん、結婚式はどうでしたか？", "先月結婚式がありました"),
        ("ja", "ミキさんは将棋が好きだと言っていましたが、誰と指しますか？", "私は将棋が好きです"),
        ("ja", "ミキさん、京都に住んでいるので、どこがおすすめですか？", "私は京都に住んでいます"),
        ("ja", "ミキさんの猫は元気ですか？", "家に猫がいます"),
    ],
)
def test_claims_in_korean_and_japanese(complaint, language, text, said):
    names = {"S1": "민수", "S2": "지민"} if language == "ko" else {"S1": "ミキ", "S2": "ケン"}
    answer = complaint(
        text, ("S1", said), ("S2", "네" if language == "ko" else "はい"), language=language, names=names
    )
    assert answer == ""
    other = complaint(
        text, ("S2", said), ("S1", "네" if language == "ko" else "はい"), language=language, names=names
    )
    assert "nobody has said" in other


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Voldemort, what would you like to eat?", "en"),
        ("What does Voldemort like to eat?", "en"),
        ("What shall we cook for Ann and Voldemort?", "en"),
        ("철수 씨, 뭐 드시고 싶으세요?", "ko"),
        ("철수야, 뭐 먹고 싶어?", "ko"),
        ("タロウさん、何を食べたいですか？", "ja"),
    ],
)
def test_a_name_that_nobody_has_or_said_is_refused(complaint, text, language):
    names = {"S1": "Ann"}
    assert "has said who" in complaint(text, language=language, names=names)
    known = complaint(text, ("S1", "Voldemort 철수 タロウさん"), language=language, names=names)
    assert "has said who" not in known


def test_a_korean_is_known_by_the_given_name_of_the_full_one(complaint):
    assert complaint("민수 씨, 뭐 드시고 싶으세요?", language="ko", names={"S1": "김민수"}) == ""


def test_in_a_language_without_rules_nothing_is_said_of_anybody_by_name(complaint):
    names = {"S1": "Anna"}
    assert "names anna" in complaint("Anna, wie war die Hochzeit?", language="de", names=names)
    assert complaint("Was mögt ihr am Frühling?", language="de", names=names) == ""


def test_a_day_of_suggestions_to_avoid_takes_no_time(checks):
    """It is no timed assertion that matters here but that nothing is read anew for each draft."""
    texts = tuple(
        f"What do you think of thing number {'a' * (n % 40)} and {'b' * (n // 40)}?" for n in range(3000)
    )
    many = request(
        *[("S1", f"we saw bird {n}") for n in range(60)], avoid_texts=texts, avoid_topics=("x",) * 3000
    )
    assert checks.complaint(GOOD, many) == checks.complaint(GOOD, many) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_general_question_of_the_bank_passes(checks, language):
    file = resources.files(f"stalk_ros.topics.languages.{language}").joinpath("questions.yaml")
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    levels = (document,) if "general" in document else tuple(document.values())
    refused = [
        (text, complaint)
        for level in levels
        for area, questions in level["general"].items()
        for text in questions
        for complaint in (checks.complaint(Draft(text, area, "general"), request(language=language)),)
        if complaint
    ]
    assert refused == []
