"""What models there are and where they are looked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stalk_ros.errors import UserError
from stalk_ros.models import MODELS, HubModel, named
from stalk_ros.speakers.backends import ge2e
from stalk_ros.speech.backends import silero

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a file of the repository you/yours into an empty cache."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    root = tmp_path / "models--you--yours"

    def put(name: str, content: str = "") -> Path:
        path = root / "snapshots" / "0123abc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        (root / "refs").mkdir(exist_ok=True)
        (root / "refs" / "main").write_text("0123abc")
        return path

    return put


def test_every_model_has_a_name_of_its_own() -> None:
    names = [model.name for model in MODELS]
    assert len(set(names)) == len(names)
    assert [named(name) for name in names] == [*MODELS]


def test_a_name_that_nothing_has() -> None:
    with pytest.raises(UserError, match="there is no model 'smal'; there are: silero-vad, "):
        named("smal")


def test_the_models_in_wheels_are_those_that_the_engines_load() -> None:
    from pocketsphinx import get_model_path

    assert named("silero-vad").state().path == silero._installed()
    assert named("pocketsphinx").state().path == Path(get_model_path("en-us"))
    assert named("ge2e").state().path == ge2e._path("")


def test_a_wheel_that_is_not_installed_says_how_to_get_it(uninstall) -> None:
    uninstall("silero_vad", "pocketsphinx", "resemblyzer")
    assert "faster_whisper" in str(named("silero-vad").state().path)
    uninstall("faster_whisper")
    for name, package in (("silero-vad", "silero-vad"), ("pocketsphinx",) * 2, ("ge2e", "Resemblyzer")):
        assert (named(name).state().path, named(name).state().problem) == (None, "not here")
        assert named(name).remedy().startswith("it comes with a Python package: pip install ")
        assert package in named(name).remedy()


def test_a_model_of_one_file_among_many_is_that_file(snapshot) -> None:
    model = HubModel(name="llama", stage="topics", repository="you/yours", files=("llama-Q4_K_M.gguf",))
    snapshot("llama-Q8_0.gguf")
    snapshot("more/llama-Q4_K_M.gguf")
    assert model.state().problem == "incomplete, it lacks llama-Q4_K_M.gguf"
    path = snapshot("llama-Q4_K_M.gguf", "four")
    assert model.state().path == path
    assert model.state().size_bytes() == 4


def test_a_model_in_a_folder_of_its_repository(snapshot) -> None:
    model = HubModel(name="voice", stage="who speaks", repository="you/yours", files=("onnx/*.onnx",))
    path = snapshot("onnx/voice.onnx")
    snapshot("onnx/int8/voice.onnx")
    assert model.state().path == path


def test_a_model_of_several_files_is_their_folder(snapshot) -> None:
    model = named("you/yours")
    for name in ("model.bin", "config.json", "tokenizer.json"):
        snapshot(name)
    assert model.state().problem == "incomplete, it lacks vocabulary.*"
    folder = snapshot("vocabulary.txt", "ten bytes.").parent
    assert model.state().path == folder
    assert model.state().size_bytes() == 10


def test_to_know_the_models_needs_no_engine_and_no_ros() -> None:
    code = (
        "import sys\n"
        "from stalk_ros.models import MODELS, command, hub\n"
        "[model.state() for model in MODELS]\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    loaded = set(result.stdout.split())
    assert "stalk_ros" in loaded
    heavy = {
        "rclpy",
        "faster_whisper",
        "huggingface_hub",
        "onnxruntime",
        "pocketsphinx",
        "resemblyzer",
        "torch",
    }
    assert not loaded & heavy
