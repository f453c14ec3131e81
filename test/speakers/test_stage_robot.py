"""The robot among people, whose voices are easy to tell apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.audio import Block
from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.events import ROBOT, Suggestion, SuggestionStatus, Trigger, Utterance, VoiceActivity, Word
from stalk_ros.speakers import SpeakerParameters, SpeakerStage

if TYPE_CHECKING:
    from collections.abc import Callable

OFFER = "Where would you most like to go when summer comes?"
OTHER = "so what about the train that leaves at nine then"
ROBOT_VOICE, NEWCOMER = 5, 6


def offer(time_s: float, text: str = OFFER) -> Suggestion:
    time_ns, until_ns = seconds_to_ns(time_s), seconds_to_ns(time_s + 10)
    return Suggestion(
        time_ns,
        "t",
        SuggestionStatus.OFFERED,
        text,
        "en",
        "",
        "",
        (),
        Trigger.SILENCE,
        0.7,
        1.0,
        "",
        until_ns,
    )


def said(start_s: float, end_s: float, text: str = OTHER, final: bool = True) -> Utterance:
    """Words of the same length from one end to the other."""
    texts = text.split()
    edges = [seconds_to_ns(edge_s) for edge_s in np.linspace(start_s, end_s, len(texts) + 1)]
    words = tuple(Word(word, *edges[at : at + 2], 0.9) for at, word in enumerate(texts))
    return Utterance(f"u{start_s:g}", edges[0], edges[-1], text, words, "en", 0.9, final=final)


def who(parts: list[Utterance]) -> list[str]:
    return [part.speaker_id for part in parts]


@pytest.fixture
def make(oracle: Any, speech: Callable[..., np.ndarray]) -> Callable[..., SpeakerStage]:
    """A stage that has heard pieces, each a voice (None = silence) and its seconds."""

    def run(*pieces: tuple[int | None, float], **parameters: Any) -> SpeakerStage:
        stage = SpeakerStage(SpeakerParameters(**parameters), oracle)
        stage.hear(Block(speech(*pieces), 0, True))
        return stage

    return run


@pytest.mark.parametrize("settle_s", [0.0, 10.0])
@pytest.mark.parametrize("begins_s", [12, 16])
def test_the_robot_takes_no_number_from_people(make, settle_s: float, begins_s: int) -> None:
    pause_s = begins_s - 10
    stage = make((0, 10), (None, pause_s), (ROBOT_VOICE, 4), (None, 1), (1, 6), (None, 20), settle_s=settle_s)
    told = stage.attribute(said(0, 10))
    stage.offered(offer(11))
    for utterance in (
        said(begins_s, begins_s + 4, OFFER),
        said(begins_s + 5, begins_s + 11),
    ):
        told += stage.attribute(utterance)
    assert who([part for part in told + stage.finish() if part.final]) == ["S1", ROBOT, "S2"]
    assert stage.people.listed() == [("S1", ""), ("S2", "")]
    with pytest.raises(UserError, match="there is no voice 'robot'; there are: S1, S2"):
        stage.forget(ROBOT)


def test_two_people_and_the_robot_in_one_breath_leave_no_hole(make) -> None:
    stage = make((0, 10), (None, 6), (ROBOT_VOICE, 4), (2, 4), (None, 1), (1, 4))
    stage.attribute(said(0, 10))
    stage.offered(offer(11))
    assert who(stage.attribute(said(16, 24, f"{OFFER} {OTHER}"))) == [ROBOT, "S2"]
    assert who(stage.attribute(said(25, 29))) == ["S3"]


def test_somebody_enrolled_who_speaks_first_right_after_an_offer_is_recognised(make, tmp_path: Path) -> None:
    store = str(tmp_path / "people.json")
    before = make((NEWCOMER, 8), store=store)
    before.attribute(said(0, 8))
    before.enrolments.from_utterance("Ann", "u0")
    stage = make((0, 10), (None, 2), (NEWCOMER, 4), store=store)
    stage.attribute(said(0, 10))
    stage.offered(offer(11))
    (part,) = stage.attribute(said(12, 16))
    assert part.speaker_name == "Ann"


def test_a_word_that_could_be_anybodys_is_not_the_robots_for_having_just_spoken(make, speech) -> None:
    stage = make((1, 4), (0, 6), (None, 2), (ROBOT_VOICE, 4))
    between = np.concatenate([speech((0, 0.01), (1, 0.01), (ROBOT_VOICE, 0.01))] * 10)
    stage.hear(Block(np.concatenate([between, speech((None, 1))]), seconds_to_ns(16), False))
    stage.attribute(said(0, 10))
    stage.offered(offer(11))
    assert who(stage.attribute(said(12, 16, OFFER))) == [ROBOT]
    assert who(stage.attribute(said(16, 16.3, "yes"))) == ["S2"]


@pytest.mark.parametrize("limit", ["speakers", "max_speakers"])
def test_the_robot_takes_nobodys_place_among_so_many_speakers(make, limit: str) -> None:
    pieces = ((0, 4), (None, 1), (ROBOT_VOICE, 4), (None, 1), (1, 4), (None, 1), (0, 4), (None, 1), (1, 4))
    stage = make(*pieces, **{limit: 2})
    stage.offered(offer(4.5))
    told = stage.attribute(said(0, 4)) + stage.attribute(said(5, 9, OFFER))
    for start_s in (10, 15, 20):
        told += stage.attribute(said(start_s, start_s + 4))
    assert who(told) == ["S1", ROBOT, "S2", "S1", "S2"]


def test_who_is_enrolled_by_what_is_said_next_is_not_the_robot(make, tmp_path: Path) -> None:
    pieces = ((0, 10), (None, 2), (ROBOT_VOICE, 6), (None, 1), (1, 6))
    stage = make(*pieces, store=str(tmp_path / "people.json"))
    stage.attribute(said(0, 10))
    stage.offered(offer(11))
    answers: list[tuple[str, str]] = []
    stage.enrolments.from_next("Bob", 0.0, lambda *answer: answers.append(answer))
    stage.enrolments._listening[0].since_ns = seconds_to_ns(10)
    stage.attribute(said(12, 18, OFFER))
    assert answers == []
    stage.attribute(said(19, 25))
    assert answers == [("S2", "")]


def test_what_was_offered_before_time_began_anew_is_not_said_after_it(make, speech) -> None:
    stage = make((0, 10))
    stage.attribute(said(0, 10))
    stage.follow(VoiceActivity(seconds_to_ns(10), False, 0.0, 0, seconds_to_ns(10)))
    stage.offered(replace(offer(3), valid_until_ns=seconds_to_ns(30)))
    stage.hear(Block(speech((None, 4), (1, 6)), 0, True))
    stage.follow(VoiceActivity(seconds_to_ns(0.1), False, 0.0, 0, 0))
    assert who(stage.attribute(said(4, 10, OFFER))) == ["S2"]
