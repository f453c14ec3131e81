from __future__ import annotations

import os
import re
import shutil

import pytest
import yaml

from stalk_ros.errors import UserError
from stalk_ros.offline.bags import BagRecording
from stalk_ros.offline.bags.files import BagFiles


def refused(path) -> str:
    with pytest.raises(UserError) as caught:
        BagRecording(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def bag(bench):
    return bench.bag(bench.recorded(bench.chunks(20)))


@pytest.fixture
def split(bench):
    """A bag of three files, and its chunks."""
    chunks = bench.chunks(30)
    folder = bench.folder / "split"
    folder.mkdir()
    names = ["split_0.mcap", "split_2.mcap", "split_10.mcap"]
    for number, name in enumerate(names):
        part = bench.bag(bench.recorded(chunks[number * 10 : number * 10 + 10]), f"part{number}")
        bench.file(part).rename(folder / name)
    metadata = yaml.safe_load((part / "metadata.yaml").read_text())
    # Early versions tell the folder too; the order does not matter.
    metadata["rosbag2_bagfile_information"]["relative_file_paths"] = [f"split/{name}" for name in names[::-1]]
    (folder / "metadata.yaml").write_text(yaml.safe_dump(metadata))
    return folder, chunks


def test_the_files_of_a_split_bag_follow_each_other(split, read, told) -> None:
    folder, chunks = split
    items, recording = read(folder)
    assert items[:-1] == told(chunks)
    assert recording.problem == ""
    assert recording.duration_s == pytest.approx(2.9)


def test_without_metadata_the_files_are_found_and_it_is_said(split, read, told) -> None:
    folder, chunks = split
    (folder / "metadata.yaml").unlink()
    items, recording = read(folder)
    assert items[:-1] == told(chunks)
    assert recording.problem.startswith("'metadata.yaml' is missing, as after a crash")
    assert "the audio was read up to 2.9 s" in recording.problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "no bag",
        "rosbag2_bagfile_information: 3",
        "rosbag2_bagfile_information: {relative_file_paths: [1]}",
    ],
)
def test_metadata_that_are_none_are_not_needed(split, read, told, text) -> None:
    folder, chunks = split
    (folder / "metadata.yaml").write_text(text)
    items, recording = read(folder)
    assert items[:-1] == told(chunks)
    assert "'metadata.yaml' is damaged" in recording.problem


def test_a_wrong_storage_identifier_does_not_matter(bag, read) -> None:
    metadata = bag / "metadata.yaml"
    metadata.write_text(
        metadata.read_text().replace("storage_identifier: mcap", "storage_identifier: sqlite3")
    )
    assert len(read(bag)[0]) == 21


def test_a_file_that_is_missing_or_damaged_is_named_and_the_others_are_read(split, read, told) -> None:
    folder, chunks = split
    (folder / "split_0.mcap").unlink()
    (folder / "split_2.mcap").write_text("nothing")
    items, recording = read(folder)
    assert items[:-1] == told(chunks[20:])
    assert recording.problem.startswith(
        "'split_0.mcap' is missing; 'split_2.mcap' cannot be read: it is neither MCAP nor SQLite; "
    )


def test_what_is_no_bag_is_an_error_that_says_so(tmp_path, bag, bench) -> None:
    assert "there is no bag" in refused(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    assert "there is no file in .mcap or .db3 in it" in refused(tmp_path / "empty")
    file = bench.file(bag)
    file.write_text("hello")
    assert "it is neither MCAP nor SQLite" in refused(bag)
    file.write_bytes(b"")
    assert "it is empty" in refused(file)
    file.unlink()
    assert "no file" in refused(bag)
    other = tmp_path / "folder.mcap"
    other.mkdir()
    assert "no file" in refused(other)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_files_that_may_not_be_read_are_an_error(bag, bench) -> None:
    bench.file(bag).chmod(0)
    assert re.search(r"cannot read '.*\.mcap': Permission denied", refused(bag))


def test_a_file_that_goes_while_it_is_read_is_an_error(bag, bench) -> None:
    recording = BagRecording(bag)
    bench.file(bag).unlink()
    with pytest.raises(UserError, match="No such file"):
        list(recording.items())


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_what_is_in_a_compressed_file_that_is_cut_off_is_read(bench, read, told, storage) -> None:
    chunks = bench.chunks(400)  # many blocks of Zstandard's
    bag = bench.bag(bench.recorded(chunks), storage=storage, compression="file")
    file = bench.file(bag)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    items, recording = read(bag)
    assert 100 < len(items) < 300
    assert items[:-1] == told(chunks[: len(items) - 1])
    assert f"'{file.name}' is cut off or damaged" in recording.problem
    assert f"read up to {(len(items) - 2) / 10:.1f} s" in recording.problem


def test_what_was_decompressed_goes_with_the_bag(bench, tmp_path, monkeypatch) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    files = BagFiles(bench.bag(bench.recorded(bench.chunks(1)), compression="file"))
    assert files.topics
    assert list(room.iterdir())
    del files
    assert not list(room.iterdir())


def test_no_room_to_decompress_is_an_error(bench, monkeypatch) -> None:
    bag = bench.bag(bench.recorded(bench.chunks(1)), compression="file")
    monkeypatch.setattr("stalk_ros.offline.bags.files.unpack", full)
    assert re.search(r"cannot decompress '.*zstd' to '.*': No space left on device", refused(bag))


def full(*_: object) -> bool:
    raise OSError(28, "No space left on device")


def test_of_a_file_that_was_being_compressed_the_original_is_read(bag, bench, read) -> None:
    (bag / "metadata.yaml").unlink()
    file = bench.file(bag)
    shutil.copy(file, f"{file}.zstd")
    items, recording = read(bag)
    assert len(items) == 21
    assert "could not be read" not in recording.problem


def test_a_compressed_file_is_found_without_metadata(bench, read) -> None:
    bag = bench.bag(bench.recorded(bench.chunks(20)), compression="file")
    (bag / "metadata.yaml").unlink()
    assert len(read(bag)[0]) == 21
