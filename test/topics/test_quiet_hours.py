import pytest

from stalk_ros.errors import UserError
from stalk_ros.topics import TopicParameters
from stalk_ros.topics.quiet_hours import quiet_hours


def test_spans_are_minutes_of_the_day():
    assert quiet_hours("22:00-07:00, 12:30 - 13:05") == ((1320, 420), (750, 785))
    assert quiet_hours("") == quiet_hours(" ") == ()


@pytest.mark.parametrize(
    "text", ["22-7", "22:00", "24:00-07:00", "22:60-07:00", "22:00-07:00;", "always", "22:00-22:00"]
)
def test_anything_else_is_a_users_error_that_shows_how_to_write_it(text):
    with pytest.raises(UserError, match="22:00-07:00"):
        TopicParameters(quiet_hours=text)
