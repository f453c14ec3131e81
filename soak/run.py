"""Injects faults into the real nodes for minutes to hours, and prints Markdown about what became of them.

Parts: {parts}.
Ends with 1 when something broke that must not.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path

from stalk_ros.errors import UserError

PARTS = {"kills": "whether a node that is killed is back, and what is lost meanwhile"}
"""Each is a module of this name with a function ``run(options)``, which prints what it finds and returns what
broke, a line each; it is imported when it is wanted."""


def main() -> None:
    """Run the parts, one after another."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as nobody:
        # Who is enrolled on this machine must not be heard here, nor forgotten.
        os.environ["XDG_DATA_HOME"] = nobody
        broken = _run(options)
    for line in broken:
        print(f"soak: {line}", file=sys.stderr)
    sys.exit(bool(broken))


def _run(options: argparse.Namespace) -> list[str]:
    unknown = [part for part in options.parts if part not in PARTS]
    try:
        if unknown:
            raise UserError(f"there is no part '{unknown[0]}'; there are {', '.join(PARTS)}")
        print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores")
        broken: list[str] = []
        for part in options.parts or PARTS:
            print(f"\n## {part}: {PARTS[part]}\n", flush=True)
            broken += [f"{part}: {line}" for line in importlib.import_module(f"soak.{part}").run(options)]
    except UserError as error:
        return [str(error)]
    return broken


def _parser() -> argparse.ArgumentParser:
    parts = "; ".join(f"{name} ({question})" for name, question in PARTS.items())
    parser = argparse.ArgumentParser(description=(__doc__ or "").format(parts=parts))
    parser.add_argument("parts", nargs="*", help="what to run")
    parser.add_argument("--data", type=Path, metavar="DIR", help="recordings to play instead of the sample")
    parser.add_argument(
        "--rounds", type=int, default=0, metavar="N", help="how often or how long, in the unit of each part"
    )
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn by chance")
    return parser


if __name__ == "__main__":
    main()
