import pytest

from stalk_ros.topics.languages.ja.mentions import fitted, mentions


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


def test_japanese_needs_no_fitting():
    assert fitted("山はどうですか？") == "山はどうですか？"
