"""Fetching, from a server that stands in for the Hugging Face hub."""

from __future__ import annotations

import fcntl
import hashlib
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from stalk_ros.models import named
from stalk_ros.models.hub import fetch
from stalk_ros.speech.backends import whisper_models

if TYPE_CHECKING:
    from pathlib import Path

SMALL = "Systran/faster-whisper-small"
MODEL_FILES = ["model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json"]


@pytest.fixture
def root(cache: Path) -> Path:
    """Where the repository belongs in the cache."""
    return cache / "models--Systran--faster-whisper-small"


@pytest.fixture
def weights(hub) -> bytes:
    return hub.repositories[SMALL]["model.bin"]


@pytest.fixture
def blob(root: Path, weights: bytes) -> Path:
    """Where the weights belong in the cache."""
    return root / "blobs" / hashlib.sha256(weights).hexdigest()


def test_a_model_is_fetched_with_what_it_needs_and_no_more(hub, models, root: Path) -> None:
    status, out, err = models("pull", "small")
    snapshot = root / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    assert (status, err) == (0, "")
    assert out.splitlines()[-1] == f"small is here: {snapshot}"
    assert {path.name: path.read_bytes() for path in snapshot.iterdir()} == {
        name: hub.repositories[SMALL][name] for name in MODEL_FILES
    }
    assert [name for name, _ in hub.files_asked_for()] == MODEL_FILES


def test_the_cache_is_as_the_library_of_the_hub_has_it(hub, models, cache: Path) -> None:
    from huggingface_hub import scan_cache_dir, snapshot_download

    _, out, _ = models("pull", "small")
    folder = out.splitlines()[-1].partition(": ")[2]
    assert snapshot_download(SMALL, cache_dir=cache, local_files_only=True) == folder
    (repository,) = scan_cache_dir(cache).repos
    (revision,) = repository.revisions
    assert (repository.repo_id, revision.refs, revision.nb_files) == (SMALL, {"main"}, len(MODEL_FILES))


def test_the_engine_finds_what_is_fetched(models, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    assert whisper_models.whisper(SMALL).snapshot() is None
    _, out, _ = models("pull", "small")
    assert out.endswith(f": {whisper_models.located('small')}\n")


def test_a_model_that_is_here_is_only_looked_at(hub, models) -> None:
    models("pull", "small")
    hub.requests.clear()
    for variables in ({}, {"HF_HUB_OFFLINE": "1"}):
        status, out, err = models("pull", "small", **variables)
        assert (status, err) == (0, "")
        assert out.splitlines()[-1].startswith("small is here: ")
    assert not hub.requests


def test_what_an_interrupted_pull_has_brought_is_not_fetched_again(
    hub, models, start, root: Path, blob: Path, weights: bytes
) -> None:
    hub.held["model.bin"] = 2 * 2**20
    # A test run in the background of a shell hands on that it ignores the signal.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = start("pull", "small", code=heeding)
    assert next(line for line in process.stdout if "2 MB of 3 MB" in line)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert err == "stalk: interrupted; pull again to go on from where it stopped\n"
    assert process.returncode == 130
    assert not (root / "refs").exists()
    assert (
        "small\tspeech to text\tdefault\t490 MB\tincomplete, its download was interrupted"
        in models("list")[1]
    )
    del hub.held["model.bin"]
    hub.files_asked_for()
    status, out, _ = models("pull", "small")
    assert status == 0
    assert out.startswith("fetching small: 2 MB of 3 MB\n")
    assert hub.files_asked_for()[0] == ("model.bin", f"bytes={2 * 2**20}-")
    assert blob.read_bytes() == weights


def test_a_transfer_that_breaks_off_goes_on(hub, models, blob: Path, weights: bytes) -> None:
    hub.cut["model.bin"] = 2 * 2**20 + 1
    assert models("pull", "small")[0] == 0
    assert hub.files_asked_for()[:2] == [("model.bin", ""), ("model.bin", f"bytes={2 * 2**20}-")]
    assert blob.read_bytes() == weights


def test_a_partial_file_that_is_too_long_is_begun_again(hub, models, blob: Path, weights: bytes) -> None:
    blob.parent.mkdir(parents=True)
    blob.with_name(f"{blob.name}.incomplete").write_bytes(weights + b"x")
    assert models("pull", "small")[0] == 0
    assert blob.read_bytes() == weights


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_file_that_comes_damaged_is_removed(hub, models, refused, root: Path, name: str) -> None:
    data = hub.repositories[SMALL][name]
    hub.sent[name] = data[:-1] + b"?"
    assert refused("pull", "small") == (
        f"'{name}' of '{SMALL}' came damaged and is removed: its checksum is not that of the hub; pull again"
    )
    assert not (root / "refs").exists()
    assert all(path.read_bytes() != hub.sent[name] for path in (root / "blobs").iterdir())
    hub.sent.clear()
    assert models("pull", "small")[0] == 0


def test_a_partial_file_that_is_damaged_is_removed(models, refused, blob: Path) -> None:
    blob.parent.mkdir(parents=True)
    blob.with_name(f"{blob.name}.incomplete").write_bytes(bytes(2**20))
    assert "'model.bin'" in refused("pull", "small")
    assert models("pull", "small")[0] == 0


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_file_that_is_damaged_on_disk_is_fetched_again(hub, models, refused, root: Path, name: str) -> None:
    models("pull", "small")
    hub.files_asked_for()
    (path,) = root.glob(f"snapshots/*/{name}")
    path.write_bytes(b"?" + path.read_bytes()[1:])
    message = "model 'small' is damaged, and HF_HUB_OFFLINE forbids to fetch it"
    assert refused("pull", "small", HF_HUB_OFFLINE="1") == message
    assert path.read_bytes().startswith(b"?"), "nothing is removed that cannot be fetched"
    assert models("pull", "small")[0] == 0
    assert hub.files_asked_for() == [(name, "")]
    assert path.read_bytes() == hub.repositories[SMALL][name]


def test_a_file_that_is_lost_is_fetched_again(hub, models, refused, root: Path) -> None:
    models("pull", "small")
    hub.files_asked_for()
    (path,) = root.glob("snapshots/*/model.bin")
    path.resolve().unlink()
    message = "model 'small' is incomplete, it lacks model.bin; fetch it with: stalk models pull small"
    assert refused("path", "small") == message
    assert models("pull", "small")[0] == 0
    assert hub.files_asked_for() == [("model.bin", "")]


def test_a_blob_that_leads_to_a_store_with_other_names_is_left_alone(
    hub, models, blob: Path, weights: bytes, tmp_path: Path
) -> None:
    models("pull", "small")
    hub.requests.clear()
    store = blob.rename(tmp_path / ("0" * 64))
    blob.symlink_to(store)
    assert models("pull", "small")[0] == 0
    assert store.read_bytes() == weights
    assert not hub.requests


def test_a_repository_is_fetched_by_its_name(hub, models) -> None:
    hub.repositories["you/yours"] = hub.repositories[SMALL]
    assert models("pull", "you/yours")[0] == 0
    status, out, _ = models("path", "you/yours")
    assert (status, out.count("models--you--yours")) == (0, 1)


def test_files_with_one_content_are_fetched_once(hub, models, root: Path) -> None:
    hub.repositories[SMALL]["tokenizer.json"] = hub.repositories[SMALL]["vocabulary.json"]
    assert models("pull", "small")[0] == 0
    assert len([*(root / "blobs").iterdir()]) == len(MODEL_FILES) - 1


def test_a_file_system_without_links(models) -> None:
    code = (
        "from pathlib import Path\n"
        "def refuse(*_): raise PermissionError(1, 'Operation not permitted')\n"
        "Path.symlink_to = refuse"
    )
    for _ in range(2):
        status, out, _ = models("pull", "small", code=code)
        assert (status, out.splitlines()[-1][:14]) == (0, "small is here:")


def test_the_token_goes_to_the_hub_and_to_nobody_else(hub, models) -> None:
    models("pull", "small", HF_TOKEN="hf_secret")
    assert hub.tokens["127.0.0.1"] >= {"Bearer hf_secret"}
    assert hub.tokens["localhost"] == {None}


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_it_refuses_at_once(hub, refused, cache: Path, variable: str) -> None:
    message = "model 'small' is not here, and HF_HUB_OFFLINE forbids to fetch it"
    assert refused("pull", "small", **{variable: "1"}) == message
    assert not hub.requests
    assert not cache.exists()


def test_without_a_network(refused) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        message = refused("pull", "small", HF_ENDPOINT=endpoint)
    assert message.startswith(f"cannot fetch 'small' from {endpoint}/{SMALL}: ")
    assert message.endswith("; pull again to go on from where it stopped")


def test_a_server_that_is_no_hub(hub, refused) -> None:
    hub.status = 200
    assert refused("pull", "small").startswith(f"cannot fetch 'small' from {hub.endpoint}/{SMALL}: ")


def test_a_hub_that_is_out_of_order(hub, refused) -> None:
    hub.status = 503
    message = f"cannot fetch 'small': {hub.endpoint}/{SMALL} answers with HTTP status 503"
    assert refused("pull", "small") == message


def test_an_unknown_repository(hub, refused) -> None:
    assert refused("pull", "you/yours") == (
        f"there is no repository {hub.endpoint}/you/yours, or it is private: then log in with: hf auth login"
    )


def test_a_gated_repository(hub, refused) -> None:
    hub.gated.add(SMALL)
    assert refused("pull", "small") == (
        f"'{SMALL}' is gated: accept its terms at {hub.endpoint}/{SMALL} and log in with: hf auth login"
    )


def test_a_repository_with_something_else(hub, refused) -> None:
    del hub.repositories[SMALL]["model.bin"]
    assert refused("pull", "small") == f"the repository '{SMALL}' is no such model: it has no model.bin"
    assert not hub.files_asked_for()


def test_a_hub_without_checksums(hub, refused) -> None:
    hub.sizes["config.json"] = None
    assert refused("pull", "small") == f"the hub has no checksum for 'config.json' of '{SMALL}'"


def test_a_disk_that_is_too_small(hub, refused, root: Path) -> None:
    hub.sizes["model.bin"] = 10**18
    message = refused("pull", "small")
    assert message.startswith(
        f"'small' needs 1000000000000 MB more, and where '{root / 'blobs'}' is there are "
    )
    assert not hub.files_asked_for()


def test_a_disk_that_fills_up(refused, blob: Path) -> None:
    blob.parent.mkdir(parents=True)
    blob.with_name(f"{blob.name}.incomplete").symlink_to("/dev/full")
    assert refused("pull", "small").endswith(": No space left on device")


def test_a_cache_that_cannot_be_written(refused, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = refused("pull", "small", HF_HUB_CACHE=str(tmp_path / "file"))
    assert message.startswith(f"cannot write '{tmp_path / 'file'}/")
    assert message.endswith("': Not a directory")


def test_two_pulls_do_not_write_the_same_file(refused, cache: Path, root: Path) -> None:
    lock = cache / ".locks" / root.name / "pull.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert refused("pull", "small") == "another 'stalk models pull' is fetching 'small'"


def test_without_the_library_of_the_hub(refused) -> None:
    code = "import sys; sys.modules['huggingface_hub'] = None"
    assert refused("pull", "small", code=code) == (
        "fetching models needs huggingface_hub: pip install huggingface_hub"
    )


def test_a_pull_goes_on_when_nobody_reads_what_it_says(start, models) -> None:
    process = start("pull", "small")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    assert models("path", "small")[0] == 0


def test_an_interrupt_stays_one_when_the_connection_fails_over_it(monkeypatch) -> None:
    def listed(*_: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise ConnectionError("closed in the middle")

    monkeypatch.setattr("stalk_ros.models.hub._listed", listed)
    with pytest.raises(KeyboardInterrupt):
        fetch(named("small"), lambda *_: None)
