"""TextGrids of Praat tell who says what when."""

from __future__ import annotations

from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.references import Span, Turn
from stalk_ros.offline.evaluation.references.textgrid import read

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 5.5
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "Zoë"
        xmin = 0
        xmax = 5.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1.25
            text = ""
        intervals [2]:
            xmin = 1.25
            xmax = 3
            text = "She said ""hi"" ! 12 = times
to me"
        intervals [3]:
            xmin = 3
            xmax = 5.5
            text = " "
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 5.5
        points: size = 1
        points [1]:
            number = 2
            mark = "click"
    item [3]:
        class = "IntervalTier"
        name = "bob"
        xmin = 0
        xmax = 5.5
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 5.5
            text = "a"
"""
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
5.5
<exists>
3
"IntervalTier"
"Zoë"
0
5.5
3
0
1.25
""
1.25
3
"She said ""hi"" ! 12 = times
to me"
3
5.5
" "
"TextTier"
"clicks" 0 5.5 1 ! one point
2
"click"
"IntervalTier" "bob" 0 5.5 1
0 5.5 "a"
"""
TURNS = (Turn(0.0, 5.5, "bob", "a"), Turn(1.25, 3.0, "Zoë", 'She said "hi" ! 12 = times\nto me'))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.TextGrid"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("content", [LONG, SHORT], ids=["long", "short"])
def test_intervals_with_text_are_turns_of_their_tier(path: Path, content: str, encoding: str) -> None:
    path.write_text(content, encoding=encoding)
    found = read(path)
    assert found.turns == TURNS
    assert found.spans == (Span(0.0, 5.5, "bob"), Span(1.25, 3.0, "Zoë"))


def test_without_tiers_nobody_speaks(path: Path) -> None:
    path.write_text('File type = "ooTextFile"\nObject class = "TextGrid"\n0\n1\n<absent>\n')
    assert read(path).spans == ()


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (SHORT.replace('"TextGrid"', '"Pitch 1"'), "line 2: it is no TextGrid"),
        (SHORT.replace("1.25\n3\n", "1.25\nthree\n"), "line 18: a number should stand in place of"),
        (SHORT.replace("1.25\n3\n", "1.25\n1.0\n"), "from 1.25 to 1 s is no stretch of time"),
        (SHORT.replace("1.25\n3\n", "1.25\n1.2.3\n"), "line 17: '1.2.3' is no number"),
        (SHORT[:-10], "it ends too early"),
        ("hello", "line 1: it ends too early"),
    ],
)
def test_a_broken_file_is_told_with_its_line(path: Path, content: str, where: str) -> None:
    path.write_text(content)
    with pytest.raises(UserError, match=rf"talk\.TextGrid', .*{where}"):
        read(path)
