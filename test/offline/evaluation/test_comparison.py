from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.comparison import comparison

if TYPE_CHECKING:
    from stalk_ros.offline.evaluation.runs import Run

MakeRun = "Callable[..., Run]"
TITLES = ("before", "after")
NAMES = [f"{number}.wav" for number in range(8)]


def rows(first: Run, second: Run) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in comparison(first, second, TITLES)[0].rows}


def test_a_run_does_not_differ_from_itself(made_run: MakeRun) -> None:
    run = made_run(dict(zip(NAMES, range(8), strict=True)))
    table, remarks = comparison(run, run, TITLES)
    assert remarks == []
    value, same, difference, exceeds = rows(run, run)["WER %"]
    assert value == same
    assert (difference, exceeds) == ("0.0 (0.0 to 0.0)", "no")
    assert table.columns == ("measure", "before", "after", "difference", "exceeds the noise")


def test_a_difference_that_all_recordings_have_exceeds_the_noise(made_run: MakeRun) -> None:
    before = made_run({name: 20 + 5 * number for number, name in enumerate(NAMES)})
    after = made_run({name: 10 + 5 * number for number, name in enumerate(NAMES)})
    *_, difference, exceeds = rows(before, after)["WER %"]
    assert difference == "-10.0 (-10.0 to -10.0)"
    assert exceeds == "yes"


def test_a_difference_that_goes_both_ways_does_not(made_run: MakeRun) -> None:
    before = made_run(dict.fromkeys(NAMES, 20))
    after = made_run({name: 20 + (9 if number % 2 else -8) for number, name in enumerate(NAMES)})
    assert rows(before, after)["WER %"][-1] == "no"


def test_few_recordings_and_speed_are_not_judged(made_run: MakeRun) -> None:
    few = made_run(dict.fromkeys(NAMES[:3], 20)), made_run(dict.fromkeys(NAMES[:3], 90))
    assert "fewer than 6 recordings" in rows(*few)["WER %"][-1]
    assert "what else the machine does" in rows(*few)["real-time factor (RTF)"][-1]


def test_only_what_both_have_is_compared_and_the_rest_is_said(made_run: MakeRun) -> None:
    before, after = made_run({"a": 10, "b": 20, "c": 30}), made_run({"b": 20, "c": 99, "d": 40})
    object.__setattr__(after.recordings[1], "fingerprint", "another truth")
    table, remarks = comparison(before, after, TITLES)
    assert "(recordings: 1)" in table.title
    assert remarks == [
        "only in before, not compared: a",
        "only in after, not compared: d",
        "with another reference or length, not compared: c",
    ]
    assert rows(before, after)["WER %"][:2] == ("20.0", "20.0")


def test_other_circumstances_are_said(made_run: MakeRun) -> None:
    before = made_run({"a": 10})
    after = made_run(
        {"a": 10},
        parameters={"asr": {"end_of_turn_s": 0.8}},
        engines={"asr": "faster_whisper"},
        machine={"processor": "slow", "cores": 16},
        versions={"numpy": "9"},
        memory_mib={"peak": 300.0},
    )
    assert comparison(before, after, TITLES)[1] == [
        "parameter asr.end_of_turn_s: 0.6 and 0.8",
        "engine of asr: 'pocketsphinx' and 'faster_whisper'",
        "machine: cores: 2 and 16",
        "version of numpy: None and '9'",
        "memory, at most: 80 and 300 MiB",
    ]


def test_runs_of_other_recordings_cannot_be_compared(made_run: MakeRun) -> None:
    with pytest.raises(UserError, match="no recording can be compared: only in before"):
        comparison(made_run({"a": 1}), made_run({"b": 1}), TITLES)
