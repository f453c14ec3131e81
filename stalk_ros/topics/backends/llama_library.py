"""What llama.cpp itself tells, beside the classes of llama-cpp-python."""

from __future__ import annotations

import ctypes
from collections import deque
from functools import cache
from typing import Any

_LOG_ERROR = 4
"""The library's number for errors (GGML_LOG_LEVEL_ERROR)."""

_UNREADABLE = (
    "it is damaged or of a kind that this llama-cpp-python does not know; fetch it again, or update "
    "llama-cpp-python"
)


def complaints() -> deque[str]:
    """The last of what the library logs as errors, which says more than its exceptions; grows by itself."""
    return _log()[0]


@cache
def _log() -> tuple[deque[str], object]:
    """What is logged, and what the library calls to log, as long as it is loaded."""
    import llama_cpp

    found: deque[str] = deque(maxlen=3)

    def log(level: int, text: bytes, _: Any) -> None:
        if level == _LOG_ERROR:
            found.append(" ".join(text.decode("utf-8", "replace").split()))

    callback = llama_cpp.llama_log_callback(log)
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    return found, callback


def trained_tokens(lib: Any, path: str) -> int:
    """The context that a model was trained for, read without its weights; 0 = not told.

    Raises:
        ValueError: it cannot be read; says what to do about it.
    """
    parameters = lib.llama_model_default_params()
    parameters.vocab_only = True
    model = lib.llama_model_load_from_file(path.encode(), parameters)
    if not model:
        raise ValueError(_UNREADABLE)
    try:
        architecture = _metadata(lib, model, "general.architecture")
        return int(_metadata(lib, model, f"{architecture}.context_length") or 0)
    finally:
        lib.llama_model_free(model)


def _metadata(lib: Any, model: Any, key: str) -> str:
    """A short text of a model's metadata; "" where there is none."""
    text = ctypes.create_string_buffer(100)
    length = lib.llama_model_meta_val_str(model, key.encode(), text, len(text))
    return text.value.decode("utf-8", "replace") if length >= 0 else ""
