"""``stalk bag``: ROS 2 bags without ROS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands

_START = "2000-01-01T00:00:00Z"
"""The same for every file, so a file makes the same bag again; not 0, which is no time yet on ``/clock``."""


def add(commands: Commands) -> None:
    """Add the command."""
    bag = commands.add_parser("bag", help="make ROS 2 bags")
    actions = bag.add_subparsers(required=True, metavar="ACTION")
    from_wav = actions.add_parser("from-wav", help="put an audio file into a new bag, as audio_capture would")
    from_wav.add_argument("file", type=Path, help="any audio file libsndfile reads")
    from_wav.add_argument("bag", type=Path, help="the folder to make")
    from_wav.add_argument(
        "--storage", choices=("mcap", "sqlite3"), default="mcap", help="format of the bag (default: mcap)"
    )
    from_wav.add_argument(
        "--start",
        default=_START,
        metavar="TIME",
        help="when the audio began, such as 2026-05-04T14:30:00+02:00 (default: %(default)s, so that times of"
        " day tell the place in the file)",
    )
    from_wav.set_defaults(handler=_from_wav)


def _from_wav(options: argparse.Namespace) -> None:
    from stalk_ros.offline.bags.from_audio import bag_from_audio

    bag_from_audio(options.file, options.bag, options.storage, options.start)
