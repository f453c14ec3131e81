"""The package builds with colcon, copied and with symlinks, into something that Python and ROS 2 can use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The environment of the tests finds the checkout and its build first; here they must not help.
HIDE_CHECKOUT = f"""
import sys
sys.path = [folder for folder in sys.path if folder not in ({str(ROOT)!r}, {str(ROOT / ".venv/lib/ros")!r})]
"""

USE_INSTALLED = """
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


def run_installed(install_base: Path, folder: Path, *arguments: object) -> str:
    """Run Python in a shell that has sourced the install space; returns what it printed."""
    (folder / "sitecustomize.py").write_text(HIDE_CHECKOUT, encoding="utf-8")
    sourced = ["bash", "-c", 'source "$0/setup.bash" && exec "$@"', install_base]
    return subprocess.run(
        [*sourced, sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--symlink-install"], []], ids=["symlinks", "copied"])
def test_messages_and_modules_are_one_package_and_the_graph_runs_from_it(
    options: list[str], build_base: Path, tmp_path: Path, domain_id: int
) -> None:
    install_base = tmp_path / "install"
    command = [ROOT / "scripts/build", "--build-base", build_base, "--install-base", install_base, *options]
    subprocess.run(command, check=True)
    prefix = install_base / "stalk_ros"

    modules = run_installed(install_base, tmp_path, "-c", USE_INSTALLED)
    assert Path(modules.strip()).is_relative_to(prefix)
    assert os.access(prefix / "lib/stalk_ros/conversation", os.X_OK)
    assert (prefix / "share/stalk_ros/launch/conversation.launch.py").exists()
    assert (prefix / "share/stalk_ros/msg/AudioChunk.msg").exists()  # by which bags are read and written

    run_installed(install_base, tmp_path, prefix / "lib/stalk_ros/demo", "--rate", "6", "--output", tmp_path)
    events = [
        json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    speakers = {event["speaker"] for event in events if event["type"] == "utterance"}
    offers = [event for event in events if event["type"] == "suggestion" and event["status"] == "offered"]
    assert (speakers, len(offers)) == ({"S1", "S2", "S3"}, 2)
