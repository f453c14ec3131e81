"""What a model is made of, where it is on this machine and how a user gets it.

A backend declares its models with these classes, in a tuple ``MODELS``, and finds its files by them. Nothing
here imports an engine or asks the network.
"""

from __future__ import annotations

import importlib.util
import os
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from stalk_ros.errors import UserError

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_YES = ("1", "ON", "YES", "TRUE")


@dataclass(frozen=True)
class State:
    """What there is of a model on this machine.

    Attributes:
        path: the folder of a model of several files, the file of a model of one; None = it cannot be used.
        problem: why it cannot be used, "" = it can.
    """

    path: Path | None
    problem: str = ""

    def size_bytes(self) -> int:
        """What a model that is here takes on disk."""
        assert self.path
        files = [self.path] if self.path.is_file() else self.path.rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file())


@dataclass(frozen=True, kw_only=True)
class Model(ABC):
    """A model that the package can use.

    Attributes:
        name: what the user calls it.
        stage: what it is for, in the words of the README.
        default: whether the package takes it where nothing else is asked for.
    """

    name: str
    stage: str
    default: bool = False

    @abstractmethod
    def state(self) -> State:
        """What there is of it on this machine."""

    @abstractmethod
    def remedy(self) -> str:
        """What to do where it is not here: a clause with a command."""

    def located(self) -> Path:
        """Where it is, see `State.path`.

        Raises:
            UserError: it is not here; says how to get it.
        """
        state = self.state()
        if state.path is None:
            raise UserError(f"model '{self.name}' is {state.problem}; {self.remedy()}")
        return state.path


@dataclass(frozen=True, kw_only=True)
class WheelModel(Model):
    """A model that comes with a Python package.

    Attributes:
        places: packages that bring it, each with the path of the file or folder inside, best first.
        install: the command that installs the first of them, with what the engine needs to run it.
    """

    places: tuple[tuple[str, str], ...]
    install: str

    def state(self) -> State:
        """See `Model.state`."""
        for package, inside in self.places:
            # find_spec reads where the package is without running it: some would import torch.
            spec = importlib.util.find_spec(package)
            for folder in (spec.submodule_search_locations if spec else None) or ():
                if (Path(folder) / inside).exists():
                    return State(Path(folder) / inside)
        return State(None, "not here")

    def remedy(self) -> str:
        """See `Model.remedy`."""
        return f"it comes with a Python package: {self.install}"


@dataclass(frozen=True, kw_only=True)
class HubModel(Model):
    """A model that is files of a Hugging Face repository.

    Attributes:
        repository: "owner/name".
        files: patterns, as of a shell, of the files that make the model; a model of one file gives its name.
        optional: patterns of files that it uses where the repository has them.
        megabytes: about what there is to fetch, None = not known.
    """

    repository: str
    files: tuple[str, ...]
    optional: tuple[str, ...] = ()
    megabytes: int | None = None

    @property
    def root(self) -> Path:
        """Where it belongs in the Hugging Face cache, see https://huggingface.co/docs/hub/local-cache."""
        return _cache() / f"models--{self.repository.replace('/', '--')}"

    def snapshot(self) -> Path | None:
        """The folder with the newest version of the repository that is here, complete or not."""
        try:
            commit = (self.root / "refs" / "main").read_text(encoding="utf-8").strip()
        except OSError:
            return None
        folder = self.root / "snapshots" / commit
        return folder if folder.is_dir() else None

    def wants(self, file: str) -> bool:
        """Whether a file of the repository belongs to the model."""
        return any(_matches(file, pattern) for pattern in (*self.files, *self.optional))

    def lacking(self, files: list[str]) -> list[str]:
        """The patterns that none of the files of a repository or folder meets."""
        return [pattern for pattern in self.files if not any(_matches(file, pattern) for file in files)]

    def present(self) -> dict[str, Path]:
        """The files of the model that are here, by their names in the repository."""
        snapshot = self.snapshot()
        if snapshot is None:
            return {}
        # A link to what an interrupted download has not brought is no file.
        paths = {
            path.relative_to(snapshot).as_posix(): path for path in snapshot.rglob("*") if path.is_file()
        }
        return {file: path for file, path in paths.items() if self.wants(file)}

    def state(self) -> State:
        """See `Model.state`."""
        snapshot = self.snapshot()
        if snapshot is None:
            begun = any(self.root.glob("blobs/*"))
            return State(None, "incomplete, its download was interrupted" if begun else "not here")
        present = self.present()
        lacking = self.lacking([*present])
        if lacking:
            return State(None, f"incomplete, it lacks {', '.join(lacking)}")
        single = len(self.files) == 1 and not self.optional
        return State(next(iter(present.values())) if single else snapshot)

    def remedy(self) -> str:
        """See `Model.remedy`."""
        return f"fetch it with: {self.pull_command()}"

    def pull_command(self) -> str:
        """The command that fetches it, with what keeps that from working."""
        return f"stalk models pull {self.name}" + (" (first unset HF_HUB_OFFLINE)" if offline() else "")


def is_repository(name: str) -> bool:
    """Whether a name can be that of a Hugging Face repository."""
    return _REPOSITORY.fullmatch(name) is not None


def offline() -> bool:
    """Whether the user has forbidden to ask the Hugging Face hub, in the words that it understands."""
    forbidden = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return forbidden.upper() in _YES


def _matches(file: str, pattern: str) -> bool:
    # To fnmatch a star may stand for folders too.
    return fnmatchcase(file, pattern) and file.count("/") == pattern.count("/")


def _cache() -> Path:
    for variable, inside in (
        ("HF_HUB_CACHE", ""),
        ("HUGGINGFACE_HUB_CACHE", ""),
        ("HF_HOME", "hub"),
        ("XDG_CACHE_HOME", "huggingface/hub"),
    ):
        if os.environ.get(variable):
            return Path(os.path.expandvars(os.environ[variable])).expanduser() / inside
    return Path.home() / ".cache/huggingface/hub"
