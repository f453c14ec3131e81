from __future__ import annotations

from typing import TYPE_CHECKING

from faster_whisper.utils import _MODELS

from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends.faster_whisper import FasterWhisper
from stalk_ros.speech.backends.whisper_models import MODELS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_model_in_the_cache_is_found_by_size_and_by_repository(
    whisper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    root = tmp_path / "models--Systran--faster-whisper-small"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text("0123abc")
    (root / "snapshots").mkdir()
    (root / "snapshots" / "0123abc").symlink_to(whisper, target_is_directory=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "hub").symlink_to(tmp_path)
    for variable, cache in (("HF_HUB_CACHE", tmp_path), ("HF_HOME", tmp_path / "home")):
        monkeypatch.delenv("HF_HUB_CACHE", raising=False)
        monkeypatch.setenv(variable, str(cache))
        for model in ("", "small", "Systran/faster-whisper-small"):
            assert FasterWhisper.missing(SpeechParameters(model=model)) == ""
        missing = FasterWhisper.missing(SpeechParameters(model="base"))
        assert "fetch it with: stalk models pull base (first unset HF_HUB_OFFLINE)" in missing
    assert isinstance(SpeechStage.load(SpeechParameters(device="cpu")).engine, FasterWhisper)
    (root / "snapshots" / "0123abc").unlink()
    (root / "snapshots" / "0123abc").mkdir()
    incomplete = FasterWhisper.missing(SpeechParameters())
    assert "is incomplete, it lacks model.bin, config.json" in incomplete
    assert incomplete.endswith("; fetch it with: stalk models pull small (first unset HF_HUB_OFFLINE)")
    folder = FasterWhisper.missing(SpeechParameters(model=str(tmp_path)))
    assert "; copy it again or fetch another one with: stalk models pull small" in folder


def test_the_names_of_the_models_are_those_of_the_engine() -> None:
    assert {model.name: model.repository for model in MODELS} == _MODELS


def test_the_size_of_every_model_is_known() -> None:
    assert all(model.megabytes for model in MODELS)
