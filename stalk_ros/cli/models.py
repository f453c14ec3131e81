"""``stalk models``: the models of the engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    models = commands.add_parser("models", help="show, fetch and find the models")
    actions = models.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show which models there are and which of them are here")
    listing.add_argument("--all", action="store_true", help="also show those that are not here")
    listing.set_defaults(handler=_list)
    pull = actions.add_parser("pull", help="fetch models, or go on with what was interrupted")
    names = "a name of the list, a Hugging Face repository with Whisper, or OWNER/NAME/FILE.gguf in one"
    pull.add_argument("name", nargs="+", help=names)
    pull.set_defaults(handler=_pull)
    path = actions.add_parser("path", help="print where a model is")
    path.add_argument("name", help=names)
    path.set_defaults(handler=_path)


def _list(options: argparse.Namespace) -> None:
    from stalk_ros.models.command import show

    show(everything=options.all)


def _pull(options: argparse.Namespace) -> None:
    from stalk_ros.models.command import pull

    pull(options.name)


def _path(options: argparse.Namespace) -> None:
    from stalk_ros.models.command import path

    print(path(options.name), flush=True)
