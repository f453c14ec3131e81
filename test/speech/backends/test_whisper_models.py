from __future__ import annotations

from typing import TYPE_CHECKING

from faster_whisper.utils import _MODELS

from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends.faster_whisper import FasterWhisper
from stalk_ros.speech.backends.whisper_models import REPOSITORIES

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
        assert "fetch it with: hf download Systran/faster-whisper-base" in FasterWhisper.missing(
            SpeechParameters(model="base")
        )
    assert isinstance(SpeechStage.load(SpeechParameters(device="cpu")).engine, FasterWhisper)
    (root / "snapshots" / "0123abc").unlink()
    (root / "snapshots" / "0123abc").mkdir()
    assert "is incomplete, it lacks model.bin, config.json" in FasterWhisper.missing(SpeechParameters())


def test_the_names_of_the_models_are_those_of_the_engine() -> None:
    assert REPOSITORIES == _MODELS
