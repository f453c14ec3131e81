from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.configuration import load
from stalk_ros.offline.evaluation.runs import Measured, Run, check_replaceable, read_run
from stalk_ros.offline.evaluation.scores import Ratio, Scores

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = Run.begin(tmp_path, load(assignments=("asr.end_of_turn_s=0.8",)))
    scores = Scores({"WER": Ratio(1.0, 3.0)}, {"final after last word": (0.1, 0.7)})
    run.recordings.append(Measured("a.wav", 12.5, "f00", scores))
    run.memory_mib["peak"] = 123.4
    run.failures["b.wav"] = "broken"
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run.content()))
    assert read_run(path) == run
    assert run.parameters["asr"]["end_of_turn_s"] == 0.8
    assert run.machine["cores"] >= 1
    assert "numpy" in run.versions


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is no run that"),
        ("[]", "is no run that"),
        ("[" * 100_000, "is no run that"),
        ('{"format": "stalk_ros conversation"}', "is no run that"),
        ('{"format": "stalk_ros evaluation", "version": 7}', "of version 7"),
        ('{"format": "stalk_ros evaluation", "version": 1}', "damaged"),
        (
            '{"format": "stalk_ros evaluation", "version": 1, "folder": "", "began": "", "parameters": 1, '
            '"recordings": []}',
            "damaged",
        ),
        (
            '{"format": "stalk_ros evaluation", "version": 1, "folder": "", "began": "", "parameters": {}, '
            '"recordings": [{"name": "a", "duration_s": "long", "fingerprint": "", "ratios": {}, '
            '"times_s": {}}]}',
            "damaged",
        ),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(UserError, match=reason):
        read_run(path)


def test_only_a_file_of_the_same_kind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    check_replaceable(path, "stalk_ros evaluation")
    path.write_text('{"format": "stalk_ros evaluation"}')
    check_replaceable(path, "stalk_ros evaluation")
    for other in ('{"turns": []}', '{"format": "stalk_ros sweep"}', "not JSON"):
        path.write_text(other)
        with pytest.raises(UserError, match="choose another name"):
            check_replaceable(path, "stalk_ros evaluation")
