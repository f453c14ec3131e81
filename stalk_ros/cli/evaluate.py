"""``stalk evaluate`` and ``stalk compare``: how right and how fast it is on recordings with a known truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.cli.arguments import add_audio_topic, add_configuration

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the commands."""
    evaluate = commands.add_parser("evaluate", help="measure how right and how fast it is on recordings")
    evaluate.add_argument("folder", type=Path, help="audio files or bags with their references beside them")
    add_audio_topic(evaluate)
    add_configuration(evaluate)
    evaluate.add_argument("--save", type=Path, metavar="FILE", help="write what was measured as JSON")
    evaluate.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="compare with a run that was saved, or with a params file (.yaml), which is measured too",
    )
    evaluate.set_defaults(handler=_evaluate)
    compare = commands.add_parser("compare", help="show two saved runs of evaluate side by side")
    compare.add_argument("first", type=Path, help="what 'stalk evaluate --save' wrote")
    compare.add_argument("second", type=Path, help="likewise")
    compare.set_defaults(handler=_compare)


def _evaluate(options: argparse.Namespace) -> None:
    from stalk_ros.offline.configuration import load
    from stalk_ros.offline.evaluation.command import NO_PARTIALS, evaluate

    configuration = load(options.params_file, (NO_PARTIALS, *options.set))
    evaluate(options.folder, configuration, options.save, options.against, options.topic)


def _compare(options: argparse.Namespace) -> None:
    from stalk_ros.offline.evaluation.command import compare

    compare(options.first, options.second)
