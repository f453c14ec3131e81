from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.corpus import corpus

if TYPE_CHECKING:
    from pathlib import Path


def silence(path: Path, seconds: float = 1.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(seconds * 16_000)), 16_000)
    return path


def test_recordings_are_found_in_all_folders_by_their_references(tmp_path: Path, talk) -> None:
    talk(tmp_path / "b.wav")
    talk(tmp_path / "room" / "deep" / "a.FLAC")
    silence(tmp_path / "unknown.ogg")
    silence(tmp_path / ".hidden.wav")
    (tmp_path / "gone.rttm").touch()
    found = corpus(tmp_path)
    assert [known.name for known in found.known] == ["b.wav", "room/deep/a.FLAC"]
    assert found.unknown == ["unknown.ogg"]
    assert found.orphans == ["gone.rttm"]
    assert found.failures == {}
    assert found.duration_s == pytest.approx(2 * 2.9)


def test_the_fingerprint_tells_another_truth(tmp_path: Path, talk) -> None:
    one = talk(tmp_path / "one.wav")
    talk(tmp_path / "two.wav")
    first, second = corpus(tmp_path).known
    assert first.fingerprint == corpus(tmp_path).known[0].fingerprint
    truth = one.with_suffix(".json")
    truth.write_text(truth.read_text().replace("good", "bad"))
    assert corpus(tmp_path).known[0].fingerprint != first.fingerprint
    assert corpus(tmp_path).known[1].fingerprint == second.fingerprint


def test_what_is_broken_is_told_and_the_rest_is_there(tmp_path: Path, talk) -> None:
    talk(tmp_path / "fine.wav")
    talk(tmp_path / "no audio.wav").write_bytes(b"nothing of the sort")
    talk(tmp_path / "no truth.wav").with_suffix(".json").write_text("{")
    found = corpus(tmp_path)
    assert [known.name for known in found.known] == ["fine.wav"]
    assert sorted(found.failures) == ["no audio.wav", "no truth.wav"]
    assert "as audio" in found.failures["no audio.wav"]
    assert "no truth.json" in found.failures["no truth.wav"]


def test_nothing_to_measure_is_an_error_that_says_what_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no folder"):
        corpus(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"no audio file \(.*\.wav.*bag"):
        corpus(tmp_path)
    silence(tmp_path / "a.wav")
    with pytest.raises(UserError, match=r"none of the 1 recordings .* NAME\.rttm.*references\.json"):
        corpus(tmp_path)


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_bytes(b"")
    with pytest.raises(UserError, match="is a file: name the folder that holds it"):
        corpus(tmp_path / "talk.wav")
