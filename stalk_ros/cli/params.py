"""``stalk params``: every parameter, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    params = commands.add_parser("params", help="print a params file with every parameter, explained")
    params.set_defaults(handler=_params)


def _params(_options: argparse.Namespace) -> None:
    from stalk_ros.offline.configuration import default_file

    print(default_file(), end="", flush=True)
