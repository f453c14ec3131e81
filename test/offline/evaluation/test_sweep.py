from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.sweep import Sweep, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.evaluation.runs import Run


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("asr.end_of_turn_s=0.4,0.6", [0.4, 0.6]),
        ("asr.end_of_turn_s=0.3:0.9:0.2", [0.3, 0.5, 0.7, 0.9]),
        ("asr.end_of_turn_s=0.9:0.3:-.3", [0.9, 0.6, 0.3]),
        ("asr.partials=false,true", [False, True]),
        ("diarization.speakers=2:4:1", [2, 3, 4]),
        ("asr.language=en,de", ["en", "de"]),
    ],
)
def test_values_are_listed_or_a_range(text: str, values: list[object]) -> None:
    swept = Sweep.read(text, None, ("asr.beam_size=3",))
    assert list(swept.configurations) == values
    node, _, name = swept.parameter.partition(".")
    for value, configuration in swept.configurations.items():
        assert getattr(getattr(configuration, node), name) == value
        assert configuration.asr.beam_size == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("asr.end_of_turn_s=0.4", "names one value"),
        ("asr.end_of_turn_s=0.4,0.4", "names one value"),
        ("asr.end_of_turn_s=0.4,soon", "must be a number"),
        ("asr.end_of_turn_s=0.4,", "must be a number"),
        ("asr.end_of_turn_s=1:2:0", "has no values"),
        ("asr.end_of_turn_s=1:2:-1", "has no values"),
        ("asr.end_of_turn_s=1:2:0.000001", "more than 100"),
        ("asr.end_of_days=1,2", "has no parameter 'end_of_days'"),
        ("asr=1,2", "is no NODE.PARAMETER=VALUE"),
        ("mouth.x=1,2", "is no NODE.PARAMETER=VALUE"),
        ("", "is no NODE.PARAMETER=VALUE"),
        ("asr.end_of_turn_s", "names no values: asr.end_of_turn_s=V1,V2"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        Sweep.read(text, None, ())


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, made_run, talk, tmp_path: Path) -> Path:
    """A folder in which the longer the end of a turn, the better; the third value is interrupted."""
    talk(tmp_path / "talks" / "a.wav")

    def fill(run: Run, _corpus, configuration, _advance) -> None:
        seconds = configuration.asr.end_of_turn_s
        if seconds > 0.8:
            raise KeyboardInterrupt
        run.recordings += made_run(dict.fromkeys("abc", 100 - 100 * seconds)).recordings

    monkeypatch.setattr("stalk_ros.offline.evaluation.sweep.fill", fill)
    return tmp_path / "talks"


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_the_curve_is_printed_drawn_and_saved(measured: Path, tmp_path: Path, capsys, suffix: str) -> None:
    swept = Sweep.read("asr.end_of_turn_s=0.4,0.6,0.8", None, ())
    plots = [tmp_path / f"{number}.{suffix}" for number in range(2)]
    save = tmp_path / "sweep.json"
    for plot in plots:
        sweep(measured, swept, ["wer"], plot, save)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "| 0.4 | 60.0 (60.0 to 60.0) |",
        "| 0.6 (default) | 40.0 (40.0 to 40.0) |",
        "| 0.8 | 20.0 (20.0 to 20.0) |",
    ]
    assert plots[0].read_bytes() == plots[1].read_bytes() != b""
    content = json.loads(save.read_text())
    assert content["parameter"] == "asr.end_of_turn_s"
    assert [run["value"] for run in content["runs"]] == [0.4, 0.6, 0.8]


def test_an_interrupted_sweep_keeps_the_values_that_are_done(measured: Path, tmp_path: Path, capsys) -> None:
    swept = Sweep.read("asr.end_of_turn_s=0.4,0.6,0.9", None, ())
    with pytest.raises(KeyboardInterrupt, match="2 of 3 values were measured"):
        sweep(measured, swept, [], tmp_path / "curve.svg", tmp_path / "sweep.json")
    assert "| 0.6 (default) |" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "sweep.json").read_text())["runs"]) == 2
    assert (tmp_path / "curve.svg").read_text().endswith("</svg>\n")


def test_words_are_drawn_as_well_as_numbers(measured: Path, tmp_path: Path) -> None:
    swept = Sweep.read("asr.language=en,de", None, ())
    sweep(measured, swept, [], tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").exists()


def test_a_wrong_output_or_measure_is_told_before_anything_runs(tmp_path: Path, talk) -> None:
    swept = Sweep.read("asr.end_of_turn_s=0.4,0.6", None, ())
    truth = talk(tmp_path / "a.wav").with_suffix(".json")
    with pytest.raises(UserError, match=r"--plot draws .svg, .png, .pdf"):
        sweep(tmp_path, swept, [], tmp_path / "curve.gif")
    with pytest.raises(UserError, match="choose another name"):
        sweep(tmp_path, swept, [], None, truth)
    with pytest.raises(UserError, match="no measure 'speed'; there are: WER"):
        sweep(tmp_path, swept, ["speed"])
