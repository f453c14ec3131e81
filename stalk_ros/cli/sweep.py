"""``stalk sweep``: what a parameter does to what is measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.cli.arguments import add_audio_topic, add_configuration

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    sweep = commands.add_parser("sweep", help="measure what a parameter does, and plot it")
    sweep.add_argument("folder", type=Path, help="audio files or bags with their references beside them")
    sweep.add_argument(
        "values",
        metavar="NODE.PARAMETER=VALUES",
        help="the parameter with its values: V1,V2,… or FIRST:LAST:STEP",
    )
    add_audio_topic(sweep)
    add_configuration(sweep)
    sweep.add_argument(
        "--measure",
        action="append",
        default=[],
        metavar="NAME",
        help="show this one, such as WER or 'lapse recall'; may be given again",
    )
    sweep.add_argument("--plot", type=Path, metavar="FILE", help="draw the curves as SVG, PNG or PDF")
    sweep.add_argument("--save", type=Path, metavar="FILE", help="write what was measured as JSON")
    sweep.set_defaults(handler=_sweep)


def _sweep(options: argparse.Namespace) -> None:
    from stalk_ros.offline.evaluation.sweep import Sweep, sweep

    swept = Sweep.read(options.values, options.params_file, tuple(options.set))
    sweep(options.folder, swept, options.measure, options.plot, options.save, options.topic)
