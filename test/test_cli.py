"""The command as a user types it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stalk_ros import cli
from stalk_ros.cli.run import FILES
from stalk_ros.offline import run as offline_run
from stalk_ros.offline.configuration import load
from stalk_ros.offline.exports import FORMATS
from stalk_ros.offline.outputs import Outputs


@pytest.fixture(scope="session")
def turn(sample_audio: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first turn of the sample."""
    path = tmp_path_factory.mktemp("turn") / "turn.wav"
    soundfile.write(path, sample_audio[: 3 * 16_000], 16_000)
    return path


def test_a_conversation_is_printed_and_written(stalk, turn: Path, tmp_path: Path) -> None:
    events, rttm = tmp_path / "new" / "events.jsonl", tmp_path / "out.rttm"
    code, out, err = stalk("run", turn, "--events", events, "--rttm", rttm)
    assert (code, out, err) == (0, "00:00.8 S1: did you have a good weekend\n", "")
    kinds = [json.loads(line)["type"] for line in events.read_text().splitlines()]
    assert sorted(kinds) == ["utterance", "voice_activity", "voice_activity"]
    assert rttm.read_text().startswith("SPEAKER turn 1 0.8")


def test_partials_are_printed_when_asked_for(stalk, turn: Path) -> None:
    code, out, _ = stalk("run", turn, "--partials", "--set", "asr.partial_interval_s=0.3")
    *partials, final = out.splitlines()
    assert code == 0
    assert partials
    assert all(line.endswith("…") for line in partials)
    assert final == "00:00.8 S1: did you have a good weekend"


def test_parameters_are_taken_from_a_file_and_from_the_command_line(
    monkeypatch, stalk, tmp_path: Path
) -> None:
    given = []
    monkeypatch.setattr(offline_run, "run", lambda *arguments: given.append(arguments))
    params = tmp_path / "params.yaml"
    params.write_text("asr: {ros__parameters: {end_of_turn_s: 0.9, max_utterance_s: 9.0}}")
    code, _, _ = stalk("run", "a.wav", "--params-file", params, "--set", "asr.end_of_turn_s=1", "--partials")
    expected = load(params, ("asr.end_of_turn_s=1", "asr.partials=true"))
    assert code == 0
    assert given == [(Path("a.wav"), expected, Outputs(), "")]


def test_the_params_it_prints_are_the_defaults(stalk, tmp_path: Path) -> None:
    code, out, _ = stalk("params")
    (tmp_path / "params.yaml").write_text(out)
    assert code == 0
    assert load(tmp_path / "params.yaml") == load()


def test_a_model_is_found_by_its_name(stalk) -> None:
    code, out, err = stalk("models", "path", "ge2e")
    assert (code, err) == (0, "")
    assert Path(out.removesuffix("\n")).is_file()


def test_a_model_that_is_not_here(mistake) -> None:
    command = "stalk models pull small"
    assert mistake("models", "path", "small") == f"model 'small' is not here; fetch it with: {command}"
    assert mistake("models", "pull", "smal").startswith("there is no model 'smal'; there are: ")


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_file_that_is_no_audio(mistake, tmp_path: Path) -> None:
    assert mistake("run", tmp_path / "none.wav") == f"there is no file '{tmp_path / 'none.wav'}'"
    assert "there is no file in .mcap or .db3 in it" in mistake("run", tmp_path)
    assert "cannot read" in mistake("run", write(tmp_path / "empty.wav", b""))
    assert "ffmpeg" in mistake("run", write(tmp_path / "film.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(99)))
    soundfile.write(tmp_path / "zero.wav", np.zeros((0, 1)), 16_000)
    assert "holds no audio" in mistake("run", tmp_path / "zero.wav")
    soundfile.write(tmp_path / "a.flac", np.random.default_rng(0).uniform(-0.1, 0.1, 32_000), 16_000)
    cut = write(tmp_path / "cut.flac", (tmp_path / "a.flac").read_bytes()[:20_000])
    assert "is damaged at" in mistake("run", cut)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("asr.end_of_tern_s=1", "asr has no parameter 'end_of_tern_s'; it has: backend, model, "),
        ("asr.end_of_turn_s=long", "asr: parameter 'end_of_turn_s' must be a number, not 'long' (str)"),
        ("asr.end_of_turn_s=60", "asr: parameter 'end_of_turn_s' must be between 0.1 and 5.0, not 60"),
        ("asr.backend=whisperer", "asr: unknown backend 'whisperer'; there are: auto, "),
        ("diarization.backend=whisperer", "diarization: unknown backend 'whisperer'; there are: auto, "),
        ("topic_recommender.backend=x", "topic_recommender: unknown backend 'x'; there are: auto, "),
        ("asr.vad_model=/none.onnx", "there is no Silero VAD model '/none.onnx'"),
        ("listener.backend=auto", "'listener.backend=auto' is no NODE.PARAMETER=VALUE with a node of "),
    ],
)
def test_a_wrong_parameter(mistake, turn: Path, tmp_path: Path, assignment: str, message: str) -> None:
    events = tmp_path / "events.jsonl"
    assert mistake("run", turn, "--events", events, "--set", assignment).startswith(message)
    assert not events.exists(), "nothing is overwritten when nothing is done"


def test_a_params_file_that_is_none(mistake, turn: Path, tmp_path: Path) -> None:
    assert mistake("run", turn, "--params-file", tmp_path / "none").startswith("cannot read params file")
    assert "is not YAML" in mistake("run", turn, "--params-file", turn)


@pytest.mark.parametrize("package", ["onnxruntime", "pocketsphinx"])
def test_a_missing_engine(mistake, uninstall, turn: Path, package: str) -> None:
    uninstall(package)
    assert f"pip install {package}" in mistake("run", turn, "--set", "asr.backend=pocketsphinx")


def test_an_output_that_cannot_be_written(mistake, turn: Path, tmp_path: Path) -> None:
    assert mistake("run", turn, "--events", tmp_path) == f"cannot write '{tmp_path}': Is a directory"
    assert mistake("run", turn, "--rttm", turn / "out.rttm").startswith(f"cannot write '{turn}/out.rttm': ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk(stalk, turn: Path) -> None:
    full = "cannot write '/dev/full': No space left on device"
    for name in FILES:
        code, _, err = stalk("run", turn, f"--{name}", "/dev/full")
        assert (code, err) == (2, f"stalk: {full}\n"), name


def test_a_recording_is_never_overwritten(mistake, turn: Path, tmp_path: Path) -> None:
    before = turn.read_bytes()

    def overwriting(output: Path, what: str = "the recording") -> str:
        return f"the output '{output}' would overwrite {what}: choose another name"

    out = tmp_path / "out"
    assert mistake("run", turn, "--events", turn) == overwriting(turn)
    assert mistake("run", turn, "--rttm", out, "--events", out) == overwriting(out, f"the output '{out}'")
    (tmp_path / "symbolic").symlink_to(turn)
    (tmp_path / "hard").hardlink_to(turn)
    for link in ("symbolic", "hard"):
        assert mistake("run", turn, "--events", tmp_path / link) == overwriting(tmp_path / link)
    detour = turn.parent / "other" / ".." / turn.name
    assert mistake("run", turn, "--events", detour) == overwriting(detour)
    assert turn.read_bytes() == before


def test_ctrl_c_ends_it_quietly(monkeypatch: pytest.MonkeyPatch, stalk, turn: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(offline_run, "run", interrupted)
    code, _, err = stalk("run", turn)
    assert (code, err) == (130, "stalk: interrupted\n")


def test_a_terminal_that_cannot_show_everything_shows_the_rest(
    monkeypatch: pytest.MonkeyPatch, turn: Path
) -> None:
    bytes_out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(bytes_out, encoding="ascii", write_through=True))
    monkeypatch.setattr(offline_run, "run", lambda *_: print("▶ so it was"))
    assert cli.main(["run", str(turn)]) == 0
    assert bytes_out.getvalue() == b"? so it was\n"


@pytest.mark.parametrize("arguments", [["run"], ["params"], ["models", "list", "--all"]])
def test_nobody_has_to_read_to_the_end(arguments: list[str], turn: Path) -> None:
    """As in ``stalk run talk.wav | head``."""
    command = [sys.executable, "-m", "stalk_ros.cli", *arguments, *([turn] if arguments == ["run"] else [])]
    process = subprocess.Popen(
        command, cwd=Path(cli.__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.parametrize(
    "arguments", [[], ["walk"], ["run"], ["run", "a.wav", "--fast"], ["models"], ["models", "pull"]]
)
def test_a_wrong_command_line_ends_with_the_same_code(arguments: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert "usage: stalk" in capsys.readouterr().err


def test_every_format_has_an_option() -> None:
    assert list(FILES) == list(FORMATS)


def test_sound_needs_a_report_to_be_in(mistake, turn: Path) -> None:
    assert mistake("run", turn, "--with-sound") == "--with-sound is for a report: add --report FILE"


def test_nothing_is_written_into_a_recording(mistake, tmp_path: Path) -> None:
    (tmp_path / "bag").mkdir()
    inside = tmp_path / "bag" / "new" / "events.jsonl"
    said = mistake("run", tmp_path / "bag", "--events", inside)
    assert said == f"'{inside}' would be written into the recording '{tmp_path / 'bag'}'"
    assert not inside.parent.exists()
