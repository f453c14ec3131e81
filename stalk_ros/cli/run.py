"""``stalk run``: the whole conversation in a recording, at full speed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.cli.arguments import add_audio_topic, add_configuration

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    run = commands.add_parser("run", help="run the whole conversation in a recording, at full speed")
    run.add_argument("recording", type=Path, help="any audio file libsndfile reads, or a ROS 2 bag")
    add_audio_topic(run)
    run.add_argument("--events", type=Path, metavar="FILE", help="write the events as JSON lines")
    run.add_argument("--rttm", type=Path, metavar="FILE", help="write who spoke when as RTTM")
    run.add_argument(
        "--partials",
        action="store_true",
        help="also show what is understood while somebody speaks, which takes longer",
    )
    add_configuration(run)
    run.set_defaults(handler=_run)


def _run(options: argparse.Namespace) -> None:
    from stalk_ros.offline.configuration import load
    from stalk_ros.offline.run import run

    # Partials are for those who watch while people speak, whatever a robot's params file says.
    partials = f"asr.partials={str(options.partials).lower()}"
    configuration = load(options.params_file, (partials, *options.set))
    run(options.recording, configuration, options.events, options.rttm)
