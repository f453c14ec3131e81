"""The files that a run writes, also when it ends early."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import soundfile
import webvtt
from praatio import textgrid

from stalk_ros.audio import AudioFile
from stalk_ros.errors import UserError
from stalk_ros.offline import run as module
from stalk_ros.offline.configuration import load
from stalk_ros.offline.exports import FORMATS
from stalk_ros.offline.exports.files import NewText
from stalk_ros.offline.outputs import Outputs
from stalk_ros.offline.sources import open_recording

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ended:
    """The first seconds of a recording, and then something happens."""

    def __init__(self, path: Path, seconds: float, end: BaseException) -> None:
        self.name = path.stem
        self.duration_s = 60.0
        self.problem = ""
        self._path, self._seconds, self._end = path, seconds, end

    def items(self) -> Iterator[Any]:
        for chunk in AudioFile(self._path).chunks():
            if chunk.stamp_ns >= self._seconds * 1e9:
                raise self._end
            yield chunk


def everything(folder: Path) -> Outputs:
    files = {name: folder / f"talk.{name}" for name in FORMATS}
    return Outputs(files, folder / "bag", folder / "report.html", with_sound=True)


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch, sample: Path):
    """Has the run read a recording that ends by an exception after some seconds."""

    def end(seconds: float, exception: BaseException) -> None:
        monkeypatch.setattr(module, "open_recording", lambda *_: Ended(sample, seconds, exception))

    return end


# What is told lies behind what is read ahead when an interrupt comes, and not when a recording ends.
@pytest.mark.parametrize(
    ("seconds", "exception"), [(60.0, KeyboardInterrupt()), (14.0, UserError("'talk.wav' is damaged"))]
)
def test_what_was_written_before_an_early_end_is_whole(ending, sample, tmp_path, seconds, exception) -> None:
    ending(seconds, exception)
    outputs = everything(tmp_path)
    with pytest.raises(type(exception)) as end:
        module.run(sample, load(None, ("asr.partials=false",)), outputs)
    if isinstance(exception, KeyboardInterrupt):
        assert "of audio were heard; complete up to there: " in str(end.value)
        assert all(str(path) in str(end.value) for path in outputs.paths)
    files = outputs.files
    events = [json.loads(line) for line in files["events"].read_text().splitlines()]
    said = [event["text"] for event in events if event["type"] == "utterance"]
    assert len(said) >= 3
    document = json.loads(files["json"].read_text())
    assert [turn["text"] for turn in document["utterances"]] == said
    assert len(webvtt.read(str(files["vtt"]))) == len(webvtt.from_srt(str(files["srt"]))) >= 3
    assert len(files["rttm"].read_text().splitlines()) == len(said)
    textgrid.openTextgrid(str(files["textgrid"]), includeEmptyIntervals=True)
    assert outputs.report.read_text().rstrip().endswith("</html>")
    heard = open_recording(outputs.bag)
    assert heard.problem == ""
    assert len(list(heard.items())) > 10


def test_ctrl_c_while_files_are_completed_leaves_them_whole(
    monkeypatch: pytest.MonkeyPatch, sample_audio, tmp_path: Path
) -> None:
    """It comes before each piece of text that is written when all has been heard."""
    follow, write = module._follow, NewText.write
    heard = []

    def write_interrupted(file: NewText, text: str) -> int:
        if heard:
            signal.raise_signal(signal.SIGINT)
        return write(file, text)

    monkeypatch.setattr(module, "_follow", lambda *arguments: heard.append(follow(*arguments)))
    monkeypatch.setattr(NewText, "write", write_interrupted)
    soundfile.write(tmp_path / "talk.wav", sample_audio[: 3 * 16_000], 16_000)
    outputs = everything(tmp_path)
    with pytest.raises(KeyboardInterrupt) as end:
        module.run(tmp_path / "talk.wav", load(None, ("asr.partials=false",)), outputs)
    assert all(str(path) in str(end.value) for path in outputs.paths)
    assert json.loads(outputs.files["json"].read_text())["utterances"]
    assert len(webvtt.from_srt(str(outputs.files["srt"]))) == 1
    assert len(webvtt.read(str(outputs.files["vtt"]))) == 1
    textgrid.openTextgrid(str(outputs.files["textgrid"]), includeEmptyIntervals=True)
    assert outputs.report.read_text().rstrip().endswith("</html>")
    assert open_recording(outputs.bag).problem == ""


def test_all_outputs_are_tried_before_anything_is_heard(ending, sample, tmp_path) -> None:
    ending(0.0, AssertionError("it was read"))
    (tmp_path / "bag").mkdir()
    with pytest.raises(UserError, match="bag"):
        module.run(sample, load(None), everything(tmp_path))


def test_the_same_audio_gives_the_same_files(sample, sample_audio, tmp_path) -> None:
    part = tmp_path / "talk.wav"
    soundfile.write(part, sample_audio[: 12 * 16_000], 16_000)
    for folder in ("one", "two"):
        module.run(part, load(None, ("asr.partials=false",)), everything(tmp_path / folder))
    one, two = (everything(tmp_path / folder).paths for folder in ("one", "two"))
    for path, again in zip(one, two, strict=True):
        if path.is_dir():
            for file in ("bag.mcap", "metadata.yaml"):
                assert (path / file).read_bytes() == (again / file).read_bytes()
        else:
            assert path.read_bytes() == again.read_bytes(), path.name
