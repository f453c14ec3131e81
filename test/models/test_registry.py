"""What models there are."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.models import MODELS, named

ROOT = Path(__file__).parents[2]


def test_every_model_has_a_name_of_its_own() -> None:
    names = [model.name for model in MODELS]
    assert len(set(names)) == len(names)
    assert [named(name) for name in names] == [*MODELS]


def test_a_name_that_nothing_has() -> None:
    with pytest.raises(UserError, match="there is no model 'smal'; there are: silero-vad, "):
        named("smal")


def test_they_are_all_that_the_backends_declare_in_the_order_of_the_stages() -> None:
    places = sorted((ROOT / "stalk_ros").glob("*/backends/*.py"))
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in places]
    declared = [getattr(importlib.import_module(module), "MODELS", ()) for module in modules]
    assert {model for models in declared for model in models} == {*MODELS}
    stages = ("voice activity", "speech to text", "who speaks", "topics")
    assert [*MODELS] == sorted(MODELS, key=lambda model: stages.index(model.stage))


def test_a_file_of_a_repository_is_a_model_too() -> None:
    model = named("you/yours-GGUF/yours-Q8_0.gguf")
    assert (model.name, model.stage) == ("you/yours-GGUF/yours-Q8_0.gguf", "topics")
    assert model.pull_command() == "stalk models pull you/yours-GGUF/yours-Q8_0.gguf"
    assert named("you/yours/q8/its.gguf").files == ("q8/its.gguf",)


def test_a_repository_of_such_files_is_none() -> None:
    with pytest.raises(UserError, match=r"name one of them, as you/yours-GGUF/FILE\.gguf"):
        named("you/yours-GGUF")


def test_a_wheel_that_is_not_installed_says_how_to_get_it(uninstall) -> None:
    uninstall("silero_vad", "pocketsphinx", "resemblyzer")
    assert "faster_whisper" in str(named("silero-vad").state().path)
    uninstall("faster_whisper")
    for name, package in (("silero-vad", "silero-vad"), ("pocketsphinx",) * 2, ("ge2e", "Resemblyzer")):
        assert (named(name).state().path, named(name).state().problem) == (None, "not here")
        assert named(name).remedy().startswith("it comes with a Python package: pip install ")
        assert package in named(name).remedy()


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
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    loaded = set(result.stdout.split())
    assert "stalk_ros" in loaded
    heavy = {
        "rclpy",
        "faster_whisper",
        "huggingface_hub",
        "llama_cpp",
        "onnxruntime",
        "pocketsphinx",
        "resemblyzer",
        "torch",
    }
    assert not loaded & heavy
