"""The Whisper models that faster-whisper knows, and where they are on this machine."""

from __future__ import annotations

from pathlib import Path

from stalk_ros.errors import UserError
from stalk_ros.model import HubModel, is_repository

DEFAULT = "small"

_FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.*")
"""What faster-whisper cannot do without; it goes to the network for what is missing."""

_UNCONVERTED = ("model.safetensors", "pytorch_model.bin")


def whisper(repository: str, name: str = "", megabytes: int | None = None) -> HubModel:
    """The Whisper model in a Hugging Face repository, called as the repository where it has no other name."""
    return HubModel(
        name=name or repository,
        stage="speech to text",
        default=name == DEFAULT,
        repository=repository,
        files=_FILES,
        optional=("preprocessor_config.json",),  # what only some models have and need
        megabytes=megabytes,
    )


MODELS = tuple(
    whisper(repository.format(name), name, megabytes)
    for megabytes, repository, names in (
        (80, "Systran/faster-whisper-{}", "tiny tiny.en"),
        (150, "Systran/faster-whisper-{}", "base base.en"),
        (490, "Systran/faster-whisper-{}", "small small.en"),
        (1530, "Systran/faster-whisper-{}", "medium medium.en"),
        (3090, "Systran/faster-whisper-{}", "large-v1 large-v2 large-v3"),
        (340, "Systran/faster-distil-whisper-small.en", "distil-small.en"),
        (790, "Systran/faster-distil-whisper-medium.en", "distil-medium.en"),
        (1520, "Systran/faster-distil-whisper-large-v2", "distil-large-v2"),
        (1520, "Systran/faster-distil-whisper-large-v3", "distil-large-v3"),
        (3090, "Systran/faster-whisper-large-v3", "large"),
        (1520, "distil-whisper/distil-large-v3.5-ct2", "distil-large-v3.5"),
        (1620, "mobiuslabsgmbh/faster-whisper-large-v3-turbo", "large-v3-turbo turbo"),
    )
    for name in names.split()
)
"""By the names of faster-whisper; the size is two bytes for each published parameter, and the tokenizer."""


def located(model: str) -> Path:
    """The folder of a model.

    Args:
        model: a folder, a size such as "small" or a Hugging Face repository; "" = `DEFAULT`.

    Raises:
        UserError: there is no such model here or files of it are missing; says how to get them.
    """
    known = {one.name: one for one in MODELS}
    model = model or DEFAULT
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _complete(folder, f"copy it again or fetch another one with: {known[DEFAULT].pull_command()}")
    if model not in known and not is_repository(model):
        if folder.name == model:
            raise UserError(f"there is no model '{model}'; there are: {', '.join(known)}")
        raise UserError(f"there is no model folder '{model}'")
    wanted = known.get(model) or whisper(model)
    snapshot = wanted.snapshot()
    if snapshot is None:
        what = "model" if model in known else "folder or model"
        raise UserError(f"there is no {what} '{model}' on this machine; {wanted.remedy()}")
    return _complete(snapshot, wanted.remedy())


def _complete(folder: Path, remedy: str) -> Path:
    missing = [name for name in _FILES if not any(path.is_file() for path in folder.glob(name))]
    if "model.bin" in missing and any((folder / name).is_file() for name in _UNCONVERTED):
        raise UserError(
            f"model folder '{folder}' is not made for faster-whisper; convert it with: "
            f"ct2-transformers-converter --model '{folder}' --output_dir OTHER "
            "--copy_files tokenizer.json preprocessor_config.json"
        )
    if missing:
        raise UserError(f"model folder '{folder}' is incomplete, it lacks {', '.join(missing)}; {remedy}")
    return folder
