from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stalk_ros.audio import Block
from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.events import Utterance
from stalk_ros.speakers import ProfileStore, SpeakerParameters, SpeakerStage
from stalk_ros.speakers.requests import Enrolments


class Session:
    """A stage that hears voices one after another."""

    def __init__(self, oracle: Any, speech: Any, path: Path) -> None:
        self.store = ProfileStore(path, oracle.model_id)
        self.stage = SpeakerStage(SpeakerParameters(store=str(path)), oracle)
        self.enrolments = self.stage.enrolments
        self.answers: list[tuple[str, str]] = []
        self._speech = speech
        self._at_s = 0.0

    def hear(self, *pieces: tuple[int | None, float]) -> list[str]:
        """Pieces of voices (None = silence) and their seconds, each an utterance; returns the ids."""
        ids = []
        for voice, seconds in pieces:
            audio = self._speech((voice, seconds))
            start_s, self._at_s = self._at_s, self._at_s + seconds
            self.stage.hear(Block(audio, seconds_to_ns(start_s), start_s == 0))
            if voice is not None:
                end_ns = seconds_to_ns(self._at_s)
                said = Utterance(f"u{start_s:g}", seconds_to_ns(start_s), end_ns, "words")
                ids += [part.speaker_id for part in self.stage.attribute(said)]
        return ids

    def next(self, name: str, seconds: float) -> None:
        self.enrolments.from_next(name, seconds, lambda *answer: self.answers.append(answer))

    def names(self) -> dict[str, str]:
        return {profile.speaker_id: profile.name for profile in self.store.profiles()}


@pytest.fixture
def session(oracle: Any, speech: Any, tmp_path: Path) -> Session:
    return Session(oracle, speech, tmp_path / "voices.sqlite3")


def test_an_utterance_stands_for_its_voice(session) -> None:
    session.hear((0, 4), (1, 4), (0, 1.2), (1, 0.9))
    assert session.enrolments.from_utterance("Ann", "u8") == "S1"
    assert session.store.named("Ann").voice.count > 7, "all that was heard of the voice counts"
    with pytest.raises(UserError, match=r"utterance 'u9\.2' is too short to be sure whose it is"):
        session.enrolments.from_utterance("Bob", "u9.2")
    with pytest.raises(UserError, match="there is no utterance 'u5' whose speaker is known"):
        session.enrolments.from_utterance("Bob", "u5")
    assert session.names() == {"S1": "Ann"}


def test_the_last_seconds(session) -> None:
    with pytest.raises(UserError, match="nobody was heard yet"):
        session.enrolments.from_last("Ann", 0)
    session.hear((0, 4), (1, 4), (0, 0.5), (None, 10))
    assert session.enrolments.from_last("Bob", 0) == "S2", "the latest who said more than a word"
    with pytest.raises(UserError, match=r"nobody was heard in the last 9 s"):
        session.enrolments.from_last("Ann", 9)
    with pytest.raises(UserError, match=r"2 voices were heard \(S1, S2\), but it must be one alone"):
        session.enrolments.from_last("Ann", 16)
    assert session.enrolments.from_last("Bob", 14) == "S2", "half a second is no other voice"
    for seconds in (-1, 61, float("nan"), float("inf")):
        with pytest.raises(UserError, match="must be between 0 and 60"):
            session.enrolments.from_last("Ann", seconds)


def test_the_next_seconds_count_from_the_request_on(session) -> None:
    session.hear((0, 4))
    session.next("Bob", 4)
    session.hear((None, 1), (1, 3.5))
    assert session.answers == []
    session.hear((None, 1), (1, 1))
    assert session.answers == [("S2", "")]
    session.hear((None, 100))
    assert session.answers == [("S2", "")]
    assert session.names() == {"S2": "Bob"}


def test_when_nobody_says_how_many_seconds_enough_are_waited_for(session) -> None:
    session.next("Ann", 0)
    session.hear((0, 4.9))
    assert session.answers == []
    session.hear((0, 1))
    assert session.answers == [("S1", "")]


def test_a_request_may_come_before_the_audio(session) -> None:
    later = Block(session._speech((0, 3)), seconds_to_ns(5_000), restart=True)
    waiting = Enrolments(session.stage.people)
    waiting.from_next("Ann", 4, lambda *answer: session.answers.append(answer))
    waiting.heard(later)
    assert session.answers == []


def test_one_person_who_sounds_like_two_voices_can_be_enrolled(session) -> None:
    """And a voice that has turned out to be another one does not count."""
    session.hear((0, 4), (1, 4))
    voices = session.stage.people._voices
    enrolments = Enrolments(session.stage.people)
    for number, voice in enumerate((0, 1, 1, 7)):
        end_ns = seconds_to_ns(2.0 * number + 2.0)
        enrolments.said(Utterance(f"u{number}", end_ns - 2 * 10**9, end_ns, "words"), voice)
    with pytest.raises(UserError, match=r"2 voices were heard \(S1, S2\), but it must be one alone"):
        enrolments.from_all("Ann")
    session.stage.people.meet({0: voices[0], 1: voices[0]}, session.stage.engine.calibration.cohesion)
    assert enrolments.from_all("Ann") == "S2"


def test_when_two_speak_nobody_is_enrolled(session) -> None:
    session.next("Ann", 5)
    session.hear((0, 3), (1, 3))
    assert session.answers == [("", "2 voices were heard (S1, S2), but it must be one alone")]
    assert session.names() == {}


def test_it_waits_half_a_minute_longer_than_the_speech_is(session) -> None:
    session.next("Ann", 5)
    session.next("Bob", 10)
    session.hear((0, 3), (None, 31.9))
    assert session.answers == []
    session.hear((None, 0.1))
    assert session.answers == [("", "in 35 s 3.0 s of speech were heard, not 5.0 s")]
    session.hear((None, 5))
    assert len(session.answers) == 2


def test_when_the_audio_begins_anew_the_wait_is_over(session) -> None:
    session.next("Ann", 5)
    session.hear((0, 3))
    session.stage.hear(Block(session._speech((0, 1)), 0, restart=True))
    assert session.answers == [("", "the audio began anew")]
    session.next("Ann", 5)
    session.stage.pause()
    assert session.answers[1:] == [("", "nobody listens any more")]


def test_a_wrong_name_is_refused_before_anybody_listens(session) -> None:
    with pytest.raises(UserError, match="a name is needed"):
        session.next(" ", 5)
    with pytest.raises(UserError, match="must be between 0 and 60"):
        session.next("Ann", 100)
    session.hear((0, 10))
    assert session.answers == []


def test_a_failure_to_keep_it_is_told(session, tmp_path: Path) -> None:
    session.next("Ann", 3)
    session.store.path.mkdir()
    session.hear((0, 4))
    ((speaker_id, reason),) = session.answers
    assert speaker_id == ""
    assert reason.startswith("cannot write the enrolled voices in")


def test_who_is_forgotten_is_a_stranger(session) -> None:
    assert session.hear((0, 4), (1, 4)) == ["S1", "S2"]
    session.enrolments.from_utterance("Ann", "u0")
    assert session.stage.people.listed() == [("S1", "Ann"), ("S2", "")]
    session.stage.forget("S1")
    assert session.stage.people.listed() == [("S2", "")]
    with pytest.raises(UserError, match="there is no utterance 'u0'"):
        session.enrolments.from_utterance("Ann", "u0")
    assert session.hear((0, 2.2)) == ["S3"]
    with pytest.raises(UserError, match=r"2\.5 s of one voice are too little"):
        session.enrolments.from_last("Ann", 0)
    assert session.hear((1, 4), (0, 2)) == ["S2", "S3"]
