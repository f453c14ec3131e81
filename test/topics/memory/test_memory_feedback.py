from dataclasses import replace

import pytest

from stalk_ros.topics.memory import Memory

S = 1_000_000_000
QUESTION = "What is your favourite tune for the piano?"


@pytest.fixture
def heard_after(said, offer):
    """``heard_after(lines…, spoken=…)`` -> how an offer about the piano at 10 s was received."""

    def run(*lines, text=QUESTION, spoken=True, start_s=15.0):
        memory = Memory()
        memory.suggested(offer("piano", text, 10))
        if spoken:
            memory.spoken(13 * S)
        for number, line in enumerate(lines):
            memory.add(said(line, start_s + 5 * number))
        return memory.liked()

    return run


@pytest.mark.parametrize(
    "lines",
    [
        ("S2:I play the piano every day.",),
        ("S2:oh well", "S1:what a good idea", "S2:a slow tune by Satie"),
        ("S2:Something by Satie, always.",),
    ],
)
def test_who_speaks_of_it_or_answers_takes_it_up(heard_after, lines):
    assert heard_after(*lines) == {"piano": 0.5}


@pytest.mark.parametrize(
    "lines",
    [
        ("S2:Where are the keys of the cellar?", "S1:On the table.", "S2:Thanks a lot.", "S1:No trouble."),
        ("S2:Pardon?", "S1:The train leaves soon.", "S2:At nine.", "S1:Let's pack.", "S1:The piano!"),
    ],
)
def test_who_speaks_of_other_things_does_not(heard_after, lines):
    assert heard_after(*lines) == {"piano": -0.5}


def test_what_comes_much_later_is_no_reaction(heard_after):
    assert heard_after("S2:I play the piano.", start_s=44) == {"piano": -0.5}
    assert heard_after("S2:I play the piano.", start_s=42) == {"piano": 0.5}


def test_any_answer_counts_only_to_a_question_that_was_said(heard_after):
    assert heard_after("S2:Something by Satie.", spoken=False) == {}
    assert heard_after("S2:Something by Satie.", text="The piano sounds warm.") == {}


def test_minimal_responses_are_waited_through(heard_after):
    assert heard_after("S2:hmm", "S1:yes", "S2:hmm", "S1:yes", "S2:the piano") == {"piano": 0.5}
    assert heard_after("S2:hmm", "S1:yes") == {}


def test_silence_is_no_taking_up(offer):
    memory = Memory()
    memory.suggested(offer("piano", QUESTION, 10))
    memory.spoken(13 * S)
    memory.suggested(offer("castle", "Which castle?", 60))
    assert memory.liked() == {"piano": -0.5}


def test_withdrawn_before_it_was_said_it_is_neither(said, offer):
    memory = Memory()
    made = offer("piano", QUESTION, 10)
    memory.suggested(made)
    memory.withdrawn(made)
    memory.add(said("S1:the piano", 11))
    assert memory.liked() == {}


@pytest.mark.parametrize(
    ("line", "liked"), [("S1:I play the piano.", {"piano": 0.5}), ("S1:Where are the keys?", {})]
)
def test_withdrawn_when_the_robot_may_have_said_it_only_taking_it_up_tells(said, offer, line, liked):
    memory = Memory()
    made = offer("piano", QUESTION, 10)
    memory.suggested(made)
    memory.withdrawn(replace(made, time_ns=14 * S))
    memory.spoken(15 * S)  # of what the robot says now nothing is known
    memory.add(said(line, 14))
    memory.suggested(offer("castle", "Which castle?", 60))
    assert memory.liked() == liked


@pytest.mark.parametrize(
    ("robot_s", "line", "liked"),
    [
        (10.5, "S1:Something by Satie, always.", {"piano": 0.5}),
        (10.5, "S1:Where are the keys?", {"piano": -0.5}),
        (9.0, "S1:Something by Satie, always.", {}),
    ],
)
def test_withdrawn_because_the_robot_was_heard_it_was_said(said, offer, robot_s, line, liked):
    memory = Memory()
    made = offer("piano", QUESTION, 10)
    memory.suggested(made)
    memory.withdrawn(replace(made, time_ns=round(10.5 * S)))
    memory.heard_robot(said("robot:your favourite tune", robot_s))
    memory.add(said(line, 14))
    memory.suggested(offer("castle", "Which castle?", 60))
    assert memory.liked() == liked


def test_withdrawing_an_earlier_offer_changes_nothing(said, offer):
    memory = Memory()
    memory.suggested(offer("castle", "Which castle?", 5))
    memory.suggested(offer("piano", QUESTION, 10))
    memory.withdrawn(offer("castle", "Which castle?", 5))
    memory.add(said("S1:the piano", 11))
    assert memory.liked()["piano"] == 0.5


def test_more_receptions_weigh_more(said, offer):
    memory = Memory()
    for number in range(4):
        memory.suggested(offer("music", f"Question {number} about music?", 100 * number))
        memory.spoken((100 * number + 2) * S)
        memory.add(said("S1:I sing in a choir.", 100 * number + 4))
    assert memory.liked() == {"music": 0.8}
