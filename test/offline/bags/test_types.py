from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.bags import types

ROOT = Path(__file__).parents[3]


def test_the_types_are_those_of_this_package() -> None:
    fields = types.BagMessages().types.types["stalk_ros/msg/VoiceActivity"].__dataclass_fields__
    assert {"header", "speech", "probability", "transcribed_until"} <= set(fields)


@pytest.mark.parametrize(
    "modules",
    [
        "lib/python3.12/site-packages",  # a virtual environment, or an overlay of colcon
        "local/lib/python3.10/dist-packages",  # an overlay of colcon on Ubuntu
        "lib/python3/dist-packages",  # Debian
        ".",  # pip install --target
    ],
)
def test_the_definitions_are_found_where_they_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modules: str
) -> None:
    package = tmp_path / modules / "stalk_ros"
    installed = tmp_path / "share/stalk_ros/msg"
    monkeypatch.setattr(types, "__file__", str(package / "offline/bags/types.py"))
    with pytest.raises(UserError, match="install the package again"):
        types.BagMessages()
    shutil.copytree(ROOT / "msg", installed)
    assert "stalk_ros/msg/AudioChunk" in types.BagMessages().types.types


def test_a_wheel_brings_the_definitions(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for folder in ("msg", "stalk_ros"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("LICENSE", "README.md", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, source)
    build = "import setuptools.build_meta as backend, sys; backend.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, tmp_path], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for path in (ROOT / "msg").iterdir():
        assert any(name.endswith(f".data/data/share/stalk_ros/msg/{path.name}") for name in names)


def test_without_rosbags_the_error_says_how_to_get_it(uninstall) -> None:
    uninstall("rosbags", "rosbags.typesys")
    with pytest.raises(UserError, match="pip install"):
        types.BagMessages()
