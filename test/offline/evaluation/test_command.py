"""The commands on the first turn of the sample, with the engines that are installed everywhere."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from stalk_ros.offline.evaluation import evaluating

if TYPE_CHECKING:
    from pathlib import Path

ENGINES = ("--set", "asr.backend=pocketsphinx", "--set", "diarization.backend=ge2e")


def test_a_folder_is_measured_saved_and_compared(stalk, talk, tmp_path: Path) -> None:
    talks, save = tmp_path / "talks", tmp_path / "run.json"
    talk(talks / "a.wav")
    code, out, err = stalk("evaluate", talks, *ENGINES, "--save", save)
    assert (code, err) == (0, "")
    assert "| a.wav | 3 | 0.0 | 0.0 |" in out
    content = json.loads(save.read_text())
    (recording,) = content["recordings"]
    assert recording["ratios"]["WER"] == [0.0, 6.0]
    took_s, audio_s = recording["ratios"]["real-time factor"]
    assert audio_s == pytest.approx(2.9)
    assert took_s > recording["ratios"]["real-time factor voice activity"][0] > 0
    assert all(
        recording["ratios"][f"real-time factor {engine}"][0] > 0
        for engine in ("speech to text", "speaker embedding")
    )
    assert content["engines"]["asr"] == "pocketsphinx"
    assert content["memory_mib"]["peak"] > content["memory_mib"]["before"] > 0
    assert content["memory_mib"]["asr"] > 10

    code, out, err = stalk("evaluate", talks, *ENGINES, "--against", save)
    assert (code, err) == (0, "")
    assert "## run.json and this run (recordings: 1)" in out
    assert "| WER % | 0.0 | 0.0 | 0.0 |" in out

    params = tmp_path / "other.yaml"
    params.write_text("/**/asr: {ros__parameters: {backend: pocketsphinx, speech_threshold: 0.6}}")
    code, out, err = stalk("evaluate", talks, *ENGINES, "--against", params)
    assert (code, err) == (0, "")
    assert "- parameter asr.speech_threshold: 0.6 and 0.5" in out

    shutil.copy(save, tmp_path / "again.json")
    code, out, err = stalk("compare", save, tmp_path / "again.json")
    assert (code, err) == (0, "")
    assert "## run.json and again.json (recordings: 1)" in out


@pytest.fixture
def three(talk, tmp_path: Path) -> Path:
    for name in "abc":
        talk(tmp_path / "talks" / f"{name}.wav")
    return tmp_path / "talks"


def test_what_fails_is_reported_and_the_others_go_on(stalk, three: Path, tmp_path: Path, monkeypatch) -> None:
    measure = evaluating.measure

    def cut_off(known, configuration, advance):
        if known.name == "b.wav":
            known.path.write_bytes(b"RIFF")
        return measure(known, configuration, advance)

    monkeypatch.setattr(evaluating, "measure", cut_off)
    (three / "c.json").write_text("[")
    code, out, err = stalk("evaluate", three, *ENGINES, "--save", tmp_path / "run.json")
    assert code == 2
    assert "| a.wav |" in out
    broken, cut, end = err.splitlines()
    assert broken.startswith("stalk: c.wav: ")
    assert cut.startswith("stalk: b.wav: cannot read")
    assert end == "stalk: 2 recordings could not be measured: c.wav, b.wav"
    content = json.loads((tmp_path / "run.json").read_text())
    assert sorted(content["failures"]) == ["b.wav", "c.wav"]


def test_an_interrupt_keeps_what_is_measured_and_says_where(
    stalk, three: Path, tmp_path: Path, monkeypatch
) -> None:
    measure = evaluating.measure

    def interrupted(known, configuration, advance):
        if known.name == "b.wav":
            raise KeyboardInterrupt
        return measure(known, configuration, advance)

    monkeypatch.setattr(evaluating, "measure", interrupted)
    save = tmp_path / "run.json"
    code, out, err = stalk("evaluate", three, *ENGINES, "--save", save)
    assert code == 130
    assert err == f"stalk: interrupted; 1 of 3 recordings were measured; they are in '{save}'\n"
    assert "| a.wav |" in out
    assert [recording["name"] for recording in json.loads(save.read_text())["recordings"]] == ["a.wav"]


def test_what_has_no_partner_is_named(stalk, talk, tmp_path: Path) -> None:
    talk(tmp_path / "talks" / "a.wav")
    shutil.copy(tmp_path / "talks" / "a.wav", tmp_path / "talks" / "unknown.wav")
    (tmp_path / "talks" / "gone.rttm").touch()
    code, _, err = stalk("evaluate", tmp_path / "talks", *ENGINES)
    assert code == 0
    assert err.splitlines() == [
        "stalk: without a reference, left out: unknown.wav",
        "stalk: references without a recording: gone.rttm",
    ]


def test_mistakes_are_told_before_any_work(mistake, talk, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(evaluating, "loaded_mib", lambda _: pytest.fail("it worked"))
    truth = talk(tmp_path / "talks" / "a.wav").with_suffix(".json")
    talks = tmp_path / "talks"
    assert "there is no folder" in mistake("evaluate", tmp_path / "nowhere")
    assert "choose another name" in mistake("evaluate", talks, "--save", truth)
    assert "cannot write" in mistake("evaluate", talks, "--save", talks / "a.wav" / "run.json")
    assert "is no run" in mistake("evaluate", talks, "--against", truth)
    assert "cannot read" in mistake("evaluate", talks, "--against", tmp_path / "gone.yaml")
    assert "is no run" in mistake("compare", truth, truth)
    assert "has no parameter" in mistake("sweep", talks, "asr.end_of_days=1,2")


def test_a_missing_package_is_named(mistake, talk, tmp_path: Path, uninstall) -> None:
    talk(tmp_path / "a.wav")
    uninstall("jiwer")
    assert "pip install" in mistake("evaluate", tmp_path)
