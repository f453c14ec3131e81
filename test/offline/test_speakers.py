"""``stalk speakers`` as a user types it."""

from __future__ import annotations

import json
import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stalk_ros import cli


@pytest.fixture(scope="session")
def voices(sample_audio: np.ndarray, sample_truth: dict[str, Any], tmp_path_factory: Any) -> dict[str, Path]:
    """A recording of each person in the sample, and one of two."""
    folder = tmp_path_factory.mktemp("recordings")
    said: dict[str, list[np.ndarray]] = {}
    for turn in sample_truth["turns"]:
        span = slice(round((turn["start"] - 0.2) * 16_000), round((turn["end"] + 0.2) * 16_000))
        said.setdefault(turn["speaker"], []).append(sample_audio[span])
    said["two"] = [*said["alice"][:3], *said["bruno"][:3]]
    said["short"] = said["alice"][:1]
    said["nobody"] = [np.zeros(16_000 * 5, np.float32)]
    for name, pieces in said.items():
        soundfile.write(folder / f"{name}.flac", np.concatenate(pieces), 16_000)
    return {name: folder / f"{name}.flac" for name in said}


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder in which voices are kept."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "stalk_ros"


@pytest.fixture
def speakers(stalk, data: Path):
    """Runs the command; returns its exit code, what it printed and its complaints."""
    return partial(stalk, "speakers")


@pytest.fixture
def mistake(mistake, data: Path):
    """Runs the command wrongly; returns the one line that says why."""
    return partial(mistake, "speakers")


def test_people_are_enrolled_listed_renamed_and_forgotten(speakers, voices, data: Path) -> None:
    code, out, err = speakers("list")
    assert (code, out) == (0, "")
    assert err == f"nobody is enrolled in '{data}/voices-ge2e-39373b86598f.sqlite3'\n"
    assert not data.exists()
    assert speakers("enroll", "Alice", voices["alice"]) == (0, "'Alice' is enrolled as S1\n", "")
    assert speakers("enroll", "Carl", voices["carl"]) == (0, "'Carl' is enrolled as S2\n", "")
    assert speakers("rename", "carl", "Karl") == (0, "", "")
    rows = [line.split("\t") for line in speakers("list")[1].splitlines()]
    assert [row[:2] for row in rows] == [["S1", "Alice"], ["S2", "Karl"]]
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", date) for row in rows for date in row[2:])
    assert speakers("forget", "S1") == (0, "", "")
    assert [line.split("\t")[1] for line in speakers("list")[1].splitlines()] == ["Karl"]


def test_more_of_a_voice_makes_it_better_known(speakers, voices, data: Path) -> None:
    sizes = []
    for _ in range(2):
        speakers("enroll", "Alice", voices["alice"])
        speakers("export", data / "out.json")
        sizes.append(json.loads((data / "out.json").read_text())["speakers"][0]["count"])
    assert sizes[1] == pytest.approx(2 * sizes[0])


def test_who_is_enrolled_is_recognised_in_a_recording_which_changes_nothing(
    speakers, voices, data: Path, capsys
) -> None:
    speakers("enroll", "Alice", voices["alice"])
    (store,) = data.iterdir()
    before = store.read_bytes()
    assert cli.main(["run", str(voices["two"])]) == 0
    said = [line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("00:")]
    assert {*said} == {"Alice:", "S2:"}
    assert store.read_bytes() == before


@pytest.mark.parametrize(
    ("setting", "warning"),
    [
        ("owner=Zoe", "parameter 'owner': nobody is called 'Zoe'; nobody is enrolled"),
        ("store={}", "cannot read the enrolled voices in '{}': "),
    ],
)
def test_what_keeps_people_from_being_recognised_is_told(
    voices, data: Path, capsys, setting: str, warning: str
) -> None:
    recording = voices["nobody"]
    assert cli.main(["run", str(recording), "--set", f"diarization.{setting.format(recording)}"]) == 0
    told = capsys.readouterr().err
    assert told.startswith(f"stalk: {warning.format(recording)}")
    assert told.count("\n") == 1


def test_an_export_is_imported_elsewhere(speakers, mistake, voices, tmp_path: Path) -> None:
    speakers("enroll", "Alice", voices["alice"])
    speakers("enroll", "Carl", voices["carl"])
    file, other = tmp_path / "people.json", tmp_path / "other" / "voices"
    assert speakers("export", file) == (0, f"2 people written to '{file}'\n", "")
    assert speakers("import", file, "--store", other) == (0, f"2 people added to '{other}'\n", "")
    assert speakers("list", "--store", other)[1] == speakers("list")[1]
    assert mistake("import", file) == "'Alice' is enrolled already: forget or rename one of the two first"
    assert mistake("export", other, "--store", other) == "the export must be another file than the store"
    speakers("forget", "Alice")
    speakers("forget", "Carl")
    assert speakers("import", file)[0] == 0


def test_voices_of_another_model_are_not_mixed_up(
    speakers, mistake, voices, data: Path, tmp_path: Path
) -> None:
    speakers("enroll", "Alice", voices["alice"])
    (store,) = data.iterdir()
    file, other = tmp_path / "people.json", data / "voices-tuned-1.sqlite3"
    speakers("export", file)
    file.write_text(file.read_text().replace("ge2e-39373b86598f", "tuned-1"))
    assert mistake("import", file) == (
        f"the voices in '{file}' are of model 'tuned-1' and mean nothing to 'ge2e-39373b86598f', "
        f"whose voices are in '{store}'"
    )
    speakers("import", file, "--store", other)
    assert mistake("enroll", "Bob", voices["bruno"], "--store", other).startswith(
        f"'{voices['bruno']}': the voices in '{other}' are of model 'tuned-1' and mean nothing to 'ge2e-"
    )
    speakers("forget", "Alice")
    store.unlink()
    assert speakers("list") == (
        0,
        "",
        f"nobody is enrolled in '{store}'\nanother model has voices in '{other}'\n",
    )


def test_without_its_engine_a_named_store_can_be_managed(speakers, mistake, voices, uninstall, data) -> None:
    speakers("enroll", "Alice", voices["alice"])
    (store,) = data.iterdir()
    uninstall("resemblyzer")
    assert "its weights are not installed" in mistake("list")
    assert speakers("rename", "Alice", "Eve", "--store", store) == (0, "", "")
    assert speakers("list", "--store", store)[1].startswith("S1\tEve\t")
    assert speakers("forget", "Eve", "--store", store) == (0, "", "")


@pytest.mark.parametrize(
    ("recording", "reason"),
    [
        ("two", "2 voices were heard (S1, S2), but it must be one alone"),
        ("short", "2.5 s of one voice are too little to know it by: 3 s are needed"),
        ("nobody", "nobody was heard"),
    ],
)
def test_a_recording_that_tells_nobody_enough(mistake, voices, data, recording: str, reason: str) -> None:
    assert mistake("enroll", "Ann", voices[recording]) == f"'{voices[recording]}': {reason}"
    assert not data.exists()


def test_a_voice_that_is_enrolled_gets_no_second_name(speakers, mistake, voices) -> None:
    speakers("enroll", "Alice", voices["alice"])
    assert mistake("enroll", "Eve", voices["alice"]).endswith(
        "this voice is enrolled as 'Alice' (S1): rename or forget it first"
    )
    assert mistake("enroll", "Alice", voices["carl"]).endswith(
        "this voice does not resemble that of 'Alice', who is enrolled: take another name, or forget the "
        "other voice first"
    )


def test_mistakes_have_one_line(mistake, voices, tmp_path: Path) -> None:
    assert mistake("forget", "Zoe") == "nobody is called 'Zoe'; nobody is enrolled"
    assert mistake("export", tmp_path / "x.json").startswith("nobody is enrolled in '")
    assert mistake("import", tmp_path / "x.json").startswith(f"cannot read '{tmp_path}/x.json': ")
    assert mistake("enroll", "Ann", tmp_path / "none.wav") == f"there is no file '{tmp_path}/none.wav'"
    assert mistake("enroll", " ", voices["alice"]) == "a name is needed"
    assert mistake("enroll", "S3", tmp_path / "none.wav").startswith("'S3' cannot be a name")
    assert mistake("forget", "\x1b[31mZoe\n") == "nobody is called '\\x1b[31mZoe\\n'; nobody is enrolled"
    assert mistake("list", "--backend", "x").startswith("diarization: unknown backend 'x'")
    assert mistake("list", "--store", voices["alice"]).startswith("cannot read the enrolled voices in '")
    assert mistake("enroll", "Ann", voices["alice"], "--store", tmp_path).startswith(
        f"'{voices['alice']}': cannot write the enrolled voices in '{tmp_path}': "
    )


def test_the_list_is_a_table_on_a_terminal(speakers, on_terminal, voices, data: Path) -> None:
    speakers("enroll", "Alice", voices["alice"])
    shown = on_terminal("speakers", "list", environment=os.environ)
    head, row = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert head.split() == ["id", "name", "enrolled", "last", "heard"]
    assert row.split()[:2] == ["S1", "Alice"]


@pytest.mark.parametrize("arguments", [[], ["enroll", "Ann"], ["forget"], ["rename", "Ann"], ["learn"]])
def test_a_wrong_command_line(arguments: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["speakers", *arguments])
    assert end.value.code == 2
    assert "usage: stalk speakers" in capsys.readouterr().err
