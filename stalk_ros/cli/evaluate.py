"""``stalk evaluate`` and ``stalk sweep``: how right and how fast it is on recordings with a known truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.cli.arguments import add_configuration

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the commands."""
    evaluate = commands.add_parser("evaluate", help="measure how right and how fast it is on recordings")
    evaluate.add_argument("folder", type=Path, help="audio files or bags with their references beside them")
    add_configuration(evaluate)
    evaluate.set_defaults(handler=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    raise NotImplementedError
