"""``stalk replay``: the audio of a bag over ROS 2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.cli.arguments import add_audio_topic

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    replay = commands.add_parser("replay", help="publish the audio of a bag over ROS 2")
    replay.add_argument("bag", type=Path, help="a ROS 2 bag, or any audio file libsndfile reads")
    add_audio_topic(replay)
    replay.set_defaults(handler=_replay)


def _replay(options: argparse.Namespace) -> None:
    raise NotImplementedError
