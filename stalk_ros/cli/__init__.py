"""The ``stalk`` command: each command is a module that imports what it runs when it runs it."""

from __future__ import annotations

import argparse
import io
import os
import sys

from stalk_ros.cli import bag, devices, evaluate, models, params, replay, run, speakers, sweep
from stalk_ros.errors import EngineError, UserError
from stalk_ros.offline.interrupts import ending_once

_COMMANDS = (run, bag, replay, evaluate, sweep, params, devices, models, speakers)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, 2 after an error, 130 when interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show all that people say
    options = _parser().parse_args(arguments)
    try:
        with ending_once():
            options.handler(options)
    except (UserError, EngineError) as error:
        return _failed(str(error))
    except KeyboardInterrupt as interrupt:
        print("; ".join(filter(None, ("stalk: interrupted", str(interrupt)))), file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has seen enough; Python would flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        # Files say so themselves: this is what is printed, to a full disk for instance.
        return _failed(f"cannot print: {error.strerror}")
    return 0


def _failed(message: str) -> int:
    # What people typed is part of it: nothing in that may act on the terminal, or begin a line.
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
    print(f"stalk: {shown}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stalk", description="Conversations for social robots, from recordings and on the command line."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser
