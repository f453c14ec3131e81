"""Fetching from a Hugging Face hub into its cache: what is interrupted goes on, and nothing wrong gets in.

huggingface_hub lists the files and transfers them. The rest is done here, because its own download begins an
interrupted file again and checks no more of it than its size.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.model import HubModel

Report = Callable[[str, int, int], None]
"""Told what is done ("fetching" or "checking"), to how many bytes of the model, and how many there are."""

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BLOCK = 1 << 20
"""Bytes handled at once. What a broken transfer has brought of the last ones is lost."""


@dataclass(frozen=True)
class _File:
    """A file of a repository.

    Attributes:
        name: its path in the repository.
        size: in bytes.
        blob: where its content belongs in the cache: a file named by its checksum.
    """

    name: str
    size: int
    blob: Path

    @property
    def partial(self) -> Path:
        """What has come of it so far."""
        return self.blob.with_name(f"{self.blob.name}.incomplete")

    @property
    def loaded(self) -> int:
        """How many bytes have come."""
        return next((path.stat().st_size for path in (self.blob, self.partial) if path.is_file()), 0)


def fetch(model: HubModel, report: Report) -> None:
    """Bring a model into the cache, where it shows when it is complete and every file has its checksum.

    Args:
        model: what to fetch; files of it that are here are not fetched again.
        report: told about every piece.

    Raises:
        UserError: it cannot be fetched; says why. The next call goes on with what has come so far.
    """
    try:
        from huggingface_hub.utils import disable_progress_bars, logging
    except ImportError:
        raise UserError("fetching models needs huggingface_hub: pip install huggingface_hub") from None
    # What it would say of itself goes to the log of a pull too, and a failure is told once.
    logging.set_verbosity_error()
    disable_progress_bars()
    try:
        commit, files = _listed(model)
        with _locked(model):
            different = [*{file.blob: file for file in files}.values()]
            _require_space(model, different)
            _load(model, commit, different, report)
            _check(model, different, report)
            _publish(model, commit, files)
    except (UserError, BrokenPipeError):
        raise
    except Exception as error:
        if _interrupted(error):
            raise KeyboardInterrupt from None
        raise UserError(_reason(error, model)) from None


def damaged(files: list[Path], report: Report) -> list[Path]:
    """What the cache has of these files that is not what its checksum says."""
    # One link is followed, not all: a blob may itself lead to a store that names its files otherwise.
    blobs = [path.parent / path.readlink() for path in files if path.is_symlink()]
    blobs = [blob for blob in blobs if _DIGEST.fullmatch(blob.name)]
    sound = _checked([(blob, blob.name) for blob in blobs], report)
    return [blob for blob, right in zip(blobs, sound, strict=True) if not right]


def _listed(model: HubModel) -> tuple[str, list[_File]]:
    """The newest commit of the repository, and its files that make the model."""
    from huggingface_hub import HfApi

    info = HfApi().model_info(model.repository, files_metadata=True)
    siblings = info.siblings or []
    lacking = model.lacking([sibling.rfilename for sibling in siblings])
    if lacking:
        raise UserError(
            f"the repository '{model.repository}' is no such model: it has no {', '.join(lacking)}"
        )
    files = []
    for sibling in siblings:
        if model.wants(sibling.rfilename):
            # Git LFS names a file by the SHA-256 of its content, Git by the SHA-1 of its blob.
            digest = sibling.lfs.sha256 if sibling.lfs else sibling.blob_id
            if sibling.size is None or not _DIGEST.fullmatch(digest or ""):
                raise UserError(f"the hub has no checksum for '{sibling.rfilename}' of '{model.repository}'")
            files.append(_File(sibling.rfilename, sibling.size, model.root / "blobs" / digest))
    return info.sha, files


@contextlib.contextmanager
def _locked(model: HubModel) -> Iterator[None]:
    """Keep two pulls from writing the same file."""
    lock = model.root.parent / ".locks" / model.root.name / "pull.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"another 'stalk models pull' is fetching '{model.name}'") from None
        yield


def _require_space(model: HubModel, files: list[_File]) -> None:
    blobs = files[0].blob.parent
    blobs.mkdir(parents=True, exist_ok=True)
    needed = sum(file.size - file.loaded for file in files)
    free = shutil.disk_usage(blobs).free
    if free < needed:
        raise UserError(
            f"'{model.name}' needs {needed / 1e6:.0f} MB more, and where '{blobs}' is there are "
            f"{free / 1e6:.0f} MB left"
        )


def _load(model: HubModel, commit: str, files: list[_File], report: Report) -> None:
    """Bring every file to its full length, from where it is."""
    from huggingface_hub import constants, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    # Its own ten times as many would let a weak link never get on.
    constants.DOWNLOAD_CHUNK_SIZE = _BLOCK
    # The sizes that the hub tells are those of the files as they are.
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    total = sum(file.size for file in files)
    before = sum(file.size for file in files if file.blob.is_file())
    for file in (file for file in files if not file.blob.is_file()):
        with _Partial(file.partial, report, before, total) as partial:
            at = partial.tell()
            if at > file.size:
                at = partial.seek(0)
                partial.truncate()
            if at < file.size:
                url = hf_hub_url(model.repository, file.name, revision=commit)
                http_get(url, partial, resume_size=at, headers=headers, expected_size=file.size)
            partial.flush()
            os.fsync(partial.fileno())  # a robot may be switched off as soon as this command has ended
        before += file.size


class _Partial(io.BufferedWriter):
    """A file that goes on at its end and reports how far the model is."""

    def __init__(self, path: Path, report: Report, before: int, total: int) -> None:
        super().__init__(io.FileIO(path, "a"))
        self._report, self._before, self._total = report, before, total
        self._tell_all()

    def write(self, data: Any) -> int:
        written = super().write(data)
        self._tell_all()
        return written

    def _tell_all(self) -> None:
        self._report("fetching", self._before + self.tell(), self._total)


def _check(model: HubModel, files: list[_File], report: Report) -> None:
    """Make what has come part of the cache, each file under its checksum."""
    loaded = [file.blob if file.blob.is_file() else file.partial for file in files]
    sound = _checked([(path, file.blob.name) for path, file in zip(loaded, files, strict=True)], report)
    for path, file, right in zip(loaded, files, sound, strict=True):
        if not right:
            path.unlink()
            raise UserError(
                f"'{file.name}' of '{model.repository}' came damaged and is removed: its checksum is not "
                "that of the hub; pull again"
            )
        path.replace(file.blob)


def _checked(blobs: list[tuple[Path, str]], report: Report) -> Iterator[bool]:
    """Whether each file has its SHA-256, or the SHA-1 of its Git blob where that is what is given."""
    sizes = [path.stat().st_size for path, _ in blobs]
    done = 0
    for (path, digest), size in zip(blobs, sizes, strict=True):
        report("checking", done, sum(sizes))
        if len(digest) == 64:
            checksum = hashlib.sha256()
        else:
            checksum = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                checksum.update(block)
                done += len(block)
                report("checking", done, sum(sizes))
        yield checksum.hexdigest() == digest


def _publish(model: HubModel, commit: str, files: list[_File]) -> None:
    """Make the model visible, all at once: nothing of the snapshot is found before the reference to it."""
    for file in files:
        link = model.root / "snapshots" / commit / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        try:
            link.symlink_to(os.path.relpath(file.blob, link.parent))
        except OSError:
            file.blob.replace(link)  # a file system without links, as on a memory stick
    reference = model.root / "refs" / "main"
    reference.parent.mkdir(exist_ok=True)
    draft = reference.with_name("main.incomplete")
    draft.write_text(commit, encoding="utf-8")
    draft.replace(reference)


def _interrupted(error: BaseException | None) -> bool:
    """Whether the user interrupted what failed: a connection that is closed for that may fail on its own."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False


def _reason(error: Exception, model: HubModel) -> str:
    """Why it did not work, in one line."""
    from huggingface_hub import constants
    from huggingface_hub.utils import GatedRepoError, HfHubHTTPError

    page = f"{constants.ENDPOINT}/{model.repository}"
    if isinstance(error, GatedRepoError):
        return f"'{model.repository}' is gated: accept its terms at {page} and log in with: hf auth login"
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        if status in (401, 404):  # the hub does not tell a stranger what is private from what is not there
            return f"there is no repository {page}, or it is private: then log in with: hf auth login"
        return f"cannot fetch '{model.name}': {page} answers with HTTP status {status}"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ConnectionError):
        return f"cannot write '{error.filename or model.root}': {error.strerror}"
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"cannot fetch '{model.name}' from {page}: {reason}; pull again to go on from where it stopped"
