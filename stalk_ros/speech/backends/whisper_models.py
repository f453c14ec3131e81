"""Where the Whisper models are on this machine. Nothing here imports an engine or asks the network."""

from __future__ import annotations

import os
import re
from pathlib import Path

from stalk_ros.errors import UserError

DEFAULT = "small"

_SIZES = "tiny tiny.en base base.en small small.en medium medium.en large-v1 large-v2 large-v3"
_DISTILLED = "small.en medium.en large-v2 large-v3"
_TURBO = "mobiuslabsgmbh/faster-whisper-large-v3-turbo"

REPOSITORIES = {
    **{size: f"Systran/faster-whisper-{size}" for size in _SIZES.split()},
    **{f"distil-{size}": f"Systran/faster-distil-whisper-{size}" for size in _DISTILLED.split()},
    "large": "Systran/faster-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
    "large-v3-turbo": _TURBO,
    "turbo": _TURBO,
}
"""What faster-whisper calls the models, and the Hugging Face repository of each."""

MEGABYTES = {
    name: megabytes
    for megabytes, names in (
        (80, "tiny tiny.en"),
        (150, "base base.en"),
        (490, "small small.en"),
        (1530, "medium medium.en"),
        (3090, "large large-v1 large-v2 large-v3"),
        (1620, "large-v3-turbo turbo"),
        (340, "distil-small.en"),
        (790, "distil-medium.en"),
        (1520, "distil-large-v2 distil-large-v3 distil-large-v3.5"),
    )
    for name in names.split()
}
"""About what each takes on disk: two bytes for each of its published parameters, and the tokenizer."""

FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.*")
"""What faster-whisper cannot do without; it goes to the network for what is missing."""

OPTIONAL_FILES = ("preprocessor_config.json",)
"""What only some models have and need."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_UNCONVERTED = ("model.safetensors", "pytorch_model.bin")
_YES = ("1", "ON", "YES", "TRUE")


def located(model: str) -> Path:
    """The folder of a model.

    Args:
        model: a folder, a size such as "small" or a Hugging Face repository; "" = `DEFAULT`.

    Raises:
        UserError: there is no such model here or files of it are missing; says how to get them.
    """
    model = model or DEFAULT
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _complete(folder, f"copy it again or fetch another one with: {pull_command(DEFAULT)}")
    repository = REPOSITORIES.get(model, model)
    if not is_repository(repository):
        if folder.name == model:
            raise UserError(f"there is no model '{model}'; there are: {', '.join(REPOSITORIES)}")
        raise UserError(f"there is no model folder '{model}'")
    remedy = f"fetch it with: {pull_command(model)}"
    folder_in_cache = snapshot(repository)
    if folder_in_cache is None:
        what = "model" if model in REPOSITORIES else "folder or model"
        raise UserError(f"there is no {what} '{model}' on this machine; {remedy}")
    return _complete(folder_in_cache, remedy)


def _complete(folder: Path, remedy: str) -> Path:
    missing = [name for name in FILES if not any(path.is_file() for path in folder.glob(name))]
    if "model.bin" in missing and any((folder / name).is_file() for name in _UNCONVERTED):
        raise UserError(
            f"model folder '{folder}' is not made for faster-whisper; convert it with: "
            f"ct2-transformers-converter --model '{folder}' --output_dir OTHER "
            "--copy_files tokenizer.json preprocessor_config.json"
        )
    if missing:
        raise UserError(f"model folder '{folder}' is incomplete, it lacks {', '.join(missing)}; {remedy}")
    return folder


def is_repository(name: str) -> bool:
    """Whether a name can be that of a Hugging Face repository."""
    return _REPOSITORY.fullmatch(name) is not None


def pull_command(name: str) -> str:
    """The command that fetches a model, with what keeps it from working."""
    return f"stalk models pull {name}" + (" (first unset HF_HUB_OFFLINE)" if offline() else "")


def offline() -> bool:
    """Whether the user has forbidden to ask the Hugging Face hub, in the words that it understands."""
    forbidden = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return forbidden.upper() in _YES


def snapshot(repository: str) -> Path | None:
    """The folder with the newest version of a repository that is here, complete or not."""
    root = cached(repository)
    try:
        commit = (root / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = root / "snapshots" / commit
    return folder if folder.is_dir() else None


def cached(repository: str) -> Path:
    """Where a repository is in the Hugging Face cache, laid out as https://huggingface.co/docs/hub/local-cache."""
    return _cache() / f"models--{repository.replace('/', '--')}"


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
