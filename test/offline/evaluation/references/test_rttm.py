"""RTTM tells who speaks when."""

from __future__ import annotations

from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.references import Span
from stalk_ros.offline.evaluation.references.rttm import read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.rttm"


def test_speakers_are_read_by_their_start(path: Path) -> None:
    path.write_text(
        ";; by hand\n"
        "SPKR-INFO talk 1 <NA> <NA> <NA> adult ann <NA> <NA>\n"
        "SPEAKER talk 1 3.25 1.5 <NA> <NA> bob <NA> <NA>\n\n"
        "SPEAKER talk 1 0.50 4.0 <NA> <NA> ann <NA>\n"
        "NOSCORE talk 1 8.00 2.0 <NA> <NA> <NA> <NA>\n"
    )
    found = read(path, "talk")
    assert found.spans == (Span(0.5, 4.5, "ann"), Span(3.25, 4.75, "bob"))
    assert found.unscored_s == ((8.0, 10.0),)


def test_an_empty_file_says_that_nobody_speaks(path: Path) -> None:
    path.touch()
    assert read(path, "talk").spans == ()


def test_rows_of_other_recordings_do_not_count(path: Path) -> None:
    row = "SPEAKER {} 1 {} 1.0 <NA> <NA> ann <NA> <NA>\n"
    path.write_text(row.format("other", 0) + row.format("Talk", 5))
    assert read(path, "talk").spans == (Span(5.0, 6.0, "ann"),)
    with pytest.raises(UserError, match="is of several recordings, and none of them is 'third'"):
        read(path, "third")


def test_rows_of_one_recording_may_call_it_otherwise(path: Path) -> None:
    path.write_text("SPEAKER meeting 1 0 1.0 <NA> <NA> ann <NA> <NA>\n")
    assert read(path, "talk").spans == (Span(0.0, 1.0, "ann"),)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("SPEAKER talk 1 0.5", "are needed"),
        ("SPEAKER talk 1 soon 1.0 <NA> <NA> ann", "'soon'"),
        ("SPEAKER talk 1 1.0 -0.5 <NA> <NA> ann", "from 1 to 0.5 s is no stretch of time"),
        ("SPEAKER talk 1 nan 1.0 <NA> <NA> ann", "from nan to nan s is no stretch of time"),
        ("hello there", "'hello' is no type of a line of RTTM"),
    ],
)
def test_a_broken_row_is_told_with_its_line(path: Path, row: str, why: str) -> None:
    path.write_text(f";; by hand\n{row}\n")
    with pytest.raises(UserError, match=rf"talk\.rttm', line 2: .*{why}"):
        read(path, "talk")
