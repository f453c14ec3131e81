from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stalk_ros.errors import UserError
from stalk_ros.speakers.profiles import exchange
from stalk_ros.speakers.profiles.store import ProfileStore


@pytest.fixture
def exported(store, voice, tmp_path: Path) -> Path:
    store.enrol("Ann", voice(1), 3, 10)
    store.enrol("민수", voice(2), 1, 20)
    file = tmp_path / "people.json"
    exchange.write_profiles(file, "ge2e-1", store.profiles())
    return file


def test_what_is_exported_and_imported_is_the_same(store, exported: Path, tmp_path: Path) -> None:
    model_id, profiles = exchange.read_profiles(exported)
    assert model_id == "ge2e-1"
    other = ProfileStore(tmp_path / "other.sqlite3", model_id)
    other.add(profiles)
    for one, copy in zip(store.profiles(), other.profiles(), strict=True):
        assert (one.speaker_id, one.name, one.enrolled_ns) == (copy.speaker_id, copy.name, copy.enrolled_ns)
        np.testing.assert_array_equal(one.voice.total, copy.voice.total)
        assert (one.voice.count, one.voice.pairs, one.voice.cosines) == (
            copy.voice.count,
            copy.voice.pairs,
            copy.voice.cosines,
        )


def test_an_import_takes_free_ids_and_is_all_or_nothing(exported: Path, tmp_path: Path, voice) -> None:
    other = ProfileStore(tmp_path / "other.sqlite3", "ge2e-1")
    other.enrol("Bob", voice(3), 3, 0)
    _, profiles = exchange.read_profiles(exported)
    other.add(profiles)
    assert {profile.name: profile.speaker_id for profile in other.profiles()} == {
        "Bob": "S3",
        "Ann": "S4",
        "민수": "S1",
    }
    other.forget(other.named("민수").key)
    with pytest.raises(UserError, match="'Ann' is enrolled already"):
        other.add(reversed(profiles))
    assert len(other.profiles()) == 2


def test_only_its_owner_can_read_an_export(store, exported: Path) -> None:
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    exported.chmod(0o644)
    exchange.write_profiles(exported, "ge2e-1", store.profiles())
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    assert [entry.name for entry in exported.parent.iterdir()] == ["new", "people.json"]


def test_an_export_that_cannot_be_written(store, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in ("none/people.json", "folder"):
        with pytest.raises(UserError, match=f"cannot write '{tmp_path / place}': "):
            exchange.write_profiles(tmp_path / place, "ge2e-1", [])
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def changed(file: Path, **fields: Any) -> None:
    """Change what the file says of its first speaker."""
    content = json.loads(file.read_text())
    content["speakers"][0].update(fields)
    file.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"total": [float("nan")] * 256}, "the numbers of 'Ann' are those of no voice"),
        ({"total": [1.0]}, "its voices are of different sizes"),
        ({"total": []}, "the numbers of 'Ann' are those of no voice"),
        ({"total": ["1"] * 256}, "'total' must be a list of numbers"),
        ({"total": [10**400] * 256}, "int too large to convert to float"),
        ({"total": 1}, "'total' must be a list of numbers"),
        ({"total": [9.0] * 256}, "the numbers of 'Ann' are those of no voice"),
        ({"count": float("inf")}, "the numbers of 'Ann' are those of no voice"),
        ({"count": "10"}, "the numbers of 'Ann' are those of no voice"),
        ({"pairs": None}, "the numbers of 'Ann' are those of no voice"),
        ({"name": ""}, "a name is needed"),
        ({"name": "민수"}, "a name is in it twice"),
        ({"name": 7}, "'name' and 'id' must be text"),
        ({"id": "S0"}, "an id or a time is out of range"),
        ({"id": "first"}, "invalid literal"),
        ({"id": "S99999999999999999999"}, "an id or a time is out of range"),
        ({"enrolled_ns": 1.5}, "an id or a time is out of range"),
        ({"updated_ns": 2**63}, "an id or a time is out of range"),
    ],
)
def test_an_import_takes_nothing_that_is_wrong(exported: Path, fields: dict[str, Any], reason: str) -> None:
    changed(exported, **fields)
    with pytest.raises(UserError) as refused:
        exchange.read_profiles(exported)
    assert str(refused.value).startswith(f"'{exported}' is damaged: {reason}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "holds no exported voices: stalk speakers export writes such files"),
        (
            '{"format": "stalk_ros enrolled voices", "version": 2}',
            "has version 2 of the format, this stalk_ros",
        ),
        ('{"format": "stalk_ros enrolled voices", "version": 1}', "is damaged: there is no 'model'"),
        (
            '{"format": "stalk_ros enrolled voices", "version": 1, "model": "", "speakers": []}',
            "is damaged: 'model' must be text and 'speakers' a list",
        ),
        (
            '{"format": "stalk_ros enrolled voices", "version": 1, "model": "m", "speakers": [1]}',
            "is damaged: a speaker is no object",
        ),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "people.json"
    file.write_text(text)
    with pytest.raises(UserError) as refused:
        exchange.read_profiles(file)
    assert str(refused.value).startswith(f"'{file}' {reason}")
    assert "\n" not in str(refused.value)
    with pytest.raises(UserError, match="cannot read"):
        exchange.read_profiles(tmp_path)
