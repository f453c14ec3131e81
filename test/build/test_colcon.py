"""The package builds with colcon, copied and with symlinks, into something that Python and ROS 2 can use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The environment of the tests finds the checkout and its build first; here they must not help.
USE_INSTALLED = f"""
import sys
sys.path = [folder for folder in sys.path if folder not in ({str(ROOT)!r}, {str(ROOT / ".venv/lib/ros")!r})]

import rclpy.serialization
import stalk_ros.speakers
from stalk_ros.msg import TopicSuggestion

sent = rclpy.serialization.serialize_message(TopicSuggestion(text="And you?"))
assert rclpy.serialization.deserialize_message(sent, TopicSuggestion).text == "And you?"
print(stalk_ros.speakers.__path__[0])
"""


@pytest.fixture(scope="module")
def build_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the messages are compiled once."""
    return tmp_path_factory.mktemp("build")


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--symlink-install"], []], ids=["symlinks", "copied"])
def test_messages_and_modules_are_one_package(options: list[str], build_base: Path, tmp_path: Path) -> None:
    install_base = tmp_path / "install"
    command = [ROOT / "scripts/build", "--build-base", build_base, "--install-base", install_base, *options]
    subprocess.run(command, check=True)

    prefix = install_base / "stalk_ros"
    sourced = ["bash", "-c", 'source "$0/setup.bash" && exec "$@"', install_base]
    use = [*sourced, sys.executable, "-c", USE_INSTALLED]
    result = subprocess.run(use, check=True, cwd=tmp_path, stdout=subprocess.PIPE, text=True)

    assert Path(result.stdout.strip()).is_relative_to(prefix)
    assert os.access(prefix / "lib/stalk_ros/conversation", os.X_OK)
    assert (prefix / "share/stalk_ros/launch/conversation.launch.py").exists()
