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

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.*")
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
        example = f"for instance with: hf download {REPOSITORIES[DEFAULT]} --local-dir '{folder}'"
        return _complete(folder, example)
    repository = REPOSITORIES.get(model, model)
    if not _REPOSITORY.fullmatch(repository):
        if folder.name == model:
            raise UserError(f"there is no model '{model}'; there are: {', '.join(REPOSITORIES)}")
        raise UserError(f"there is no model folder '{model}'")
    command = f"with: hf download {repository}"
    snapshot = _snapshot(repository)
    if snapshot is None:
        what = "model" if model in REPOSITORIES else "folder or model"
        raise UserError(f"there is no {what} '{model}' on this machine; fetch it {_online(command)}")
    return _complete(snapshot, command)


def _complete(folder: Path, command: str) -> Path:
    missing = [name for name in _FILES if not any(path.is_file() for path in folder.glob(name))]
    if "model.bin" in missing and any((folder / name).is_file() for name in _UNCONVERTED):
        raise UserError(
            f"model folder '{folder}' is not made for faster-whisper; convert it with: "
            f"ct2-transformers-converter --model '{folder}' --output_dir OTHER "
            "--copy_files tokenizer.json preprocessor_config.json"
        )
    if missing:
        raise UserError(
            f"model folder '{folder}' is incomplete, it lacks {', '.join(missing)}; "
            f"fetch it {_online(command)}"
        )
    return folder


def _online(command: str) -> str:
    """The command, with what keeps it from working."""
    offline = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return f"{command} (first unset HF_HUB_OFFLINE)" if offline.upper() in _YES else command


def _snapshot(repository: str) -> Path | None:
    """The newest version in the Hugging Face cache, laid out as https://huggingface.co/docs/hub/local-cache."""
    root = _cache() / f"models--{repository.replace('/', '--')}"
    try:
        commit = (root / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    snapshot = root / "snapshots" / commit
    return snapshot if snapshot.is_dir() else None


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
