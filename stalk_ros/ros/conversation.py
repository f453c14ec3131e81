"""The nodes of a conversation: kept running, in one process or each in its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stalk_ros.ros.supervisor import Supervisor

NODES = ("topic_recommender", "diarization", "asr", "audio_capture")
"""Those that listen start first."""

_ROS_ARGUMENTS = "--ros-args"


def main() -> None:
    """Run the nodes that are named, or all."""
    parser = argparse.ArgumentParser(
        prog="conversation", description="Run nodes, and start them again when they die."
    )
    parser.add_argument("nodes", nargs="*", metavar="NODE", help=f"of {', '.join(NODES)}; by default all")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--separate", action="store_true", help="each in a process of its own, not all in one")
    how.add_argument(
        "--unsupervised", action="store_true", help="in this process, which somebody else starts again"
    )
    own, for_ros = _divided(sys.argv[1:])
    options = parser.parse_args(own)
    for name in options.nodes:
        if name not in NODES:
            parser.error(f"there is no node '{name}', only {', '.join(NODES)}")
    names = [name for name in NODES if name in (options.nodes or NODES)]
    if options.unsupervised:
        from stalk_ros.ros import composed

        composed.run(names)
        return
    program = Path(sys.argv[0])
    if options.separate:
        commands = {name: [sys.executable, str(program.with_name(name)), *for_ros] for name in names}
    else:
        commands = {program.name: [sys.executable, str(program), "--unsupervised", *names, *for_ros]}
    sys.exit(Supervisor(commands).run())


def _divided(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Those for this program, and those for ROS 2, which need not be loaded for that."""
    if _ROS_ARGUMENTS not in arguments:
        return arguments, []
    begin = arguments.index(_ROS_ARGUMENTS)
    end = arguments.index("--", begin) if "--" in arguments[begin:] else len(arguments)
    return arguments[:begin] + arguments[end + 1 :], arguments[begin:end]
