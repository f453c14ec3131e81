"""The Llama 3 models that are known by name, and where a GGUF file is on this machine."""

from __future__ import annotations

from pathlib import Path

from stalk_ros.errors import UserError
from stalk_ros.model import HubModel, is_repository

DEFAULT = "llama-3.2-3b"

_SUFFIX = ".gguf"
_MAGIC = b"GGUF"


def gguf(repository: str, file: str, name: str = "", megabytes: int | None = None) -> HubModel:
    """The model in a file of a Hugging Face repository; without another name, "owner/name/file" is its."""
    return HubModel(
        name=name or f"{repository}/{file}",
        stage="topics",
        default=name == DEFAULT,
        repository=repository,
        files=(file,),
        megabytes=megabytes,
    )


MODELS = (
    gguf("bartowski/Llama-3.2-1B-Instruct-GGUF", "Llama-3.2-1B-Instruct-Q4_K_M.gguf", "llama-3.2-1b", 808),
    gguf("bartowski/Llama-3.2-3B-Instruct-GGUF", "Llama-3.2-3B-Instruct-Q4_K_M.gguf", DEFAULT, 2019),
    gguf(
        "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF",
        "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
        "llama-3.1-8b",
        4921,
    ),
)
"""Meta's models as converted by others, at 4 bits. Meta's own repositories have no GGUF."""


def named(name: str) -> HubModel | None:
    """The model that is called "owner/name/file.gguf"; None when that is no such name.

    Raises:
        UserError: it is a repository with such files, by its name, and none of them.
    """
    if is_repository(name) and name.lower().endswith("gguf"):
        raise UserError(f"'{name}' is a repository of GGUF files: name one of them, as {name}/FILE{_SUFFIX}")
    owner, _, rest = name.partition("/")
    repository, _, file = rest.partition("/")
    repository = f"{owner}/{repository}"
    return gguf(repository, file) if file.endswith(_SUFFIX) and is_repository(repository) else None


def located(model: str, file: str) -> Path:
    """The GGUF file of a model.

    Args:
        model: a path, a name of `MODELS` or a Hugging Face repository; "" = `DEFAULT`.
        file: the file in the repository; "" = the one of the model that is known by its name.

    Raises:
        UserError: there is no such model here, or it is no GGUF file; says how to get it.
    """
    path = Path(model).expanduser()
    if model and path.is_file():
        return checked(path, "model")
    known = {one.name: one for one in MODELS}.get(model or DEFAULT)
    if known:
        wanted = gguf(known.repository, file) if file not in ("", known.files[0]) else known
    elif path.is_dir():
        raise UserError(f"'{model}' is a folder; parameter 'model' must name the GGUF file in it")
    elif one := named(model) if model.count("/") > 1 else None:
        raise UserError(
            f"there is no model file '{model}'; of a Hugging Face repository it is parameter 'model' "
            f"{one.repository} and 'model_file' {one.files[0]}"
        )
    elif model.endswith(_SUFFIX) or not is_repository(model):
        names = ", ".join(one.name for one in MODELS)
        raise UserError(f"there is no model file '{model}'; known by name are: {names}")
    elif not file:
        raise UserError(f"parameter 'model_file' must name the GGUF file in the repository '{model}'")
    else:
        wanted = gguf(model, file)
    return checked(wanted.located(), "model")


def checked(path: Path, what: str) -> Path:
    """``path``, which is that of a GGUF file; ``what`` it is goes into the `UserError` when it is not."""
    try:
        with path.open("rb") as opened:
            magic = opened.read(len(_MAGIC))
    except OSError as error:
        raise UserError(f"cannot read {what} '{path}': {error.strerror}") from None
    if magic != _MAGIC:
        raise UserError(
            f"{what} '{path}' is not a GGUF file; take one from a repository whose name ends with GGUF, or "
            "convert it with llama.cpp's own converter"
        )
    return path
