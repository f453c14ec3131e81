"""The folders keep to what they may import."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "stalk_ros"
DOMAINS = ("audio", "speech", "speakers", "topics", "mouth")
SHARED = {"backends", "child", "clock", "errors", "events", "model", "parameters"}
ROS_PACKAGES = (
    "rclpy",
    "rcl_interfaces",
    "lifecycle_msgs",
    "diagnostic_msgs",
    "builtin_interfaces",
    "rosgraph_msgs",
    "std_msgs",
)
ROS_MODULES = {*ROS_PACKAGES, "ament_index_python", "launch", "launch_ros", "rosbag2_py"}
ENGINES = {
    "HanTa",
    "ctranslate2",
    "faster_whisper",
    "huggingface_hub",
    "kaldi_native_fbank",
    "kiwipiepy",
    "librosa",
    "llama_cpp",
    "onnxruntime",
    "openai",
    "pocketsphinx",
    "pyaudio",
    "resemblyzer",
    "silero_vad",
    "tokenizers",
    "torch",
    "transformers",
    "wespeaker",
}


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every import of a file, wherever it is, as the module and the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield node.module or "", tuple(alias.name for alias in node.names)


def test_only_the_shell_imports_ros() -> None:
    for path in modules(PACKAGE):
        used = {module for module, _ in imports(path)}
        is_ros = {module for module in used if module.partition(".")[0] in ROS_MODULES}
        is_ros |= used & {"stalk_ros.msg", "stalk_ros.srv"}
        inside = path.relative_to(PACKAGE).parts[0]
        assert inside == "ros" or not is_ros, f"{path} imports {is_ros}"
        begins = path == PACKAGE / "cli" / "replay.py"
        assert inside == "ros" or begins or not any(module.startswith("stalk_ros.ros") for module in used)


@pytest.mark.parametrize("inside", [*DOMAINS, "offline", "ros"])
def test_a_folder_uses_only_the_public_names_of_a_domain(inside: str) -> None:
    paths = modules(PACKAGE / inside)
    assert paths
    for path in paths:
        for module, names in imports(path):
            package, _, inner = module.partition(".")
            folder = inner.partition(".")[0]
            if package != "stalk_ros" or folder == inside:
                continue
            assert inside not in DOMAINS or folder in {*DOMAINS, *SHARED}, f"{path} imports {module}"
            if folder in DOMAINS:
                assert inner == folder, f"{path} imports {module}, which is internal to {folder}"
                public = importlib.import_module(module).__all__
                assert names, f"{path} imports {module} as a whole"
                assert set(names) <= set(public), f"{path} imports {set(names) - set(public)} from {module}"


def test_what_the_domains_share_imports_none_of_them() -> None:
    for name in SHARED:
        for module, _ in imports(PACKAGE / f"{name}.py"):
            package, _, inner = module.partition(".")
            assert package != "stalk_ros" or inner in SHARED, f"{name} imports {module}"


@pytest.mark.parametrize("folder", [*DOMAINS, "models", "offline"])
def test_no_engine_is_loaded_before_it_is_used(folder: str) -> None:
    """Not by any module, the backends included: they are imported to be asked whether they can run."""
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in modules(PACKAGE / folder)
    ]
    code = (
        f"import importlib, sys; [importlib.import_module(name) for name in {names!r}]; print(*sys.modules)"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, check=True, cwd=PACKAGE.parent, stdout=subprocess.PIPE, text=True)
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert "stalk_ros" in loaded
    assert not loaded & (ENGINES | ROS_MODULES)


def test_the_command_answers_before_it_loads_the_stages() -> None:
    code = "import stalk_ros.cli, sys; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, check=True, cwd=PACKAGE.parent, stdout=subprocess.PIPE, text=True)
    assert not {"numpy", "rich", "stalk_ros.speech"} & set(result.stdout.split())
