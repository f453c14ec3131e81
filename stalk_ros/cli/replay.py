"""``stalk replay``: the audio of a bag over ROS 2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.cli.arguments import add_audio_topic
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands

_FASTEST = 100.0


def add(commands: Commands) -> None:
    """Add the command."""
    replay = commands.add_parser("replay", help="publish the audio of a bag over ROS 2")
    replay.add_argument("recording", type=Path, help="a ROS 2 bag, or any audio file libsndfile reads")
    add_audio_topic(replay)
    replay.add_argument(
        "--rate",
        type=float,
        default=1.0,
        help="speed: 1 = real time, 0 = as fast as the conversation is followed",
    )
    replay.add_argument("--clock", action="store_true", help="publish the time of the audio on /clock")
    replay.add_argument("--loop", action="store_true", help="begin again at the end, until Ctrl-C")
    replay.add_argument("--start", type=float, default=0.0, metavar="SECONDS", help="begin there")
    replay.add_argument(
        "--namespace", default="stalk", metavar="NAME", help="where the nodes live (default: stalk)"
    )
    replay.add_argument(
        "--listeners",
        type=int,
        default=2,
        metavar="N",
        help="wait for so many subscribers of the audio (default: 2)",
    )
    replay.set_defaults(handler=_replay)


def _replay(options: argparse.Namespace) -> None:
    from stalk_ros.offline.progress import complain
    from stalk_ros.offline.sources import open_recording

    if not 0 <= options.rate <= _FASTEST:
        raise UserError(f"--rate must be between 0 and {_FASTEST:g}, not {options.rate:g}")
    if not options.start >= 0:
        raise UserError(f"--start must be 0 or more, not {options.start:g}")
    if options.listeners < 0:
        raise UserError(f"--listeners must be 0 or more, not {options.listeners}")
    recording = open_recording(options.recording, options.topic)
    if options.start > recording.duration_s:
        raise UserError(
            f"--start {options.start:g} lies behind the end: '{options.recording}' has "
            f"{recording.duration_s:.1f} s"
        )
    try:
        from stalk_ros.ros.replay import ReplayOptions, replay
    except ImportError as error:
        raise UserError(f"stalk replay needs ROS 2: source its setup file first ({error})") from None
    how = ReplayOptions(
        options.rate, options.clock, options.loop, options.start, options.namespace, options.listeners
    )
    replay(recording, how)
    complain(recording.problem)
