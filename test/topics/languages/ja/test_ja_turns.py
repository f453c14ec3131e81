import pytest

from stalk_ros.topics.turns import hesitations, is_finished, is_minimal_response, is_question


@pytest.mark.parametrize(
    "text",
    [
        "昨日は映画を見ました",
        "そうですね",
        "はい",
        "どこに行くの",
        "いい天気だね",
        "ちょっと待って",
        "行こうか",
        "楽しかった",
        "こんにちは",
        "私も",
        "そうかも",
        "ですよね",
        "おいしい",
        "東京です",
        "どうして",
        "もっと",
        "本当に",
        "昨日初めて行ったんですよ",
        "楽しかったんだよね",
        "行こうかなと思ってます",
        "雨だったしね",
    ],
)
def test_it_is_finished(text):
    assert is_finished(text, "ja")


@pytest.mark.parametrize(
    "text",
    [
        "昨日は映画を見て",
        "行きたいけど",
        "雨が降ったから",
        "忙しいので",
        "昨日は",
        "えっと",
        "あの",
        "友達と",
        "駅に",
        "それで",
        "だから",
        "でも",
        "食べたり",
        "飲みながら",
        "私が",
        "ご飯を",
        "行ったら",
        "なんか",
        "好きなんですが",
        "そうなんですけど",
        "なんていうか",
        "っていうか",
        "あのさ",
        "忙しかったし",
        "行こうかなと思って",
        "まあそんな感じで",
    ],
)
def test_more_is_to_come(text):
    assert not is_finished(text, "ja")


@pytest.mark.parametrize(
    "text",
    [
        "どこに行くの",
        "お元気ですか",
        "行きませんか",
        "何が好きですか",
        "明日行こうかな",
        "趣味は何ですか",
        "これ誰の",
        "名前は何だっけ",
        "好きな食べ物は何",
    ],
)
def test_it_asks(text):
    assert is_question(text, "ja")


@pytest.mark.parametrize(
    "text",
    [
        "そうですか",
        "何か食べたい",
        "静か",
        "映画とか",
        "昨日は映画を見ました",
        "いつも行きます",
        "なんか楽しい",
        "どこか行きたいです",
        "好きなんですよ",
        "っていうか",
    ],
)
def test_it_does_not_ask(text):
    assert not is_question(text, "ja")


@pytest.mark.parametrize(
    "text", ["はい", "うんうん", "そうですか", "なるほどね", "はい、そうです。", "それな", "そうなんですよね"]
)
def test_it_says_no_more_than_yes(text):
    assert is_minimal_response(text, "ja")


@pytest.mark.parametrize("text", ["行きます", "はい、行きます", "", "本当ですか？"])
def test_it_says_something(text):
    assert not is_minimal_response(text, "ja")


@pytest.mark.parametrize(
    ("text", "count"), [["えっと、あの 昨日は、うーん 映画を見ました", 3], ["あの映画を見ました", 0], ["", 0]]
)
def test_fillers_and_words_begun_twice_are_counted(text, count):
    assert hesitations(text, "ja") == count
