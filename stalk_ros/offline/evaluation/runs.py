"""What was measured in one go, and its file."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import platform
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stalk_ros.errors import UserError
from stalk_ros.offline.configuration import STAGES
from stalk_ros.offline.evaluation.scores import Ratio, Scores

if TYPE_CHECKING:
    from stalk_ros.offline.configuration import Configuration

RUN_FORMAT = "stalk_ros evaluation"
_VERSION = 1
_PACKAGES = (
    "stalk_ros",
    "ctranslate2",
    "faster-whisper",
    "jiwer",
    "llama_cpp_python",
    "numpy",
    "onnxruntime",
    "pocketsphinx",
    "pyannote.metrics",
    "Resemblyzer",
    "silero-vad",
    "torch",
)
"""Those whose versions may change what comes out, or how it is scored."""


@dataclass(frozen=True)
class Measured:
    """A recording with its scores.

    Attributes:
        name: its place below the folder.
        duration_s: of its audio, in seconds.
        fingerprint: differs where the truth does.
        scores: see `Scores`.
    """

    name: str
    duration_s: float
    fingerprint: str
    scores: Scores


@dataclass
class Run:
    """What was measured with one configuration.

    Attributes:
        folder: where the recordings are.
        began: date and time.
        parameters: name of a node to its parameters.
        engines: name of a node to the name of its engine.
        machine: what it ran on.
        versions: of packages.
        memory_mib: "peak", and by how much memory grew as each node's stage was loaded.
        recordings: in the order of the folder.
        failures: name of a recording to what went wrong.
    """

    folder: str
    began: str
    parameters: dict[str, dict[str, Any]]
    engines: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str | int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    memory_mib: dict[str, float] = field(default_factory=dict)
    recordings: list[Measured] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, folder: Path, configuration: Configuration) -> Run:
        """A run on this machine in which nothing is measured yet."""
        return cls(
            folder=str(folder),
            began=datetime.now().astimezone().isoformat(timespec="seconds"),
            parameters={node: dataclasses.asdict(getattr(configuration, node)) for node in STAGES},
            machine={
                "processor": _processor(),
                "cores": len(os.sched_getaffinity(0)),
                "system": platform.platform(),
                "python": platform.python_version(),
            },
            versions=_versions(),
        )

    @property
    def scores(self) -> list[Scores]:
        """Of all recordings, in their order."""
        return [recording.scores for recording in self.recordings]

    def content(self) -> dict[str, Any]:
        """The run as JSON has it; ``ratios`` are [part, whole]."""
        return {"format": RUN_FORMAT, "version": _VERSION, **dataclasses.asdict(self)} | {
            "recordings": [_recording(recording) for recording in self.recordings]
        }


def read_run(path: Path) -> Run:
    """The run in a file that ``--save`` wrote.

    Raises:
        UserError: it cannot be read, or is something else, or of another version.
    """
    content = _content(path)
    if content.pop("format", None) != RUN_FORMAT:
        raise UserError(f"'{path}' is no run that 'stalk evaluate --save' wrote")
    if (version := content.pop("version", None)) != _VERSION:
        raise UserError(f"'{path}' is a run of version {version!r}, not {_VERSION}; measure it again")
    try:
        run = Run(**content)
        run.recordings = [_measured(**recording) for recording in content["recordings"]]
        _check(run)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"'{path}' is a damaged run ({error}); measure it again") from None
    return run


def check_replaceable(path: Path, form: str) -> None:
    """Make sure that an output takes the place of nothing, or of a file of the same format.

    Raises:
        UserError: something else is there, such as the truth about a recording.
    """
    if path.is_file() and _content(path).get("format") != form:
        raise UserError(f"'{path}' is there, and no {form}; choose another name")


def _content(path: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one where there is something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read '{path}': {error.strerror}") from None
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _check(run: Run) -> None:
    for mapping in (run.parameters, run.engines, run.machine, run.versions, run.memory_mib, run.failures):
        mapping.items()
    for node, parameters in run.parameters.items():
        if node not in STAGES:
            raise ValueError(f"node {node!r}")
        parameters.items()


def _recording(measured: Measured) -> dict[str, Any]:
    scores = measured.scores
    ratios = {name: [ratio.part, ratio.whole] for name, ratio in scores.ratios.items()}
    return {
        "name": measured.name,
        "duration_s": measured.duration_s,
        "fingerprint": measured.fingerprint,
        "ratios": ratios,
        "times_s": {name: list(times) for name, times in scores.times_s.items()},
    }


def _measured(
    name: str,
    duration_s: float,
    fingerprint: str,
    ratios: dict[str, list[float]],
    times_s: dict[str, list[float]],
) -> Measured:
    scores = Scores(
        {name: Ratio(float(part), float(whole)) for name, (part, whole) in ratios.items()},
        {name: tuple(map(float, times)) for name, times in times_s.items()},
    )
    return Measured(str(name), float(duration_s), str(fingerprint), scores)


def _processor() -> str:
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        described = ""
    for line in described.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        # Not installed, so not used; or built by a ROS workspace.
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return versions
