"""``stalk bag``: ROS 2 bags without ROS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    bag = commands.add_parser("bag", help="make ROS 2 bags")
    actions = bag.add_subparsers(required=True, metavar="ACTION")
    from_wav = actions.add_parser("from-wav", help="put an audio file into a new bag, as audio_capture would")
    from_wav.add_argument("file", type=Path, help="any audio file libsndfile reads")
    from_wav.add_argument("bag", type=Path, help="the folder to make")
    from_wav.set_defaults(handler=_from_wav)


def _from_wav(options: argparse.Namespace) -> None:
    raise NotImplementedError
