import pytest

from stalk_ros.errors import UserError
from stalk_ros.topics import TopicParameters


def test_out_of_range_is_a_users_error():
    with pytest.raises(UserError, match="silence_s"):
        TopicParameters(silence_s=-1.0)
    with pytest.raises(UserError, match="cooldown_s"):
        TopicParameters(cooldown_s=-1.0)


@pytest.mark.parametrize("language", ["Korean", "Korean, please", "한국어", "k"])
def test_a_language_that_is_no_tag_is_a_users_error(language):
    with pytest.raises(UserError, match=f"'language' must be a BCP 47 tag such as 'ko', not '{language}'"):
        TopicParameters(language=language)
