"""The truth about a recording is found beside it, whatever form it has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.references import Reference, Span, TimedWord, Turn, is_reference, reference

RTTM = "SPEAKER talk 1 0.5 1.0 <NA> <NA> ann <NA> <NA>\n"


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return tmp_path / "talk.flac"


def known(recording: Path) -> Reference:
    found = reference(recording)
    assert found is not None
    return found


def test_a_recording_with_nothing_beside_it_has_no_reference(talk: Path) -> None:
    talk.with_name("other.rttm").write_text(RTTM)
    assert reference(talk) is None


@pytest.mark.parametrize("name", ["talk.rttm", "TALK.RTTM", "Talk.Rttm"])
def test_names_may_differ_in_case(talk: Path, name: str) -> None:
    talk.with_name(name).write_text(RTTM)
    assert known(talk).spans == (Span(0.5, 1.5, "ann"),)
    assert known(talk).files == (name,)


def test_of_names_that_differ_in_case_the_same_one_wins(talk: Path) -> None:
    talk.with_name("TALK.txt").write_text("wrong")
    talk.with_name("talk.txt").write_text("right")
    talk.with_name("talk.TXT").write_text("wrong")
    assert known(talk).text in ("right", "wrong")
    talk.with_name("talk.TXT").unlink()
    assert known(talk).text == "right"


def test_a_bag_s_folder_may_have_a_dot_in_its_name(tmp_path: Path) -> None:
    bag = tmp_path / "talk.2026"
    bag.mkdir()
    (tmp_path / "talk.2026.txt").write_text("hello")
    assert known(bag).text == "hello"


def test_each_file_tells_what_it_knows(talk: Path) -> None:
    talk.with_suffix(".rttm").write_text(RTTM)
    talk.with_suffix(".txt").write_text("Hello there.")
    assert known(talk) == Reference(
        ("talk.rttm", "talk.txt"), spans=(Span(0.5, 1.5, "ann"),), text="Hello there."
    )


def test_what_several_know_is_taken_from_the_first(talk: Path) -> None:
    talk.with_suffix(".rttm").write_text(RTTM)
    turn = {"start": 0.0, "end": 9.0, "speaker": "bob", "text": "hi"}
    talk.with_suffix(".json").write_text(json.dumps({"turns": [turn], "silences": [[9, 13]]}))
    found = known(talk)
    assert found.spans == (Span(0.5, 1.5, "ann"),)
    assert found.turns == (Turn(0.0, 9.0, "bob", "hi"),)
    assert found.silences_s == ((9.0, 13.0),)


def test_a_folder_s_references_tell_about_a_recording(talk: Path) -> None:
    entry = {"text": "hello", "language": "en", "words": [["hello", 0.1, 0.5]], "segments": [[0, 1, "ann"]]}
    talk.with_name("references.json").write_text(json.dumps({"talk.flac": entry}))
    assert known(talk) == Reference(
        ("references.json",),
        spans=(Span(0.0, 1.0, "ann"),),
        text="hello",
        words=(TimedWord("hello", 0.1, 0.5),),
        language="en",
    )
    assert reference(talk.with_name("other.flac")) is None


def test_references_json_is_not_of_a_recording_called_references() -> None:
    assert is_reference(Path("talk.TextGrid"))
    assert not is_reference(Path("references.json"))
    assert not is_reference(Path("talk.flac"))


@pytest.mark.parametrize("suffix", [".rttm", ".stm", ".json", ".txt", ".TextGrid"])
def test_bytes_that_are_no_text_are_told_with_their_line(talk: Path, suffix: str) -> None:
    talk.with_suffix(suffix).write_bytes(b";; a comment\n\xe9t\xe9\n")
    with pytest.raises(UserError, match=rf"talk{suffix}', line 2: it is not UTF-8"):
        reference(talk)


def test_a_reference_that_cannot_be_opened_is_told(talk: Path) -> None:
    talk.with_suffix(".txt").mkdir()
    with pytest.raises(UserError, match=r"talk\.txt' cannot be read: Is a directory"):
        reference(talk)


def test_an_empty_text_says_that_nothing_is_said(talk: Path) -> None:
    talk.with_suffix(".txt").touch()
    assert known(talk).text == ""
