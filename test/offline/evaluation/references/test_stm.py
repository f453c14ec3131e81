"""STM tells who says what when, and what is not scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.references import Span, Turn
from stalk_ros.offline.evaluation.references.stm import read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.stm"


def test_turns_are_read(path: Path) -> None:
    path.write_text(
        ';; LABEL "o" "Overall" "all"\n'
        "talk 1 inter_segment_gap 0.0 0.5 <o,,unknown>\n"
        "talk 1 ann 0.5 2.0 <o,f0,female> good { morning / evening } { um / @ } all\n"
        "other 1 bob 0.0 9.0 <o,f0,male> not this\n"
        "talk 1 excluded_region 2.0 3.5 <o,,unknown> IGNORE_TIME_SEGMENT_IN_SCORING\n"
        "talk 1 bob 4.0 5.0 { @ / hi } there\n"
    )
    found = read(path, "talk")
    assert found.turns == (Turn(0.5, 2.0, "ann", "good morning um all"), Turn(4.0, 5.0, "bob", "there"))
    assert found.spans == (Span(0.5, 2.0, "ann"), Span(4.0, 5.0, "bob"))
    assert found.unscored_s == ((2.0, 3.5),)


def test_a_turn_without_words_is_known_to_have_none(path: Path) -> None:
    path.write_text("talk 1 ann 0.5 2.0 <o,f0,female>\n")
    assert read(path, "talk").turns == (Turn(0.5, 2.0, "ann", ""),)


@pytest.mark.parametrize(
    ("row", "why"),
    [("talk 1 ann 0.5", "are needed"), ("talk 1 ann 2.0 0.5 hi", "from 2 to 0.5 s is no stretch of time")],
)
def test_a_broken_row_is_told_with_its_line(path: Path, row: str, why: str) -> None:
    path.write_text(f"\n{row}\n")
    with pytest.raises(UserError, match=rf"talk\.stm', line 2: .*{why}"):
        read(path, "talk")
