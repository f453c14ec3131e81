"""``stalk devices``: the microphones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    devices = commands.add_parser("devices", help="show the microphones, and how loud they are")
    devices.set_defaults(handler=_devices, action="show")
    actions = devices.add_subparsers(metavar="ACTION")
    test = actions.add_parser("test", help="show how loud a microphone is, until Ctrl-C")
    test.add_argument("device", nargs="?", default="", help="number, name or a part of it; else the default")
    test.add_argument(
        "--channels", default="", metavar="LIST", help="only these, from 0 on, such as 0 or 1,2"
    )
    test.add_argument("--seconds", type=float, metavar="N", help="end after N seconds")
    test.set_defaults(action="test")


def _devices(options: argparse.Namespace) -> None:
    from stalk_ros.offline import devices

    devices.COMMANDS[options.action](options)
