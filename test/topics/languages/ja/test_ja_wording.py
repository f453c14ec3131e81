from stalk_ros.topics.languages.ja.wording import asked, spoken


def test_people_are_called_with_san_once():
    slots = {"topic": "山"}
    assert spoken("{topic}はどうですか？", slots, "ミキ", "polite") == "ミキさん、山はどうですか？"
    assert spoken("{topic}はどうですか？", slots, "田中先生", "polite") == "田中先生、山はどうですか？"
    assert (
        spoken("{asker}が聞いていました。", {"asker": "ミキ"}, "", "polite") == "ミキさんが聞いていました。"
    )


def test_a_question_is_what_its_one_known_noun_says():
    assert asked("週末は映画を見ますか？") == "映画"
    assert asked("山が好きですか、海が好きですか？") == ""
