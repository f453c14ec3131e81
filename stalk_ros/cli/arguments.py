"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Add ``--params-file`` and ``--set``."""
    parser.add_argument("--params-file", type=Path, metavar="FILE", help="a params file of the nodes")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NODE.PARAMETER=VALUE",
        help="set one parameter, such as asr.end_of_turn_s=0.8",
    )


def add_audio_topic(parser: argparse.ArgumentParser) -> None:
    """Add ``--topic``."""
    parser.add_argument(
        "--topic", default="", metavar="NAME", help="the audio topic of a bag that has more than one"
    )
