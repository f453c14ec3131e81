"""JSON documents tell the truth in the forms of people, corpora and ``stalk run``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.references import Span, TimedWord, Turn
from stalk_ros.offline.evaluation.references.documents import read, read_shared


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.json"


def test_turns_may_lack_their_text(path: Path) -> None:
    turns = [
        {"start": 3, "end": 5, "speaker": "bob", "text": "hi there"},
        {"start": 0.5, "end": 2, "speaker": "ann", "text": None},
    ]
    path.write_text(json.dumps({"turns": turns, "silences": [[5, 9.5]], "duration": 9.5}))
    found = read(path)
    assert found.turns == (Turn(0.5, 2.0, "ann", None), Turn(3.0, 5.0, "bob", "hi there"))
    assert found.spans == (Span(0.5, 2.0, "ann"), Span(3.0, 5.0, "bob"))
    assert found.silences_s == ((5.0, 9.5),)
    assert found.words is None


def test_punctuation_is_no_word(path: Path) -> None:
    words = [
        {"speaker": "ann", "start": 0.5, "end": 0.9, "text": "'Kay", "punc": False},
        {"speaker": "ann", "start": 0.9, "end": 0.9, "text": ".", "punc": True},
    ]
    path.write_text(json.dumps({"utterances": [], "words": words}))
    assert read(path).words == (TimedWord("'Kay", 0.5, 0.9, "ann"),)


def test_a_document_of_a_run_is_a_reference(path: Path) -> None:
    said = {
        "id": "u500",
        "start": 0.5,
        "end": 2.0,
        "speaker": "S1",
        "text": "hi there",
        "words": [["hi", 0.6, 0.8, 0.9], ["there", 1.0, 1.9, 0.7]],
        "language": "en",
    }
    path.write_text(json.dumps({"format": "stalk_ros conversation", "version": 1, "utterances": [said]}))
    found = read(path)
    assert found.turns == (Turn(0.5, 2.0, "S1", "hi there"),)
    assert found.words == (TimedWord("hi", 0.6, 0.8, "S1"), TimedWord("there", 1.0, 1.9, "S1"))
    assert found.language == "en"


def test_words_of_some_turns_only_do_not_count(path: Path) -> None:
    turn = {"start": 0, "end": 1, "speaker": "ann", "text": "hi"}
    path.write_text(json.dumps({"turns": [turn, {**turn, "words": [["hi", 0, 1]]}]}))
    assert read(path).words is None


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('{"turns": [\n{"start": 1,,\n', r", line 2: it is no JSON"),
        ("[1, 2]", " holds no JSON object"),
        ('{"title": "talk"}', " has no 'turns', no 'utterances' and no 'words'"),
        ('{"turns": {"start": 1}}', ", turns: it is no list"),
        ('{"turns": [{"start": 1, "speaker": "ann"}]}', r", turns\[0\]: 'end' is missing"),
        ('{"turns": [{"start": 1, "end": "x", "speaker": "ann"}]}', r", turns\[0\]: 1 and 'x' are"),
        ('{"turns": ["hello"]}', r", turns\[0\]: "),
        ('{"turns": [], "silences": [[1, 2], [3]]}', r", silences\[1\]: "),
        ('{"utterances": [{"start": 0, "end": 1, "speaker": "S1", "text": "a", "words": [["a"]]}]}',
         r", utterances\[0\].words\[0\]: "),
        pytest.param("[" * 100_000, ", line 1: it is nested too deeply", id="nested"),
    ],
)  # fmt: skip
def test_a_broken_document_is_told_with_its_place(path: Path, content: str, where: str) -> None:
    path.write_text(content)
    with pytest.raises(UserError, match=rf"talk\.json'{where}"):
        read(path)


@pytest.mark.parametrize("entry", [["hello"], {"segments": [[0, 1]]}])
def test_a_broken_entry_is_told(path: Path, entry: Any) -> None:
    path.write_text(json.dumps({"talk.flac": entry}))
    with pytest.raises(UserError, match=r"talk\.json', "):
        read_shared(path, "talk.flac")
