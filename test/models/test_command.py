"""What people see."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stalk_ros.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def terminal(on_terminal, environment: dict[str, str]) -> Callable[..., str]:
    """Runs ``stalk models`` on a terminal of 80 columns; returns what it shows."""
    return partial(on_terminal, "models", environment=environment)


def test_the_list_has_a_line_for_each_model_with_tabs_between_the_columns(models, cache: Path) -> None:
    status, out, err = models("list")
    rows = [line.split("\t") for line in out.splitlines()]
    assert (status, err) == (0, f"and {len(MODELS) - 6} more: stalk models list --all\n")
    assert [row[:3] for row in rows] == [
        ["silero-vad", "voice activity", "default"],
        ["pocketsphinx", "speech to text", "default"],
        ["small", "speech to text", "default"],
        ["ge2e", "who speaks", "default"],
        ["resnet34-LM", "who speaks", "default"],
        ["llama-3.2-3b", "topics", "default"],
    ]
    assert rows[2][3:] == ["490 MB", "not here"]
    assert rows[4][3:] == ["27 MB", "not here"]
    assert all(Path(row[4]).exists() for row in rows if row[4] != "not here")
    assert not cache.exists()


def test_the_list_shows_what_is_here_and_with_all_everything(hub, models) -> None:
    hub.repositories["Systran/faster-whisper-tiny"] = hub.repositories["Systran/faster-whisper-small"]
    models("pull", "tiny")
    folder = models("path", "tiny")[1].strip()
    status, out, err = models("list", HF_HUB_OFFLINE="1")
    assert (status, err) == (0, f"and {len(MODELS) - 7} more: stalk models list --all\n")
    assert f"\ntiny\tspeech to text\t\t3 MB\t{folder}\n" in out
    status, out, err = models("list", "--all")
    assert (status, err) == (0, "")
    assert "\nmedium\tspeech to text\t\t1.5 GB\tnot here\n" in out


def test_the_list_is_a_table_on_a_terminal(terminal) -> None:
    shown = terminal("list")
    assert "where" in shown
    assert "\t" not in shown
    assert "not here" in shown


def test_on_a_terminal_a_bar_shows_how_far_it_is(hub, terminal) -> None:
    shown = terminal("pull", "small")
    assert "fetching small" in shown
    assert "/3.1 MB" in shown
    assert shown.splitlines()[-1].endswith("0123456789abcdef0123456789abcdef01234567")


def test_the_path_is_printed_alone(models, refused) -> None:
    message = "model 'small' is not here; fetch it with: stalk models pull small"
    assert refused("path", "small") == message
    assert refused("path", "small", HF_HUB_OFFLINE="1") == f"{message} (first unset HF_HUB_OFFLINE)"
    models("pull", "small")
    status, out, err = models("path", "small", HF_HUB_OFFLINE="1")
    assert (status, err, out.count("\n")) == (0, "", 1)
    assert Path(out.rstrip("\n")).is_dir()


def test_a_speaker_model_is_one_file_that_its_repository_names_too(hub, models) -> None:
    hub.repositories["Wespeaker/wespeaker-voxceleb-campplus-LM"] = {
        "voxceleb_CAM++_LM.onnx": bytes(2000),
        "avg_model.pt": bytes(5000),
        "config.yaml": b"model: CAMPPlus",
    }
    assert models("pull", "campplus-LM")[2] == ""
    status, out, _ = models("path", "Wespeaker/wespeaker-voxceleb-campplus-LM", HF_HUB_OFFLINE="1")
    path = Path(out.rstrip("\n"))
    assert (status, path.name, path.stat().st_size) == (0, "voxceleb_CAM++_LM.onnx", 2000)
    assert [*path.parent.iterdir()] == [path]
    assert f"\ncampplus-LM\twho speaks\t\t0 MB\t{path}\n" in models("list")[1]


def test_a_model_in_a_wheel_is_not_fetched(hub, models, refused) -> None:
    status, out, _ = models("pull", "ge2e", "silero-vad")
    assert status == 0
    assert [line.partition(": ")[0] for line in out.splitlines()] == ["ge2e is here", "silero-vad is here"]
    code = "import importlib.util; importlib.util.find_spec = lambda name: None"
    assert refused("pull", "ge2e", code=code).startswith(
        "model 'ge2e' is not here; it comes with a Python package: pip install "
    )
    assert not hub.requests


def test_a_wrong_name_is_noticed_before_anything_is_fetched(hub, refused) -> None:
    assert refused("pull", "small", "smal").startswith("there is no model 'smal'; there are: ")
    assert not hub.requests


def test_in_a_log_every_tenth_of_what_takes_long_has_a_line(hub, models) -> None:
    hub.repositories["Systran/faster-whisper-small"]["model.bin"] = bytes(20 * 2**20)
    _, out, _ = models("pull", "small")
    lines = out.splitlines()
    assert lines[0] == "fetching small: 0 MB of 21 MB"
    assert 10 <= sum(line.startswith("fetching") for line in lines) <= 11
    assert sum(line.startswith("checking") for line in lines) == 1
