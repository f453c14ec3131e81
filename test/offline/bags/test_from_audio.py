from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from rosbags.rosbag2 import Reader

from stalk_ros.audio import AudioChunk, AudioFile
from stalk_ros.messages import chunk_from_msg
from stalk_ros.offline.bags.types import BagMessages

if TYPE_CHECKING:
    from collections.abc import Iterator

MIDNIGHT_NS = 946_684_800_000_000_000


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Two seconds and a bit, of another rate and with two channels."""
    path = tmp_path / "talk.wav"
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, (90_000, 2))
    soundfile.write(path, noise, 44_100)
    return path


def chunks(bag: Path) -> list[AudioChunk]:
    types = BagMessages().types
    with Reader(bag) as reader:
        return [
            chunk_from_msg(types.deserialize_cdr(data, connection.msgtype))
            for connection, _, data in reader.messages()
        ]


def assert_same(found: list[AudioChunk], expected: list[AudioChunk], shift_ns: int) -> None:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours.samples, theirs.samples)
        assert (ours.sample_rate_hz, ours.channels, ours.first_sample, ours.frame_id) == (
            16_000,
            1,
            theirs.first_sample,
            "file",
        )
        assert ours.stamp_ns == theirs.stamp_ns + shift_ns


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_the_bag_has_what_audio_capture_would_publish(
    stalk, tmp_path: Path, talk: Path, storage: str
) -> None:
    assert stalk("bag", "from-wav", talk, tmp_path / "bag", "--storage", storage) == (0, "", "")
    found = chunks(tmp_path / "bag")
    assert_same(found, list(AudioFile(talk).chunks()), MIDNIGHT_NS)
    assert not len(found[-1].samples)


@pytest.mark.parametrize(
    ("start", "start_ns"),
    [
        ("2026-05-04T14:30:00.125+02:00", 1_777_897_800_125_000_000),
        ("2026-05-04T12:30:00Z", 1_777_897_800_000_000_000),
        ("2026-05-04T12:30:00", 1_777_897_800_000_000_000),
        ("2026-05-04", 1_777_852_800_000_000_000),
    ],
)
def test_it_begins_when_it_is_told(stalk, tmp_path: Path, talk: Path, start: str, start_ns: int) -> None:
    assert stalk("bag", "from-wav", talk, tmp_path / "bag", "--start", start)[0] == 0
    assert chunks(tmp_path / "bag")[0].stamp_ns == start_ns


def test_the_same_file_makes_the_same_bag(stalk, tmp_path: Path, talk: Path) -> None:
    for name in ("one", "two"):
        stalk("bag", "from-wav", talk, tmp_path / name / "bag")
    for name in ("bag.mcap", "metadata.yaml"):
        assert (tmp_path / "one/bag" / name).read_bytes() == (tmp_path / "two/bag" / name).read_bytes()


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("noon", "is no time"),
        ("2026-05-04T12:30:00.000500", "no whole millisecond"),
        ("1970-01-01", "between 1970 and 2038"),
        ("1969-12-31", "between 1970 and 2038"),
        ("2038-01-19T03:14:07Z", "between 1970 and 2038"),
        ("0001-01-01T00:00:00+23:59", "between 1970 and 2038"),
        ("9999-12-31T23:59:59-23:59", "between 1970 and 2038"),
    ],
)
def test_a_start_that_cannot_be_is_one_error(
    mistake, tmp_path: Path, talk: Path, start: str, reason: str
) -> None:
    assert reason in mistake("bag", "from-wav", talk, tmp_path / "bag", "--start", start)
    assert not (tmp_path / "bag").exists()


def test_a_file_that_is_no_audio_leaves_no_bag(mistake, tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_text("nothing", encoding="utf-8")
    assert "cannot read" in mistake("bag", "from-wav", tmp_path / "talk.wav", tmp_path / "bag")
    assert "no file" in mistake("bag", "from-wav", tmp_path / "missing.wav", tmp_path / "bag")
    assert not (tmp_path / "bag").exists()


def test_the_file_itself_is_not_overwritten(mistake, talk: Path) -> None:
    before = talk.read_bytes()
    assert "already" in mistake("bag", "from-wav", talk, talk)
    assert talk.read_bytes() == before


def test_ctrl_c_leaves_a_bag_of_what_came_before(
    stalk, tmp_path: Path, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(AudioFile(talk).chunks())

    def interrupted(self: AudioFile) -> Iterator[AudioChunk]:
        for chunk in whole[:5]:
            yield AudioChunk(
                chunk.samples, 16_000, 1, chunk.first_sample, chunk.stamp_ns + self.start_ns, chunk.frame_id
            )
        raise KeyboardInterrupt

    monkeypatch.setattr(AudioFile, "chunks", interrupted)
    code, _, error = stalk("bag", "from-wav", talk, tmp_path / "bag")
    assert code == 130
    assert f"'{tmp_path / 'bag'}' has the audio up to there" in error
    assert_same(chunks(tmp_path / "bag"), whole[:5], MIDNIGHT_NS)
