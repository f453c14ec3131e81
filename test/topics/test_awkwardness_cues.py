import pytest

from stalk_ros.events import Utterance
from stalk_ros.topics.awkwardness import (
    hesitation_cue,
    minimal_responses_cue,
    one_sided_cue,
    repetition_cue,
    silence_cue,
    unanswered_question_cue,
)


def turns(*texts):
    """Turns of S1 and S2 by turns; a text may name its speaker: "S3:hello"."""
    said = [text.rpartition(":") for text in texts]
    return tuple(
        Utterance(str(at), at, at + 1, text, speaker_id=speaker or f"S{at % 2 + 1}")
        for at, (speaker, _, text) in enumerate(said)
    )


@pytest.mark.parametrize(
    ("silence_s", "score"), [(0.0, 0.0), (0.7, 0.0), (2.35, 0.35), (4.0, 0.7), (4.7, 0.8484848), (60.0, 1.0)]
)
def test_silence_grows_awkward_from_a_willing_gap_through_the_lapse_to_1(silence_s, score):
    assert silence_cue(silence_s, 4.0, 0.7).score == pytest.approx(score)


def test_silence_is_named_from_half_of_the_lapse():
    assert silence_cue(1.96, 4.0, 0.7).reason == ""
    assert silence_cue(3.04, 4.0, 0.7).reason == "nobody has spoken for 3.0 s"


def test_a_lapse_shorter_than_a_willing_gap_works():
    assert silence_cue(0.5, 0.5, 0.7).score == 0.7
    assert silence_cue(0.125, 0.5, 0.7).score == 0.0


def test_a_run_of_minimal_responses_grows_with_its_length():
    said = turns("we bought a boat", "yeah", "Mhm.", "okay", "okay")
    scores = [minimal_responses_cue(said[:count], "en", 4).score for count in range(1, 6)]
    assert scores == pytest.approx([0, 0, 1 / 3, 2 / 3, 1])
    assert minimal_responses_cue(said[:3], "en", 4).reason == ""
    assert minimal_responses_cue(said, "en", 4).reason == "the last 4 turns were only 'yeah', 'mhm', 'okay'"
    assert minimal_responses_cue((*said, *turns("it is red")), "en", 4).score == 0.0
    assert minimal_responses_cue(turns("네", "음", "그렇구나", "네"), "ko", 4).score == 1.0
    assert minimal_responses_cue(turns("うん", "そうですね", "はい"), "ja", 3).score == 1.0


CIRCLING = (
    "the garden needs water and the roses look dry",
    "our roses in the garden always need water",
    "the tomatoes and beans grow behind the fence",
    "a fence keeps rabbits from the tomatoes",
)


def test_talk_in_circles_has_no_new_words():
    again = turns(*CIRCLING, *CIRCLING)
    assert repetition_cue(again, "en").score == 1.0
    assert repetition_cue(again, "en").reason == "the talk goes in circles: garden, water, roses"
    fresh = turns(
        *CIRCLING,
        "my sister works at a hospital in Leeds",
        "trains were late this morning because of snow",
        "we watched a film with dancing penguins",
        "football starts at seven on channel four",
    )
    assert repetition_cue(fresh, "en").score == 0.0


def test_minimal_responses_and_too_little_talk_are_no_circles():
    assert repetition_cue((), "en").score == 0.0
    assert repetition_cue(turns(*["yeah"] * 20), "en").score == 0.0
    assert repetition_cue(turns(*CIRCLING), "en").score == 0.0
    assert repetition_cue(turns(*["we like roses"] * 2, *["roses"] * 6), "en").score == 0.0


@pytest.mark.parametrize(("share", "score"), [(0.5, 0.0), (0.7, 0.0), (0.8, 0.5), (0.9, 1.0), (0.99, 1.0)])
def test_one_person_who_does_all_the_talking(share, score):
    said = turns(*["S1:and then we went on"] * 8)
    assert one_sided_cue(said, {"S1": share, "S2": 1 - share}, 0.9).score == pytest.approx(score)


def test_one_sided_talk_needs_somebody_who_is_quiet_and_some_time():
    said = turns(*["S1:and then we went on"] * 8)
    shares = {"S1": 0.96, "S2": 0.04}
    assert one_sided_cue(said, shares, 0.9).reason == "S1 has done 96% of the talking"
    assert one_sided_cue(said, {"S1": 1.0}, 0.9).score == 0.0
    assert one_sided_cue(said[:5], shares, 0.9).score == 0.0
    assert one_sided_cue(said, {"S1": 0.5, "S2": 0.5}, 0.5).score == 0.0


def test_a_question_is_unanswered_until_somebody_speaks():
    asked = turns("we went home", "So. How was your weekend?")
    cue = unanswered_question_cue(asked, "en")
    assert (cue.score, cue.reason) == (1.0, "nobody has answered 'How was your weekend?'")
    assert unanswered_question_cue((*asked, *turns("it was nice")), "en").score == 0.0
    assert unanswered_question_cue((), "en").score == 0.0
    long = unanswered_question_cue(turns(f"would you {'ever ' * 12}like to see a penguin dance?"), "en")
    assert long.reason == f"nobody has answered '… {'ever ' * 6}like to see a penguin dance?'"


def test_hesitation_is_many_fillers_for_what_is_said():
    assert hesitation_cue(turns("um well uh", "uh yes"), "en").score == 1.0
    assert hesitation_cue(turns("um well uh", "uh yes"), "en").reason == "people hesitate"
    assert hesitation_cue(turns("um"), "en").score == 0.0
    fluent = "um we went to the market in the morning and bought uh bread and cheese and some apples too"
    assert hesitation_cue(turns(fluent), "en").score == pytest.approx((2 / 19 - 0.06) / 0.24)
    usual = f"{fluent} and {fluent.replace('um ', '').replace('uh ', '')}"
    assert hesitation_cue(turns(usual), "en").score == 0.0
