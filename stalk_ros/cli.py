"""The ``stalk`` command."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

from stalk_ros.errors import EngineError, UserError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, 2 after an error, 130 when interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show all that people say
    options = _parser().parse_args(arguments)
    try:
        options.handler(options)
    except (UserError, EngineError) as error:
        return _failed(str(error))
    except KeyboardInterrupt as interrupt:
        outcome = str(interrupt) or "what was written so far is complete"
        print(f"stalk: interrupted; {outcome}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has seen enough; Python would flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        # Whatever reads says so itself: this is an output, on a full disk for instance.
        return _failed(f"cannot write: {error.strerror}")
    return 0


def _failed(message: str) -> int:
    # What people typed is part of it: nothing in that may act on the terminal, or begin a line.
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
    print(f"stalk: {shown}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stalk", description="Conversations for social robots, without ROS."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the whole conversation in an audio file, at full speed")
    run.add_argument("file", type=Path, help="any audio file libsndfile reads")
    run.add_argument("--events", type=Path, metavar="FILE", help="write the events as JSON lines")
    run.add_argument("--rttm", type=Path, metavar="FILE", help="write who spoke when as RTTM")
    run.add_argument(
        "--partials",
        action="store_true",
        help="also show what is understood while somebody speaks, which takes longer",
    )
    run.add_argument("--params-file", type=Path, metavar="FILE", help="a params file of the nodes")
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NODE.PARAMETER=VALUE",
        help="set one parameter, such as asr.end_of_turn_s=0.8",
    )
    run.set_defaults(handler=_run)
    params = commands.add_parser("params", help="print a params file with every parameter, explained")
    params.set_defaults(handler=_params)
    _add_devices(commands)
    _add_models(commands)
    _add_speakers(commands)
    return parser


def _add_devices(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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


def _add_models(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    models = commands.add_parser("models", help="show, fetch and find the models")
    actions = models.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show which models there are and which of them are here")
    listing.add_argument("--all", action="store_true", help="also show those that are not here")
    listing.set_defaults(handler=_list_models)
    pull = actions.add_parser("pull", help="fetch models, or go on with what was interrupted")
    names = "a name of the list, a Hugging Face repository with Whisper, or OWNER/NAME/FILE.gguf in one"
    pull.add_argument("name", nargs="+", help=names)
    pull.set_defaults(handler=_pull_models)
    path = actions.add_parser("path", help="print where a model is")
    path.add_argument("name", help=names)
    path.set_defaults(handler=_model_path)


def _add_speakers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    speakers = commands.add_parser("speakers", help="remember people by their voices, and forget them")
    actions = speakers.add_subparsers(required=True, metavar="ACTION")

    def add(action: str, help_text: str, *arguments: tuple[str, type, str]) -> None:
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
    add("list", "show who is enrolled")
    add(
        "enroll",
        "remember the voice in a recording, or more of one that is known",
        ("name", str, "of the person"),
        ("file", Path, "audio in which nobody else speaks, five seconds or more"),
    )
    add("rename", "give somebody another name", who, ("name", str, "the new name"))
    add("forget", "erase what is known of somebody", who)
    add("export", "write everybody to a file, for another robot", ("file", Path, "JSON"))
    add("import", "add everybody in such a file", ("file", Path, "JSON"))


def _run(options: argparse.Namespace) -> None:
    # Imported here, so that a help text does not wait for the engines.
    from stalk_ros.offline.configuration import load
    from stalk_ros.offline.run import run

    # Partials are for those who watch while people speak, whatever a robot's params file says.
    partials = f"asr.partials={str(options.partials).lower()}"
    configuration = load(options.params_file, (partials, *options.set))
    run(options.file, configuration, options.events, options.rttm)


def _params(_options: argparse.Namespace) -> None:
    from stalk_ros.offline.configuration import default_file

    print(default_file(), end="", flush=True)


def _devices(options: argparse.Namespace) -> None:
    from stalk_ros.offline import devices

    devices.COMMANDS[options.action](options)


def _list_models(options: argparse.Namespace) -> None:
    from stalk_ros.models.command import show

    show(everything=options.all)


def _pull_models(options: argparse.Namespace) -> None:
    from stalk_ros.models.command import pull

    pull(options.name)


def _model_path(options: argparse.Namespace) -> None:
    from stalk_ros.models.command import path

    print(path(options.name), flush=True)


def _speakers(options: argparse.Namespace) -> None:
    from stalk_ros.offline import speakers

    speakers.COMMANDS[options.action](options)


if __name__ == "__main__":
    sys.exit(main())
