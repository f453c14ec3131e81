import pytest
from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics import TopicParameters
from stalk_ros.topics.awkwardness import Awkwardness, lapse_s

PLAIN = TopicParameters()
WEIGHTS = ("minimal_responses", "repetition", "one_sided", "unanswered_question", "hesitation")
ONLY_SILENCE = TopicParameters(**{f"{cue}_weight": 0.0 for cue in WEIGHTS})


def turns(*texts):
    return tuple(
        Utterance(str(at), at, at + 1, text, speaker_id=f"S{at % 2 + 1}") for at, text in enumerate(texts)
    )


def after(*texts, parameters=PLAIN, shares=None, tag="en"):
    awkwardness = Awkwardness()
    awkwardness.turn(turns(*texts), shares or {}, tag, parameters)
    return awkwardness


AGREEING = ("we bought a boat", "yeah", "mhm", "okay", "right")


@pytest.mark.parametrize(
    ("relationship", "tag", "seconds"),
    [
        ("strangers", "en", 3.0),
        ("acquaintances", "en-US", 4.0),
        ("friends", "en", 7.0),
        ("strangers", "ja", 6.0),
        ("acquaintances", "ko", 5.0),
        ("acquaintances", "de", 4.0),
        ("acquaintances", "", 4.0),
    ],
)
def test_the_lapse_depends_on_relationship_and_language(relationship, tag, seconds):
    parameters = TopicParameters(relationship=relationship)
    assert lapse_s(parameters, tag, finished=True) == seconds
    assert lapse_s(parameters, tag, finished=False) == 2 * seconds


def test_the_lapse_may_be_given():
    assert lapse_s(TopicParameters(silence_s=2.5, silence_factor=3.0), "ja", finished=True) == 2.5
    assert lapse_s(TopicParameters(silence_factor=3.0), "ja", finished=True) == 12.0
    assert lapse_s(TopicParameters(silence_s=2.0, mid_turn_factor=4.0), "en", finished=False) == 8.0


def test_silence_alone_reaches_the_threshold_at_the_lapse():
    awkwardness = after("we went home")
    assert awkwardness.due_s(PLAIN) == 4.0
    assert awkwardness.state(4.0, PLAIN).score == pytest.approx(PLAIN.offer_at)
    assert awkwardness.state(3.99, PLAIN).score < PLAIN.offer_at
    assert awkwardness.state(4.0, PLAIN).reasons == ("nobody has spoken for 4.0 s",)
    assert awkwardness.state(4.0, PLAIN).trigger == Trigger.SILENCE
    assert awkwardness.state(0.0, PLAIN).score == 0.0


def test_before_anybody_spoke_silence_counts():
    assert Awkwardness().due_s(PLAIN) == 4.0


@pytest.mark.parametrize(
    ("texts", "trigger", "reason"),
    [
        (AGREEING, Trigger.MINIMAL_RESPONSES, "the last 4 turns were only 'mhm', 'okay', 'right'"),
        (("so how was it?",), Trigger.SILENCE, "nobody has answered 'so how was it?'"),
        (("um well uh that", "uh yes"), Trigger.SILENCE, "people hesitate"),
    ],
)
def test_what_was_said_brings_the_offer_forward(texts, trigger, reason):
    awkwardness = after(*texts)
    due_s = awkwardness.due_s(PLAIN)
    assert 2.0 <= due_s < 4.0
    state = awkwardness.state(due_s, PLAIN)
    assert state.score == pytest.approx(PLAIN.offer_at)
    assert state.trigger == trigger
    assert reason in state.reasons
    assert awkwardness.state(4.0, PLAIN).trigger == Trigger.SILENCE


def test_an_answer_is_awaited_for_a_while_before_its_absence_counts():
    awkwardness = after("so how was it?")
    assert awkwardness.state(0.7, PLAIN).score == 0.0
    assert awkwardness.state(0.7, PLAIN).reasons == ()
    assert awkwardness.state(0.8, PLAIN).score > PLAIN.unanswered_question_weight
    assert awkwardness.state(0.8, PLAIN).reasons == ("nobody has answered 'so how was it?'",)


def test_one_sided_talk_brings_the_offer_forward():
    awkwardness = after(*["and then we went on"] * 9, shares={"S1": 0.95, "S2": 0.05})
    state = awkwardness.state(awkwardness.due_s(PLAIN), PLAIN)
    assert state.trigger == Trigger.ONE_SIDED


def test_talk_in_circles_brings_the_offer_forward():
    said = ("the garden needs water and the roses look dry", "our roses in the garden always need water")
    awkwardness = after(*said * 4)
    state = awkwardness.state(awkwardness.due_s(PLAIN), PLAIN)
    assert state.trigger == Trigger.REPETITION


def test_a_weight_of_0_turns_a_cue_off():
    awkwardness = after(*AGREEING)
    off = TopicParameters(minimal_responses_weight=0.0)
    assert awkwardness.due_s(off) == 4.0
    assert awkwardness.state(3.0, off).reasons == ("nobody has spoken for 3.0 s",)


def test_in_the_middle_of_a_turn_only_a_longer_silence_counts():
    awkwardness = after(*AGREEING, "I think we should")
    assert awkwardness.due_s(PLAIN) == 8.0
    circling = after(*["so how was it?"] * 5, "um uh um")
    assert circling.due_s(PLAIN) == 8.0
    assert circling.state(7.9, PLAIN).score < PLAIN.offer_at
    assert circling.state(8.0, PLAIN).score == pytest.approx(PLAIN.offer_at)
    assert circling.state(8.0, PLAIN).trigger == Trigger.SILENCE


score = st.floats(0.0, 1.0)


@given(
    weights=st.tuples(*[score] * len(WEIGHTS)),
    offer_at=st.floats(0.05, 0.95),
    silence_s=st.floats(0.5, 60.0),
    texts=st.sampled_from([AGREEING, ("how was it?",), ("um uh um uh yes",), ("I know",), ("and then",)]),
    one_sided=st.floats(0.5, 1.0),
)
def test_the_score_crosses_the_threshold_when_an_offer_is_due(weights, offer_at, silence_s, texts, one_sided):
    cues = {f"{cue}_weight": weight for cue, weight in zip(WEIGHTS, weights, strict=True)}
    parameters = TopicParameters(offer_at=offer_at, silence_s=silence_s, **cues)
    shares = {"S1": one_sided, "S2": 1 - one_sided}
    awkwardness = after(*["we went home"] * 8, *texts, shares=shares, parameters=parameters)
    due_s = awkwardness.due_s(parameters)
    whole_s = silence_s * (2 if texts == ("and then",) else 1)
    assert whole_s / 2 - 1e-9 <= due_s <= whole_s
    assert awkwardness.state(due_s, parameters).score == pytest.approx(offer_at)
    assert awkwardness.state(due_s * 0.99, parameters).score < offer_at
    assert awkwardness.state(whole_s, parameters).score >= offer_at - 1e-9
    states = [awkwardness.state(whole_s * part / 10, parameters).score for part in range(16)]
    assert states == sorted(states)
    assert states[0] >= 0.0
    assert states[-1] <= 1.0


def test_after_an_offer_brought_forward_only_a_whole_lapse_counts_until_talk_has_recovered():
    awkwardness = after(*AGREEING)
    awkwardness.offered(awkwardness.due_s(PLAIN), PLAIN)
    assert awkwardness.due_s(PLAIN) == 4.0
    assert awkwardness.state(3.9, PLAIN).trigger == Trigger.SILENCE
    awkwardness.turn(turns(*AGREEING, "yeah"), {}, "en", PLAIN)
    assert awkwardness.due_s(PLAIN) == 4.0
    awkwardness.turn(turns(*AGREEING, "we sold it"), {}, "en", PLAIN)
    awkwardness.turn(turns(*AGREEING), {}, "en", PLAIN)
    assert awkwardness.due_s(PLAIN) < 4.0


@pytest.mark.parametrize("calm_at", [0.0, 1.0])
def test_talk_can_always_recover(calm_at):
    parameters = TopicParameters(calm_at=calm_at)
    awkwardness = after(*AGREEING, parameters=parameters)
    awkwardness.offered(awkwardness.due_s(parameters), parameters)
    awkwardness.turn(turns("we sold it"), {}, "en", parameters)
    awkwardness.turn(turns(*AGREEING), {}, "en", parameters)
    assert awkwardness.due_s(parameters) < 4.0


def test_a_whole_lapse_rounded_to_nanoseconds_is_one():
    parameters = TopicParameters(silence_factor=1 / 3)
    awkwardness = after(*AGREEING, parameters=parameters)
    rounded_s = int(lapse_s(parameters, "en", finished=True) * 1e9) / 1e9
    awkwardness.offered(rounded_s, parameters)
    assert awkwardness.due_s(parameters) < 4 / 3
    assert awkwardness.state(rounded_s, parameters).trigger == Trigger.SILENCE
