import pytest

from stalk_ros.errors import UserError
from stalk_ros.topics.own_lists import own_lists


def test_sections_are_found_by_primary_subtags_in_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "lists.yaml").write_text("ko-KR: [1]\nEN: [2]\n", encoding="utf-8-sig")
    assert own_lists("~/lists.yaml", "bank") == {"ko": [1], "en": [2]}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"ko:\n\tgeneral: []", "bank '{}' is not YAML, line 2, column 1: found character"),
        (b"\x00", "bank '{}' is not YAML: "),
        ("ko: [오늘]".encode("cp949"), "bank '{}' is not UTF-8; save it as such"),
        (b"", "bank '{}' must map languages, such as 'en', to lists"),
        (b"- ko", "bank '{}' must map languages"),
        (b"korean: {}", "bank '{}': 'korean' is no language; write its tag, such as 'ko'"),
        (b"no: {}", "bank '{}': False (put it in quotes) is no language"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path, content, complaint):
    path = tmp_path / "lists.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError) as raised:
        own_lists(str(path), "bank")
    assert str(raised.value).startswith(complaint.replace("{}", str(path), 1))
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"cannot read bank '.*/none\.yaml': No such file"):
        own_lists(str(tmp_path / "none.yaml"), "bank")
