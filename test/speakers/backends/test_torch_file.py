from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.speakers.backends.torch_file import TorchFileError, read_tensors

if TYPE_CHECKING:
    from pathlib import Path

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
SYSTEM = {"protocol_version": 1001, "little_endian": True}


class Name:
    """Pickles as the name of something in a module that need not exist."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Storage:
    def __init__(self, key: str, elements: int, kind: str = "FloatStorage") -> None:
        self.key, self.elements, self.kind = key, elements, kind


class Tensor:
    """Pickles as torch pickles a tensor."""

    def __init__(self, storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]):
        self.arguments = (storage, offset, shape, strides, False, OrderedDict())


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function: Name, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments


class Writer(pickle._Pickler):
    """Writes as torch before 1.6 did. The pickler in Python can write names that cannot be imported."""

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, Storage):
            return ("storage", Name("torch", obj.kind), obj.key, "cpu", obj.elements, None)
        return None

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Name):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Tensor):
            self._call(Name("torch._utils", "_rebuild_tensor_v2"), obj.arguments)
        elif isinstance(obj, Call):
            self._call(obj.function, obj.arguments)
        else:
            super().save(obj, save_persistent_id)

    def _call(self, function: Name, arguments: tuple[Any, ...]) -> None:
        self.save(function)
        self.save(arguments)
        self.write(pickle.REDUCE)


def write(path: Path, content: Any, storages: dict[str, np.ndarray], system: Any = SYSTEM) -> Path:
    with path.open("wb") as file:
        for item in (MAGIC_NUMBER, 1001, system, content, sorted(storages)):
            Writer(file, protocol=2).dump(item)
        for key in sorted(storages):
            file.write(len(storages[key]).to_bytes(8, "little") + storages[key].astype("<f4").tobytes())
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.pt"


def test_tensors_are_views_of_the_storages_that_follow(path: Path) -> None:
    shared, own = Storage("7", 10), Storage("3", 2)
    model = OrderedDict(a=Tensor(shared, 1, (2, 3), (3, 1)), b=Tensor(shared, 7, (3,), (1,)))
    content = {"step": 5, "other": {"skipped": Tensor(own, 0, (2,), (1,))}, "model": model}
    write(path, content, {"3": np.array([9, 9]), "7": np.arange(10)})
    tensors = read_tensors(path, "model")
    assert set(tensors) == {"a", "b"}
    assert tensors["a"].dtype == np.float32
    assert tensors["a"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert tensors["b"].tolist() == [7, 8, 9]


def test_a_file_cannot_run_code(path: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    write(path, {"model": Call(Name("os", "mkdir"), str(trace))}, {})
    with pytest.raises(TorchFileError, match=r"os\.mkdir"):
        read_tensors(path, "model")
    assert not trace.exists()


def test_a_file_cannot_run_code_before_its_content(path: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    write(path, {"model": {}}, {}, system=Call(Name("builtins", "exec"), f"open({str(trace)!r}, 'w')"))
    with pytest.raises(TorchFileError, match=r"builtins\.exec"):
        read_tensors(path, "model")
    assert not trace.exists()


@pytest.mark.parametrize(
    "tensor",
    [
        Tensor(Storage("1", 4), 0, (2, 2), (1, 2)),
        Tensor(Storage("1", 4), 2, (3,), (1,)),
        Tensor(Storage("1", 4), -2, (2,), (1,)),
        Tensor(Storage("2", 4), 0, (4,), (1,)),
        Tensor(Storage("1", 4, "DoubleStorage"), 0, (4,), (1,)),
    ],
    ids=["transposed", "beyond its storage", "before its storage", "without storage", "not float32"],
)
def test_a_tensor_that_cannot_be_read_as_it_was_meant_is_an_error(path: Path, tensor: Tensor) -> None:
    write(path, {"model": {"a": tensor}}, {"1": np.arange(4)})
    with pytest.raises(TorchFileError):
        read_tensors(path, "model")


def test_the_last_storage_must_be_complete(path: Path) -> None:
    write(path, {"model": {"a": Tensor(Storage("1", 4), 0, (4,), (1,))}}, {"1": np.arange(4)})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TorchFileError, match="cut off"):
        read_tensors(path, "model")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04\nzip\n", b"\x80\x02", pickle.dumps(1, 2), pickle.dumps("x" * 50), b"\x00" * 99],
)
def test_another_file_is_an_error(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(TorchFileError, match="not in torch's legacy format"):
        read_tensors(path, "model")


def test_a_file_cannot_write_to_the_terminal(path: Path) -> None:
    write(path, {"model": Name("\x1b[2J", "x")}, {})
    with pytest.raises(TorchFileError) as caught:
        read_tensors(path, "model")
    assert str(caught.value).isprintable()


def test_the_entry_must_be_there(path: Path) -> None:
    write(path, {"something": {}}, {})
    with pytest.raises(TorchFileError, match="model"):
        read_tensors(path, "model")


def test_a_file_that_is_not_there_is_an_os_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_tensors(path, "model")
