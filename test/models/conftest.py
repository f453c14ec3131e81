"""The command, against a server that stands in for the Hugging Face hub, which tests do not reach."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SMALL = "Systran/faster-whisper-small"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000
"""Files over this size count as stored with Git LFS, in bytes."""

WHISPER = {
    "model.bin": bytes(range(256)) * 12 * 1024,  # three times what is written at once
    "config.json": b'{"alignment_heads": []}',
    "tokenizer.json": b"{}",
    "vocabulary.json": b'["a"]',
    "preprocessor_config.json": b'{"feature_size": 80}',
}
"""Files with the names of a Whisper model; nothing here looks inside."""

NOT_WANTED = {"README.md": b"# Whisper", ".gitattributes": b"", "old/model.bin": b"x" * 2000}


def checksum(data: bytes) -> str:
    """The name of the content in the cache."""
    if len(data) > LARGE:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class StandInHub(ThreadingHTTPServer):
    """Speaks as much of the hub's HTTP interface as listing and fetching files takes, and fails when told to.

    Large files are handed out by another host, as the hub's are; it is the same server by another name.

    Attributes:
        repositories: their files.
        status: what it answers to everything, 0 = what is asked for.
        gated: repositories that show their files and hand out none.
        sent: what is sent in place of a file.
        cut: files whose next transfer breaks off after so many bytes.
        held: files whose transfer stops after so many bytes until `released`.
        sizes: what it says of the size of a file that has another one.
        requests: path, range and host of every request.
        tokens: what each of its two hosts was sent to prove who is asking.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories = {SMALL: {**WHISPER, **NOT_WANTED}}
        self.status = 0
        self.gated: set[str] = set()
        self.sizes: dict[str, int] = {}
        self.sent: dict[str, bytes] = {}
        self.cut: dict[str, int] = {}
        self.held: dict[str, int] = {}
        self.released = threading.Event()
        self.requests: list[tuple[str, str, str]] = []
        self.tokens: dict[str, set[str | None]] = {}
        self.endpoint = f"http://127.0.0.1:{self.server_port}"

    def files_asked_for(self) -> list[tuple[str, str]]:
        """Name and range of every file that was asked for since the last call, in order."""
        found = [
            (re.match(r"/[^/]+/[^/]+/resolve/[^/]+/(.+)", path), range) for path, range, _ in self.requests
        ]
        self.requests.clear()
        return [(match.group(1), range) for match, range in found if match]

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: StandInHub

    def do_GET(self) -> None:
        hub, host = self.server, self.headers["Host"].partition(":")[0]
        hub.requests.append((self.path, self.headers.get("Range", ""), host))
        hub.tokens.setdefault(host, set()).add(self.headers.get("Authorization"))
        listed = re.fullmatch(r"/api/models/([^/]+/[^/?]+)\?blobs=[Tt]rue", self.path)
        wanted = re.fullmatch(r"/(?:cdn/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", unquote(self.path))
        repository = next((match.group(1) for match in (listed, wanted) if match), "")
        if hub.status:
            self._answer(hub.status, b"<html>Welcome to our wireless network</html>")
        elif repository not in hub.repositories:
            self._answer(401)
        elif listed:
            self._answer(200, json.dumps(self._listing(repository)).encode())
        elif repository in hub.gated:
            self._answer(403, headers={"X-Error-Code": "GatedRepo"})
        elif wanted and wanted.group(2) == COMMIT:
            self._file(wanted.group(3), hub.repositories[repository][wanted.group(3)])
        else:
            self._answer(404)

    def _listing(self, repository: str) -> dict[str, Any]:
        siblings = []
        for name, data in self.server.repositories[repository].items():
            size = self.server.sizes.get(name, len(data))
            sibling: dict[str, Any] = {"rfilename": name, "size": size, "blobId": "f" * 40}
            if len(data) > LARGE:
                sibling["lfs"] = {"size": size, "sha256": checksum(data), "pointerSize": 134}
            else:
                sibling["blobId"] = checksum(data)
            siblings.append(sibling)
        told = {"private": False, "downloads": 1, "likes": 1, "tags": [], "sha": COMMIT, "siblings": siblings}
        return {"_id": "1", "id": repository, "modelId": repository, **told}

    def _file(self, name: str, data: bytes) -> None:
        hub = self.server
        if len(data) > LARGE and not self.path.startswith("/cdn/"):
            self._answer(302, headers={"Location": f"http://localhost:{hub.server_port}/cdn{self.path}"})
            return
        data = hub.sent.get(name, data)
        at = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if at else 200)
        if at:
            self.send_header("Content-Range", f"bytes {at}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - at))
        self.end_headers()
        self.wfile.write(data[at : hub.cut.pop(name, hub.held.get(name, len(data)))])
        if name in hub.held:
            hub.released.wait()

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with StandInHub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where the command keeps the models; it does not exist yet."""
    return tmp_path / "cache"


@pytest.fixture
def environment(hub: StandInHub, cache: Path, tmp_path: Path) -> dict[str, str]:
    """A new process is needed: huggingface_hub reads the endpoint when it is imported."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))
    }
    return {
        **kept,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HUB_CACHE": str(cache),
        "HF_HOME": str(tmp_path / "home"),
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``stalk models``, after running Python code that stages a mishap."""
    with contextlib.ExitStack() as stack:

        def begin(*arguments: str, code: str = "", **variables: str) -> subprocess.Popen[str]:
            main = f"{code}\nimport sys; from stalk_ros.cli import main; sys.exit(main(sys.argv[1:]))"
            process = subprocess.Popen(
                [sys.executable, "-c", main, "models", *arguments],
                cwd=ROOT,
                env={**environment, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


@pytest.fixture
def models(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str, str]]:
    """Runs ``stalk models``; returns its exit code, what it printed and its complaints."""

    def run(*arguments: str, code: str = "", **variables: str) -> tuple[int, str, str]:
        process = start(*arguments, code=code, **variables)
        out, err = process.communicate()
        return process.returncode, out, err

    return run


@pytest.fixture
def refused(models: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Runs ``stalk models`` where it must fail; returns the one line that says why."""

    def run(*arguments: str, code: str = "", **variables: str) -> str:
        status, _, err = models(*arguments, code=code, **variables)
        assert status == 2
        assert err.startswith("stalk: ")
        assert err.count("\n") == 1
        return err.removeprefix("stalk: ").rstrip("\n")

    return run
