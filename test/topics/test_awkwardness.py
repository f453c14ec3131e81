import pytest

from stalk_ros.topics.awkwardness import silence_cue


@pytest.mark.parametrize(
    ("silence_s", "score"), [(0.0, 0.0), (0.2, 0.0), (0.7, 0.0), (2.35, 0.5), (4.0, 1.0), (60.0, 1.0)]
)
def test_silence_grows_awkward_from_a_willing_gap_to_the_threshold(silence_s, score):
    assert silence_cue(silence_s, 4.0).score == pytest.approx(score)


def test_the_reason_is_named_once_it_counts():
    assert silence_cue(1.0, 4.0).reason == ""
    assert silence_cue(3.04, 4.0).reason == "nobody has spoken for 3.0 s"


def test_a_threshold_below_a_willing_gap_works():
    assert silence_cue(0.5, 0.5).score == 1.0
    assert silence_cue(0.125, 0.5).score == 0.0
