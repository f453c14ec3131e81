"""The files of a bag, as one."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
import weakref
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from stalk_ros.errors import UserError
from stalk_ros.offline.bags import mcap_file, sqlite_file
from stalk_ros.offline.bags.compression import ZSTD_MAGIC, decompressed, unpack
from stalk_ros.offline.bags.mcap_file import McapFile
from stalk_ros.offline.bags.sqlite_file import SqliteFile
from stalk_ros.offline.bags.storage import Content, DamagedFileError, Message, Topic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from stalk_ros.offline.bags.storage import Storage

METADATA = "metadata.yaml"
SUFFIXES = (".mcap", ".db3")
PACKED = ".zstd"

_NO_METADATA = f"'{METADATA}' is missing, as after a crash: what was recorded last may be missing too"


class BagFiles:
    """What a bag holds, of however many files it consists.

    Args:
        path: the folder of a bag, its ``metadata.yaml``, or one of its files.

    Attributes:
        topics: what it holds.

    Raises:
        UserError: it cannot be read, or is no bag.
    """

    def __init__(self, path: Path) -> None:
        self._problems: list[str] = []
        self._storages: list[tuple[str, Storage]] = []
        self._unpacked: Path | None = None
        self.topics: dict[Topic, Content] = {}
        try:
            paths = self._paths(path)
            for file in paths:
                self._add(file, alone=len(paths) == 1)
        except OSError as error:
            raise UserError(f"cannot read '{error.filename or path}': {error.strerror}") from None
        if not self._storages:
            raise UserError(f"nothing of '{path}' can be read: {self.problem}")
        self._storages.sort(key=lambda storage: _start_ns(storage[1]))
        for _, storage in self._storages:
            for topic, content in storage.topics.items():
                self.topics.setdefault(topic, Content()).add(content)

    @property
    def problem(self) -> str:
        """What is missing, "" = nothing; complete when all was read."""
        told = [f"'{name}' {storage.problem}" for name, storage in self._storages if storage.problem]
        return "; ".join([*self._problems, *told])

    def messages(self, topics: Collection[Topic]) -> Iterator[Message]:
        """What was recorded of some topics, in the order of the time when it was.

        Raises:
            UserError: a file cannot be read any more.
        """
        try:
            for _, storage in self._storages:
                for message in storage.messages(topics):
                    if message.data.startswith(ZSTD_MAGIC):
                        yield message._replace(data=decompressed(message.data))
                    else:
                        yield message
        except OSError as error:
            raise UserError(f"cannot read '{error.filename}': {error.strerror}") from None
        except sqlite3.Error as error:
            raise UserError(f"cannot read the bag any more: {error}") from None

    def _paths(self, path: Path) -> list[Path]:
        """The files that make up the bag."""
        if not path.exists():
            raise UserError(f"there is no bag '{path}'")
        if path.name == METADATA:
            path = path.parent
        if not path.is_dir():
            return [path]
        listed = self._listed(path / METADATA)
        missing = [name for name in listed if not (path / name).exists()]
        self._problems += [f"'{name}' is missing" for name in missing]
        there = [path / name for name in listed if name not in missing] or _in_folder(path)
        if not there:
            raise UserError(f"'{path}' is no bag: there is no file in .mcap or .db3 in it")
        return there

    def _listed(self, metadata: Path) -> list[str]:
        """The names of files in the metadata; none where these cannot be read."""
        if not metadata.exists():
            self._problems.append(_NO_METADATA)
            return []
        try:
            document: Any = yaml.safe_load(metadata.read_text(encoding="utf-8"))
            names = document["rosbag2_bagfile_information"]["relative_file_paths"]
            return [PurePosixPath(name).name for name in names]
        except (yaml.YAMLError, ValueError, KeyError, TypeError, RecursionError):
            self._problems.append(f"'{METADATA}' is damaged")
            return []

    def _add(self, path: Path, alone: bool) -> None:
        """Open a file; what is wrong with it is an error only where there is no other."""
        try:
            self._storages.append((path.name, self._opened(path)))
        except DamagedFileError as error:
            if alone:
                raise UserError(f"cannot read '{path}' as a bag: {error}") from None
            self._problems.append(f"'{path.name}' cannot be read: {error}")

    def _opened(self, path: Path) -> Storage:
        magic = _magic(path)
        if magic.startswith(ZSTD_MAGIC):
            path = self._unpack(path)
            magic = _magic(path)
        if magic.startswith(mcap_file.MAGIC):
            return McapFile(path)
        if magic.startswith(sqlite_file.MAGIC):
            return SqliteFile(path)
        raise DamagedFileError("it is neither MCAP nor SQLite" if magic else "it is empty")

    def _unpack(self, path: Path) -> Path:
        """Decompress a file to where it stays until this object goes."""
        if self._unpacked is None:
            self._unpacked = Path(tempfile.mkdtemp(prefix="stalk-bag-"))
            weakref.finalize(self, shutil.rmtree, self._unpacked, ignore_errors=True)
        target = self._unpacked / path.stem
        try:
            if not unpack(path, target):
                self._problems.append(f"'{path.name}' is cut off or damaged")
        except OSError as error:
            raise UserError(f"cannot decompress '{path}' to '{target}': {error.strerror}") from None
        return target


def _in_folder(folder: Path) -> list[Path]:
    """The files of a bag by their names; of one that was being compressed the original."""
    found = [path for path in folder.iterdir() if path.name.removesuffix(PACKED).endswith(SUFFIXES)]
    whole = [path for path in found if path.suffix != PACKED or path.with_suffix("") not in found]
    return sorted(whole, key=lambda path: [int(part) for part in re.findall(r"\d+", path.name)])


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _start_ns(storage: Storage) -> int:
    return min((content.start_ns for content in storage.topics.values() if content.count), default=0)
