"""Enrolled voices as one JSON file, to take them to another robot."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.errors import UserError
from stalk_ros.speakers.profiles.profile import Profile, checked_name, same_name
from stalk_ros.speakers.profiles.store import is_voice
from stalk_ros.speakers.resemblance import Speech

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMAT = "stalk_ros enrolled voices"
_VERSION = 1
_LIMIT = 2**63


def write_profiles(path: Path, model_id: str, profiles: Sequence[Profile]) -> None:
    """Write profiles to a file that only its owner can read; it is complete or not there.

    Raises:
        UserError: it cannot be written.
    """
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "model": model_id,
        "speakers": [_record(profile) for profile in profiles],
    }
    try:
        # Temporary files are made with mode 0600.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            try:
                json.dump(content, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink()
                raise
    except OSError as error:
        raise UserError(f"cannot write '{path}': {error.strerror}") from None


def read_profiles(path: Path) -> tuple[str, list[Profile]]:
    """The model and the profiles in a file that `write_profiles` has made; their keys mean nothing.

    Raises:
        UserError: the file cannot be read, or something in it is wrong.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read '{path}': {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"'{path}' is no JSON: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise UserError(f"'{path}' holds no exported voices: stalk speakers export writes such files")
    version = content.get("version")
    if version != _VERSION:
        raise UserError(
            f"'{path}' has version {version!r} of the format, this stalk_ros knows {_VERSION}: "
            "use the same stalk_ros on both sides"
        )
    try:
        return _model_and_profiles(content)
    except (KeyError, TypeError, ValueError, OverflowError, UserError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else error
        raise UserError(f"'{path}' is damaged: {reason}") from None


def _model_and_profiles(content: dict[str, Any]) -> tuple[str, list[Profile]]:
    """What is in a file.

    Raises:
        KeyError, TypeError, ValueError, OverflowError, UserError: it is not what it should be.
    """
    model_id, records = content["model"], content["speakers"]
    if not isinstance(model_id, str) or not model_id or not isinstance(records, list):
        raise ValueError("'model' must be text and 'speakers' a list")
    profiles = [_profile(record) for record in records]
    if len({len(profile.voice.total) for profile in profiles}) > 1:
        raise ValueError("its voices are of different sizes")
    if len({same_name(profile.name) for profile in profiles}) < len(profiles):
        raise ValueError("a name is in it twice")
    return model_id, profiles


def _record(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.speaker_id,
        "name": profile.name,
        "enrolled_ns": profile.enrolled_ns,
        "updated_ns": profile.updated_ns,
        "count": profile.voice.count,
        "pairs": profile.voice.pairs,
        "cosines": profile.voice.cosines,
        "total": profile.voice.total.tolist(),
    }


def _profile(record: Any) -> Profile:
    if not isinstance(record, dict):
        raise ValueError("a speaker is no object")
    name, speaker_id = record["name"], record["id"]
    if not isinstance(name, str) or not isinstance(speaker_id, str):
        raise ValueError("'name' and 'id' must be text")
    number = int(speaker_id.removeprefix("S"))
    times_ns = record["enrolled_ns"], record["updated_ns"]
    if not all(type(value) is int and abs(value) < _LIMIT for value in (*times_ns, number)) or number < 1:
        raise ValueError("an id or a time is out of range")
    total = record["total"]
    if not isinstance(total, list) or not all(type(value) in (int, float) for value in total):
        raise ValueError("'total' must be a list of numbers")
    sums = [record[field] for field in ("count", "pairs", "cosines")]
    voice = Speech(sums[0], np.array(total, np.float64), sums[1], sums[2])
    if not is_voice(voice):
        raise ValueError(f"the numbers of '{name}' are those of no voice")
    return Profile(0, number, checked_name(name), voice, *times_ns)
