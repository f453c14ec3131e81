"""Measures the package and prints Markdown; without names, all parts one after another.

Parts: {parts}.
The truth lies beside a recording as ``<name>.rttm``, ``<name>.json`` or ``references.json``.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import resource
import sys
import tempfile
from datetime import date
from pathlib import Path

from stalk_ros.errors import UserError

PARTS = {
    "microphone": "whether it gives what the file gives",
    "hour": "how fast an hour of talk is run, where the time goes, and whether memory stays flat",
    "completeness": "whether a word is lost or doubled on the way to the engine",
    "latency": "how long after it is said a word is out, and what partials cost",
    "whole_file": "what streaming costs in words",
    "side_by_side": "another streaming policy on the same engine",
    "noise": "what is made of noise",
    "capture": "what the microphone costs, and how soon a chunk is with its subscribers",
    "listening": "what listening costs",
    "load": "what happens when the engine is too slow",
    "diarization": "who said what, beside what can be had at best",
    "conditions": "what level, noise and a telephone line cost there",
    "orders": "what the order of recordings changes there",
    "settling": "what is won by waiting there",
    "enrolment": "whether people are known again in other recordings",
    "words": "whether each word goes to who said it",
    "overlap": "whether it is marked where two people speak at once",
    "own_voice": "whether the robot's own voice is told from people where it does not say when it speaks",
    "endurance": "what hours of audio do",
    "speaker_cost": "what telling the voices apart costs, in the third hour as in the first",
    "attacks": "what a robot can be made to say, and what keeping it from that costs",
    "topic_shift": "whether the memory notices that the talk turns to another topic",
    "suggestions": "what the topic bank says in the lapses of talks, to be read",
    "lapses": "whether an offer is made in every lapse of the talk, at its instant, and nowhere else",
    "offers": "how soon an offer is out, and gone when somebody speaks",
    "day": "what ten hours of talk do to the recommender",
    "report": "how fluent the report of two hours is in a browser",
    "models": "what a language model costs, and whether it answers in the form that was asked for",
    "calibration": "what the similarities of a speaker embedding model mean",
}
"""Each is a module of this name with a function ``report(options)``; imported when it is wanted."""


def main() -> None:
    """Measure and print."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as nobody:
        # Who is enrolled on this machine must not be heard in what is measured.
        os.environ["XDG_DATA_HOME"] = nobody
        _measure(options)


def _measure(options: argparse.Namespace) -> None:
    unknown = [part for part in options.parts if part not in PARTS]
    try:
        if unknown:
            raise UserError(f"there is no part '{unknown[0]}'; there are {', '.join(PARTS)}")
        print(f"{date.today()}, {platform.machine()}, {_processor()}, Python {platform.python_version()}")
        for part in options.parts or PARTS:
            print(f"\n## {part}: {PARTS[part]}\n", flush=True)
            _report(part, options)
    except UserError as error:
        sys.exit(f"bench: {error}")
    print(f"\nPeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _report(part: str, options: argparse.Namespace) -> None:
    """Measure one part; one that lacks its data is left out, unless it was asked for."""
    try:
        importlib.import_module(part).report(options)
    except UserError as error:
        if options.parts:
            raise
        print(f"left out: {error}")


def _parser() -> argparse.ArgumentParser:
    parts = "; ".join(f"{name} ({question})" for name, question in PARTS.items())
    parser = argparse.ArgumentParser(description=(__doc__ or "").format(parts=parts))
    parser.add_argument("parts", nargs="*", help="what to measure")
    parser.add_argument("--data", type=Path, metavar="DIR", help="recordings with their truth, for all parts")
    parser.add_argument(
        "--whisper",
        default="",
        metavar="FOLDER",
        help="Whisper model for latency, whole_file and side_by_side instead of PocketSphinx",
    )
    parser.add_argument(
        "--embedder", default="ge2e", metavar="NAME", help="backend that the parts on speakers use"
    )
    parser.add_argument("--embedder-model", default="", metavar="NAME", help="its model, a name or a path")
    parser.add_argument(
        "--whisper-streaming",
        type=Path,
        metavar="DIR",
        help="checkout of github.com/ufal/whisper_streaming for side_by_side",
    )
    parser.add_argument("--dialogues", type=Path, metavar="DIR", help="transcripts for the parts on topics")
    parser.add_argument("--gguf", type=Path, metavar="FILE", help="model for models instead of a random one")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="SVG to draw the curve of settling in")
    return parser


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
