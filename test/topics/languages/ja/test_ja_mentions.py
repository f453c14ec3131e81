import pytest

from stalk_ros.topics.languages.ja.mentions import is_heavy, kind, mentions


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("週末に山に登りました。", ["山"]),
        ("娘がピアノを習い始めました", ["娘", "ピアノ"]),
        ("京都で美味しいラーメンを食べました", ["京都", "ラーメン"]),
        ("映画を見に行きました", ["映画"]),
        ("新しい カメラ を 買い ました", ["カメラ"]),
    ],
)
def test_words_that_a_particle_marks_are_found(text, topics):
    assert [mention.topic for mention in mentions(text)] == topics


@pytest.mark.parametrize("text", ["", "はい、そうですね", "今日は時間がない", "病院とお葬式の話をした"])
def test_nothing_is_made_up_and_nothing_heavy_is_picked_up(text):
    assert mentions(text) == []


@pytest.mark.parametrize("text", ["山が嫌いです", "映画を見ましたか？"])
def test_questions_and_complaints_mention_nothing(text):
    assert mentions(text) == []


def test_a_heavy_sentence_mentions_nothing():
    assert is_heavy("病院の近くの公園に行きました")
    assert mentions("病院の近くの公園に行きました") == []
    assert not is_heavy("公園に行きました")


@pytest.mark.parametrize(("topic", "expected"), [("娘", "person"), ("京都", "place"), ("感想", "other")])
def test_the_kind_of_a_thing(topic, expected):
    assert kind(topic) == expected
