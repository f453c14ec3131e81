"""``stalk run``: the whole conversation in a recording, at full speed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.cli.arguments import add_audio_topic, add_configuration

if TYPE_CHECKING:
    import argparse

    from stalk_ros.cli.arguments import Commands

FILES = {
    "events": "write the events as JSON lines",
    "json": "write the whole conversation as one JSON document",
    "rttm": "write who spoke when as RTTM",
    "srt": "write what was said as SubRip subtitles",
    "vtt": "write what was said as WebVTT subtitles",
    "textgrid": "write who said what when as a TextGrid, for Praat and ELAN",
}
"""The text files that it writes: the formats of `stalk_ros.offline.exports`."""


def add(commands: Commands) -> None:
    """Add the command."""
    run = commands.add_parser("run", help="run the whole conversation in a recording, at full speed")
    run.add_argument("recording", type=Path, help="any audio file libsndfile reads, or a ROS 2 bag")
    add_audio_topic(run)
    for name, explained in FILES.items():
        run.add_argument(f"--{name}", type=Path, metavar="FILE", help=explained)
    run.add_argument(
        "--bag", type=Path, metavar="FOLDER", help="write all that the nodes would publish as a bag"
    )
    run.add_argument("--report", type=Path, metavar="FILE", help="write a report as one HTML page")
    run.add_argument(
        "--with-sound", action="store_true", help="embed the audio in the report, to be listened to there"
    )
    run.add_argument(
        "--partials",
        action="store_true",
        help="also show what is understood while somebody speaks, which takes longer",
    )
    add_configuration(run)
    run.set_defaults(handler=_run)


def _run(options: argparse.Namespace) -> None:
    from stalk_ros.offline.configuration import load
    from stalk_ros.offline.outputs import Outputs
    from stalk_ros.offline.run import run

    # Partials are for those who watch while people speak, whatever a robot's params file says.
    partials = f"asr.partials={str(options.partials).lower()}"
    configuration = load(options.params_file, (partials, *options.set))
    files = {name: path for name in FILES if (path := getattr(options, name)) is not None}
    outputs = Outputs(files, options.bag, options.report, options.with_sound)
    run(options.recording, configuration, outputs, options.topic)
