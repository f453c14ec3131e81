from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stalk_ros.errors import UserError
from stalk_ros.events import Utterance
from stalk_ros.speakers import ProfileStore
from stalk_ros.speakers.backends.ge2e import GE2E
from stalk_ros.speakers.people import People
from stalk_ros.speakers.resemblance import Speech

CALIBRATION = GE2E.calibration
DIMENSION = 64
SCATTER = 0.5
NEAR = 0.93
"""Resemblance that is enough to be recognised, and not beyond doubt."""


class Voices:
    """Voices that resemble each other as little as they can, or as much as is asked for."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def of(self, number: int, windows: int = 40, like: tuple[int, float] | None = None) -> Speech:
        """Speech of a voice; ``like`` is another one and how much it resembles that."""
        direction = np.eye(DIMENSION)[number]
        if like:
            other, share = like
            direction = share * np.eye(DIMENSION)[other] + np.sqrt(1 - share**2) * direction
        scatter = self._rng.normal(size=(windows, DIMENSION)) / np.sqrt(DIMENSION)
        rows = direction + SCATTER * scatter
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return Speech.of(rows.astype(np.float32), ~np.eye(windows, dtype=bool))


@pytest.fixture
def voices() -> Voices:
    return Voices()


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "voices.sqlite3", "oracle-1")


@pytest.fixture
def session(store: ProfileStore):
    """Begins a session; people who are to be recognised are given as the owner."""

    def begin(owner: str = "") -> People:
        return People(ProfileStore(store.path, "oracle-1"), CALIBRATION, owner)

    return begin


NOTHING = Speech(0.0, np.zeros(DIMENSION), 0.0, 0.0)


def meet(people: People, *spoken: Speech) -> list[tuple[str, str]]:
    """The id and the name of each voice of the session."""
    people.meet(dict(enumerate(spoken)), CALIBRATION.cohesion)
    return [
        (people.speaker_id(voice), people.named(said(), voice, NOTHING)[0]) for voice in range(len(spoken))
    ]


def said(end_s: float = 100.0, confidence: float = 1.0, overlapped: bool = False) -> Utterance:
    end_ns = round(end_s * 1e9)
    return Utterance(
        "u", end_ns - 10**9, end_ns, "words", speaker_confidence=confidence, overlapped=overlapped
    )


def test_unknown_voices_get_the_lowest_ids_that_no_profile_has(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    store.enrol("Bob", voices.of(2), 3, 0)
    people = session()
    assert meet(people, voices.of(5), voices.of(1), voices.of(6)) == [("S2", ""), ("S1", "Ann"), ("S4", "")]
    assert people.listed() == [("S1", "Ann"), ("S3", "Bob"), ("S2", ""), ("S4", "")]


def test_somebody_is_recognised_when_enough_was_heard(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    assert meet(people, voices.of(1, windows=1)) == [("S2", "")]
    assert meet(people, voices.of(1, windows=4)) == [("S1", "Ann")]
    assert meet(people, voices.of(1), voices.of(4)) == [("S1", "Ann"), ("S3", "")], "an id is used once"


def test_a_voice_that_is_not_near_enough_is_unknown(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    assert meet(session(), voices.of(2, like=(1, 0.85))) == [("S2", "")]
    assert meet(session(), voices.of(2, like=(1, NEAR))) == [("S1", "Ann")]


def test_between_two_who_sound_alike_a_voice_is_unknown(session, store, voices) -> None:
    for number, name in ((1, "Ann"), (2, "Bea")):
        store.enrol(name, voices.of(number, like=(3, 0.97)), number, 0)
    assert meet(session(), voices.of(3)) == [("S3", "")]
    assert meet(session(), voices.of(1, like=(3, 0.97))) == [("S1", "Ann")]


def test_who_was_recognised_too_soon_is_unknown_again(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    assert meet(people, voices.of(2, like=(1, NEAR))) == [("S1", "Ann")]
    assert meet(people, voices.of(2, 1000, like=(1, 0.89))) == [("S1", "Ann")], "no name comes and goes"
    assert meet(people, voices.of(2, like=(1, 0.8))) == [("S2", "")]


def test_two_voices_that_turn_out_to_be_one_person_are_that_person(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    assert meet(people, voices.of(1), voices.of(4), voices.of(1)) == [
        ("S1", "Ann"),
        ("S2", ""),
        ("S1", "Ann"),
    ]
    assert people.same(2) == people.same(0) == 0
    assert people.same(1) == 1


def test_where_one_is_somebody_beyond_doubt_a_similar_one_is_not(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    similar = voices.of(2, like=(1, NEAR))
    people = session()
    assert meet(people, similar) == [("S1", "Ann")]
    assert meet(people, similar, voices.of(1)) == [("S2", ""), ("S1", "Ann")]
    assert meet(session(), voices.of(1), similar) == [("S1", "Ann"), ("S2", "")]


def test_who_is_enrolled_keeps_the_id_in_this_session_and_in_the_next(session, store, voices) -> None:
    people = session()
    assert meet(people, voices.of(4), voices.of(1)) == [("S1", ""), ("S2", "")]
    assert people.enrol(1, "Ann", 5) == "S2"
    assert meet(people, voices.of(4), voices.of(1)) == [("S1", ""), ("S2", "Ann")]
    assert meet(session(), voices.of(1), voices.of(4)) == [("S2", "Ann"), ("S1", "")]


def test_an_id_that_another_process_has_taken_is_kept_until_the_session_ends(session, store, voices) -> None:
    people = session()
    meet(people, voices.of(1))
    store.enrol("Zoe", voices.of(7), 1, 0)
    assert people.enrol(0, "Ann", 5) == "S1"
    assert store.named("Ann").speaker_id == "S2"
    assert meet(people, voices.of(1), voices.of(7), voices.of(8)) == [
        ("S1", "Ann"),
        ("S3", "Zoe"),
        ("S4", ""),
    ]
    assert meet(session(), voices.of(1), voices.of(7)) == [("S2", "Ann"), ("S1", "Zoe")]


def test_a_name_that_is_known_gets_more_of_the_same_voice(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    meet(people, voices.of(2, like=(1, 0.85)))
    assert people.enrol(0, "ann", 5) == "S1"
    assert store.named("Ann").voice.count == 80
    meet(people, voices.of(5))
    with pytest.raises(UserError, match="this voice does not resemble that of 'Ann'"):
        people.enrol(0, "Ann", 5)


def test_nobody_is_enrolled_under_two_names(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    meet(people, voices.of(1), voices.of(2, like=(1, NEAR)))
    with pytest.raises(UserError, match=r"this voice is enrolled as 'Ann' \(S1\): rename or forget it first"):
        people.enrol(0, "Anna", 5)
    assert people.enrol(1, "Bea", 5) == "S2", "one who only sounds alike can be"
    assert meet(people, voices.of(1), voices.of(2, like=(1, NEAR))) == [("S1", "Ann"), ("S2", "Bea")]


def test_a_voice_of_little_speech_is_not_enrolled(session, store, voices) -> None:
    people = session()
    meet(people, voices.of(1, windows=4))
    with pytest.raises(UserError, match=r"2\.5 s of one voice are too little to know it by: 3 s are needed"):
        people.enrol(0, "Ann", 5)
    assert not store.path.exists()
    meet(people, voices.of(1, windows=5))
    people.enrol(0, "Ann", 5)
    with pytest.raises(UserError, match="has turned out to be another one"):
        people.enrol(3, "Bob", 5)


def test_a_forgotten_voice_is_a_new_one(session, store, voices) -> None:
    people = session()
    meet(people, voices.of(1), voices.of(2))
    people.enrol(0, "Ann", 5)
    people.learn(said(), 0, voices.of(1))
    assert people.forget("S1") == [0]
    people.save()
    assert store.profiles() == []
    people.meet({1: voices.of(2), 2: voices.of(1)}, CALIBRATION.cohesion)
    assert (people.speaker_id(1), people.speaker_id(2)) == ("S2", "S3")
    assert people.forget("S2") == [1]
    for gone in ("S1", "S2", "Ann"):
        with pytest.raises(UserError, match=f"there is no voice '{gone}'; there are: S3"):
            people.forget(gone)


def test_who_is_enrolled_and_was_not_heard_can_be_renamed_and_forgotten(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 4, 0)
    people = session()
    people.rename("S4", "Anna")
    assert people.listed() == [("S4", "Anna")]
    assert people.forget("S4") == []
    assert people.listed() == []


def test_what_another_process_does_shows_at_once(session, store, voices) -> None:
    people = session()
    assert meet(people, voices.of(1), voices.of(2)) == [("S1", ""), ("S2", "")]
    ann = store.enrol("Ann", voices.of(1), 7, 0)
    assert meet(people, voices.of(1), voices.of(2)) == [("S7", "Ann"), ("S2", "")]
    store.rename(ann.key, "Eve")
    assert meet(people, voices.of(1), voices.of(2)) == [("S7", "Eve"), ("S2", "")]
    store.forget(ann.key)
    assert meet(people, voices.of(1), voices.of(2)) == [("S1", ""), ("S2", "")]


def test_only_the_owner_is_told_from_others(session, store, voices) -> None:
    for number, name in ((1, "Ann"), (2, "Bob")):
        store.enrol(name, voices.of(number), number, 0)
    people = session(owner="ann")
    assert people.warning == ""
    spoken = voices.of(1), voices.of(2), voices.of(3)
    assert meet(people, *spoken) == [("S1", "Ann"), ("S3", ""), ("S4", "")]
    people.owner = ""
    assert meet(people, *spoken) == [("S1", "Ann"), ("S2", "Bob"), ("S4", "")]
    people.owner = "Bob"
    assert meet(people, *spoken) == [("S5", ""), ("S2", "Bob"), ("S4", "")]
    people.owner = "Eve"
    assert people.warning == "parameter 'owner': nobody is called 'Eve'; enrolled are: 'Ann', 'Bob'"


def test_a_name_is_as_sure_as_the_voice_and_the_utterance_resemble_the_person(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    meet(people, voices.of(1))
    alone = people.named(said(confidence=0.9), 0, voices.of(1, windows=2))[1]
    own = people.named(said(confidence=0.9), 0, voices.of(1))[1]
    strange = people.named(said(confidence=0.9), 0, voices.of(2, like=(1, 0.6)))[1]
    assert alone == pytest.approx(0.9, abs=0.02)
    assert own == pytest.approx(0.9, abs=0.02)
    assert strange < 0.01
    meet(people, voices.of(2, like=(1, 0.9)))
    assert people.named(said(), 0, NOTHING)[1] == pytest.approx(0.6, abs=0.15)


def test_a_profile_follows_what_is_surely_of_the_person(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    meet(people, voices.of(1))
    before = store.path.read_bytes()
    people.learn(said(end_s=100), 0, voices.of(1, windows=4))
    people.learn(said(end_s=110), 0, voices.of(1, windows=6))
    people.save()
    assert store.path.read_bytes() != before
    ann = store.named("Ann")
    assert (ann.voice.count, ann.updated_ns, ann.enrolled_ns) == (50, 110 * 10**9, 0)


def test_nothing_is_learnt_twice(session, store, voices) -> None:
    people = session()
    meet(people, voices.of(1))
    people.enrol(0, "Ann", 5)
    people.learn(said(), 0, voices.of(1, windows=4))
    people.save()
    people.save()
    assert store.named("Ann").voice.count == 44
    people.learn(said(), 0, voices.of(1, windows=4))
    meet(people, voices.of(1, windows=8))
    people.enrol(0, "Ann", 6)
    people.save()
    assert store.named("Ann").voice.count == 52, "it was part of what the voice said"


@pytest.mark.parametrize(
    ("utterance", "windows", "like"),
    [
        (said(confidence=0.79), 10, 0.99),
        (said(overlapped=True), 10, 0.99),
        (said(), 2, 0.99),
        (said(), 10, 0.92),
    ],
)
def test_a_doubtful_utterance_teaches_nothing(session, store, voices, utterance, windows, like) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    meet(people, voices.of(1))
    people.learn(utterance, 0, voices.of(2, windows, like=(1, like)))
    people.save()
    assert store.named("Ann").voice.count == 40


def test_a_doubtful_voice_teaches_nothing_by_what_sounds_right(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    assert meet(people, voices.of(2, like=(1, NEAR))) == [("S1", "Ann")]
    people.learn(said(), 0, voices.of(1))
    people.save()
    assert store.named("Ann").voice.count == 40


def test_a_voice_may_change_over_the_years(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    for year in range(30):
        share = np.cos(0.05 * year)
        people = session()
        now = voices.of(2, windows=500, like=(1, float(share)))
        assert meet(people, now) == [("S1", "Ann")], year
        people.learn(said(), 0, now)
        people.save()
    assert store.named("Ann").voice.count == pytest.approx(1000)
    assert share < 0.2


def test_what_was_learnt_is_written_at_most_once_a_minute(session, store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    meet(people, voices.of(1))
    written = []
    for end_s in range(100, 300, 10):
        people.learn(said(end_s=end_s), 0, voices.of(1, windows=4))
        people.keep()
        if store.changed():
            store.profiles()
            written.append(end_s)
    assert written == [100, 160, 220, 280]


def test_nothing_is_written_of_who_is_not_enrolled(session, store, voices) -> None:
    people = session()
    meet(people, voices.of(1), voices.of(2))
    people.learn(said(), 0, voices.of(1))
    people.save()
    assert not store.path.exists()


def test_a_store_that_cannot_be_used_is_a_problem_and_no_end(store, session, voices, monkeypatch) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = session()
    meet(people, voices.of(1))
    whole = store.path.read_bytes()
    store.path.write_bytes(b"ruin" * 1000)
    assert meet(people, voices.of(1)) == [("S1", "Ann")], "who is known stays known"
    assert people.warning.startswith("cannot read the enrolled voices in")
    people.learn(said(), 0, voices.of(1))
    people.save()
    assert people.warning.startswith("cannot write the enrolled voices in")
    store.path.write_bytes(whole)
    people.save()
    assert people.warning == ""
    assert store.named("Ann").voice.count == 80, "what could not be written is not lost"


def test_a_store_of_another_model_recognises_nobody(store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    people = People(ProfileStore(store.path, "other-2"), CALIBRATION)
    assert meet(people, voices.of(1)) == [("S1", "")]
    assert "are of model 'oracle-1' and mean nothing to 'other-2'" in people.warning
    with pytest.raises(UserError, match="are of model 'oracle-1'"):
        people.enrol(0, "Bob", 5)


def test_the_calibration_of_a_model_decides(store, voices) -> None:
    store.enrol("Ann", voices.of(1), 1, 0)
    strict = replace(CALIBRATION, same_person=0.96)
    people = People(ProfileStore(store.path, "oracle-1"), strict)
    assert meet(people, voices.of(2, like=(1, NEAR))) == [("S2", "")]


def test_whoever_changes_the_model_is_told_that_others_are_enrolled_for_the_old_one(voices, tmp_path) -> None:
    old, new = (ProfileStore(tmp_path / f"voices-{name}.sqlite3", name) for name in ("old-1", "new-2"))
    old.enrol("Ann", voices.of(1), 1, 0)
    people = People(new, CALIBRATION)
    assert people.warning == (
        f"nobody is enrolled for the model in use, but '{old.path}' holds voices of another one: enrol "
        "everybody again, or choose that model"
    )
    meet(people, voices.of(1))
    people.enrol(0, "Ann", 5)
    assert people.warning == ""
