"""Tensors of a file that torch saved, without torch and without running code from the file.

The legacy layout, from before the zip archives of torch 1.6: five pickles (magic number, protocol version,
system, object, keys of the storages), then each storage as the number of its elements and the elements.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np
import numpy.typing as npt

_START = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
"""The magic number, pickled as torch does it."""

_PROTOCOL_VERSION = 1001


class TorchFileError(Exception):
    """The file is not what it should be."""


@dataclass(frozen=True)
class _Storage:
    """A run of float32 numbers that tensors are views of."""

    key: str
    elements: int


@dataclass(frozen=True)
class _View:
    """A tensor before its numbers are read."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]


def read_tensors(path: Path, entry: str) -> dict[str, npt.NDArray[np.float32]]:
    """The float tensors of the dictionary that is under ``entry`` in the saved object, by name.

    Raises:
        TorchFileError: the file is damaged, or holds something else.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        try:
            views = _views(file, entry)
            wanted = {view.storage.key for view in views.values()}
            storages = _storages(file, wanted)
            return {name: _tensor(view, storages) for name, view in views.items()}
        except (OSError, TorchFileError):
            raise
        except Exception as error:  # what a damaged pickle raises can be anything
            raise TorchFileError(f"{type(error).__name__}: {error}") from error


def _views(file: BinaryIO, entry: str) -> dict[str, _View]:
    if file.read(len(_START)) != _START or _Reader(file).load() != _PROTOCOL_VERSION:
        raise TorchFileError("it is not in torch's legacy format")
    system = _Reader(file).load()
    if not system["little_endian"]:
        raise TorchFileError("it is big-endian")
    tensors = _Reader(file).load()[entry]
    return {name: view for name, view in tensors.items() if isinstance(view, _View)}


def _storages(file: BinaryIO, wanted: set[str]) -> dict[str, npt.NDArray[np.float32]]:
    """The storages that are wanted; those of other entries, such as an optimiser's, are skipped."""
    found = {}
    for key in _Reader(file).load():
        elements = int.from_bytes(file.read(8), "little")
        if key in wanted:
            data = file.read(4 * elements)
            if len(data) != 4 * elements:
                raise TorchFileError("it is cut off")
            found[key] = np.frombuffer(data, np.dtype("<f4"))
        else:
            file.seek(4 * elements, 1)
    return found


def _tensor(view: _View, storages: dict[str, npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    end = view.offset + int(np.prod(view.shape))
    return storages[view.storage.key][view.offset : end].reshape(view.shape).astype(np.float32)


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _View:
    """Stands in for torch._utils._rebuild_tensor_v2."""
    contiguous = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    if list(strides) != contiguous:
        raise TorchFileError("a tensor in it is not contiguous")
    return _View(storage, offset, shape)


class _Reader(pickle.Unpickler):
    """Knows only what a file of float tensors needs, so that a file cannot run code."""

    _KNOWN: ClassVar = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch", "FloatStorage"): np.float32,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._KNOWN:
            raise TorchFileError(f"it holds {f'{module}.{name}'!r}, which is no part of such a model")
        return self._KNOWN[module, name]

    def persistent_load(self, reference: Any) -> _Storage:
        kind, _, key, _, elements, *_ = reference
        if kind != "storage":
            raise TorchFileError(f"it refers to a {kind!r}")
        return _Storage(key, elements)
