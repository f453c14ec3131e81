"""The sample conversation from the file to the events, with the engines that are installed everywhere."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jiwer
import numpy as np
import pytest
import soundfile
import soxr

from stalk_ros.offline.configuration import load
from stalk_ros.offline.outputs import Outputs
from stalk_ros.offline.run import run

if TYPE_CHECKING:
    from pathlib import Path


ENGINES = ("asr.backend=pocketsphinx", "diarization.backend=ge2e")


@dataclass(frozen=True)
class Result:
    """What a run wrote and printed."""

    events: list[dict[str, Any]]
    rttm: list[str]
    printed: list[str]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]


def result(path: Path, folder: Path, *assignments: str) -> Result:
    events, rttm, printed = folder / "events.jsonl", folder / "out.rttm", io.StringIO()
    with contextlib.redirect_stdout(printed):
        run(
            path,
            load(None, (*ENGINES, "asr.partials=false", *assignments)),
            Outputs({"events": events, "rttm": rttm}),
        )
    lines = events.read_text(encoding="utf-8").splitlines()
    return Result(
        [json.loads(line) for line in lines], rttm.read_text().splitlines(), printed.getvalue().splitlines()
    )


@pytest.fixture(scope="module")
def whole(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return result(sample, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def beginning(sample_audio: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two turns and nothing else: the last word is hardly over when the file ends."""
    path = tmp_path_factory.mktemp("beginning") / "two turns.wav"
    soundfile.write(path, sample_audio[: round(6.6 * 16_000)], 16_000)
    return path


@pytest.fixture(scope="module")
def beginning_result(beginning: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return result(beginning, tmp_path_factory.mktemp("result"))


def overlap(turn: dict[str, Any], utterance: dict[str, Any]) -> float:
    return max(0.0, min(turn["end"], utterance["end"]) - max(turn["start"], utterance["start"]))


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def test_every_turn_has_its_speaker(whole: Result, sample_truth) -> None:
    utterances = whole.of("utterance")
    names: dict[str, str] = {}
    for turn in sample_truth["turns"]:
        heard = Counter({event["speaker"]: 0 for event in utterances})
        for event in utterances:
            heard[event["speaker"]] += overlap(turn, event)
        (speaker, seconds), *others = heard.most_common()
        assert seconds >= 0.9 * (turn["end"] - turn["start"]), turn
        assert sum(rest for _, rest in others) <= 0.1 * (turn["end"] - turn["start"]), turn
        assert names.setdefault(turn["speaker"], speaker) == speaker, turn
    assert sorted(names.values()) == ["S1", "S2", "S3"]


def test_at_most_one_word_in_twenty_is_wrong(whole: Result, sample_truth) -> None:
    said = plain(" ".join(turn["text"] for turn in sample_truth["turns"]))
    heard = plain(" ".join(event["text"] for event in whole.of("utterance")))
    assert jiwer.wer(said, heard) <= 0.05


def test_one_suggestion_is_made_in_each_lapse_and_taken_back_when_somebody_speaks(
    whole: Result, sample_truth
) -> None:
    (lapse, next_turn), (end, _) = sample_truth["silences"]
    offered, withdrawn, last = whole.of("suggestion")
    assert [event["status"] for event in (offered, withdrawn, last)] == ["offered", "withdrawn", "offered"]
    assert offered["time"] == pytest.approx(lapse + 4.0, abs=0.2)
    assert withdrawn["time"] == pytest.approx(next_turn, abs=0.2)
    assert withdrawn["id"] == offered["id"] != last["id"]
    assert last["time"] == pytest.approx(end + 4.0, abs=0.2)
    for event in (offered, last):
        assert event["trigger"] == "silence"
        assert event["valid_until"] > event["time"]
        assert event["topic"] in event["text"]
    assert offered["text"] != last["text"]


def test_events_are_sane(whole: Result) -> None:
    utterances, activity = whole.of("utterance"), whole.of("voice_activity")
    assert all(event["final"] for event in utterances)
    assert len({event["id"] for event in utterances}) == len(utterances)
    starts = [event["start"] for event in utterances]
    assert starts == sorted(starts)
    for event in utterances:
        times = [event["start"], *(time for word in event["words"] for time in word[1:3]), event["end"]]
        assert times == sorted(times)
        assert event["text"] == " ".join(word[0] for word in event["words"])
        assert all(0 <= word[3] <= 1 for word in event["words"])
        assert (event["language"], event["name"]) == ("en", None)
    assert [event["speech"] for event in activity] == [number % 2 == 0 for number in range(len(activity))]
    times = [event["time"] for event in activity]
    assert times == sorted(times)
    assert set(starts) >= {event["time"] for event in activity if event["speech"]}


def test_the_rttm_file_says_the_same_as_the_events(whole: Result) -> None:
    fields = [line.split() for line in whole.rttm]
    assert {(len(field), field[0], field[1]) for field in fields} == {(10, "SPEAKER", "conversation")}
    told = [(field[7], float(field[3]), float(field[3]) + float(field[4])) for field in fields]
    said = [(event["speaker"], event["start"], event["end"]) for event in whole.of("utterance")]
    assert told == [(speaker, start, pytest.approx(end, abs=0.0015)) for speaker, start, end in said]


def test_the_conversation_is_printed_as_it_goes(whole: Result) -> None:
    assert whole.printed[0] == "00:00.8 S1: did you have a good weekend"
    offers = [line for line in whole.printed if "▶" in line or "■" in line]
    said = [line for line in whole.printed if line not in offers]
    for kind, lines in (("utterance", said), ("suggestion", offers)):
        assert all(event["text"] in line for event, line in zip(whole.of(kind), lines, strict=True))


@pytest.mark.parametrize("chunk_s", [0.0173, 1.0])
def test_the_result_depends_on_the_audio_alone(beginning, beginning_result, tmp_path, chunk_s: float) -> None:
    assert result(beginning, tmp_path, f"audio_capture.chunk_s={chunk_s}") == beginning_result


def test_what_is_being_said_when_the_file_ends_is_written_down(beginning_result: Result) -> None:
    assert [event["text"] for event in beginning_result.of("utterance")] == [
        "did you have a good weekend",
        "yes i took the train to the mountains with my sister",
    ]
    assert [event["speech"] for event in beginning_result.of("voice_activity")] == [True, False] * 2
    assert beginning_result.of("voice_activity")[-1]["time"] <= 6.6


def test_partials_lead_to_the_same_finals(beginning: Path, beginning_result: Result, tmp_path: Path) -> None:
    told = result(beginning, tmp_path, "asr.partials=true")
    partials = [event for event in told.events if event.get("final") is False]
    assert [event for event in told.events if event not in partials] == beginning_result.events
    assert told.rttm == beginning_result.rttm
    finals = {event["id"]: number for number, event in enumerate(told.events) if event.get("final")}
    assert partials
    for event in partials:
        assert told.events.index(event) < finals[event["id"]]


@pytest.mark.parametrize(("rate", "channels", "subtype"), [(96_000, 8, "FLOAT"), (8_000, 1, "PCM_16")])
def test_unusual_audio_is_understood_too(
    sample_audio, tmp_path, rate: int, channels: int, subtype: str
) -> None:
    """Only one of eight channels hears anything."""
    audio = soxr.resample(sample_audio[: 3 * 16_000], 16_000, rate)
    frames = np.zeros((len(audio), channels), np.float32)
    frames[:, 0] = audio * channels / 2
    soundfile.write(tmp_path / "a.wav", frames, rate, subtype=subtype)
    (utterance,) = result(tmp_path / "a.wav", tmp_path).of("utterance")
    assert "good weekend" in utterance["text"]
    assert utterance["start"] == pytest.approx(0.8, abs=0.1)


def test_in_silence_nothing_happens(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(10 * 16_000), 16_000)
    assert result(tmp_path / "a.wav", tmp_path) == Result([], [], [])


def test_what_waits_for_its_speaker_comes_once(sample: Path, tmp_path: Path, whole: Result) -> None:
    settled = result(sample, tmp_path, "diarization.settle_s=2.0")
    assert [event["final"] for event in settled.of("utterance")] == [True] * len(whole.of("utterance"))
    assert len(settled.printed) == len(whole.printed)
