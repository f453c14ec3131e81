"""Where the files of a model are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stalk_ros.model import HubModel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
    assert model.present() == {"onnx/voice.onnx": path}
    assert model.state().path == path


def test_a_model_of_several_files_is_their_folder(snapshot) -> None:
    model = HubModel(
        name="voice", stage="who speaks", repository="you/yours", files=("*.bin", "vocabulary.*")
    )
    snapshot("model.bin")
    assert model.state().problem == "incomplete, it lacks vocabulary.*"
    folder = snapshot("vocabulary.txt", "ten bytes.").parent
    assert model.state().path == folder
    assert model.state().size_bytes() == 10
