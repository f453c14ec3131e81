"""``stalk speakers``: people who are known by their voices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    speakers = commands.add_parser("speakers", help="remember people by their voices, and forget them")
    actions = speakers.add_subparsers(required=True, metavar="ACTION")

    def add_action(action: str, help_text: str, *arguments: tuple[str, type, str]) -> None:
        command = actions.add_parser(action, help=help_text)
        for name, kind, explained in arguments:
            command.add_argument(name, type=kind, help=explained)
        command.add_argument(
            "--store", default="", metavar="FILE", help="where they are kept, for your own place"
        )
        command.add_argument("--backend", default="auto", metavar="NAME", help="the speaker embedding engine")
        command.add_argument("--model", default="", metavar="PATH", help="its model, if not the default one")
        command.set_defaults(handler=_speakers, action=action)

    who = ("who", str, "name or id")
    add_action("list", "show who is enrolled")
    add_action(
        "enroll",
        "remember the voice in a recording, or more of one that is known",
        ("name", str, "of the person"),
        ("file", Path, "audio in which nobody else speaks, five seconds or more"),
    )
    add_action("rename", "give somebody another name", who, ("name", str, "the new name"))
    add_action("forget", "erase what is known of somebody", who)
    add_action("export", "write everybody to a file, for another robot", ("file", Path, "JSON"))
    add_action("import", "add everybody in such a file", ("file", Path, "JSON"))


def _speakers(options: argparse.Namespace) -> None:
    from stalk_ros.offline import speakers

    speakers.COMMANDS[options.action](options)
