import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

SAMPLES = Path(__file__).parents[2] / "samples"
RATE = 16000


@pytest.fixture(scope="module")
def audio():
    samples, rate = soundfile.read(SAMPLES / "conversation.flac", dtype="int16", always_2d=True)
    assert rate == RATE
    assert samples.shape[1] == 1
    return samples[:, 0]


@pytest.fixture(scope="module")
def truth():
    return json.loads((SAMPLES / "conversation.json").read_text(encoding="utf-8"))


def level_dbfs(samples):
    return 20 * np.log10(np.sqrt(np.mean((samples / 32768.0) ** 2)))


def test_it_is_a_little_conversation_of_three_voices(audio, truth):
    assert 60 <= len(audio) / RATE <= 90
    assert truth["duration"] == pytest.approx(len(audio) / RATE, abs=0.001)
    assert {turn["speaker"] for turn in truth["turns"]} == {"alice", "bruno", "carl"}


def test_it_lapses_once_for_six_seconds_and_ends_in_silence(truth):
    turns = truth["turns"]
    gaps = [round(after["start"] - before["end"], 3) for before, after in pairwise(turns)]
    assert sorted(gaps)[-1] == 6.0
    assert sorted(gaps)[-2] <= 0.8
    lapse = gaps.index(6.0)
    assert turns[lapse]["speaker"] != turns[lapse + 1]["speaker"]
    end = turns[-1]["end"]
    assert truth["silences"] == [
        [turns[lapse]["end"], turns[lapse + 1]["start"]],
        [end, truth["duration"]],
    ]
    assert truth["duration"] - end == pytest.approx(7.0, abs=0.001)


def test_every_turn_is_where_the_truth_says(audio, truth):
    """Speech is heard within 50 ms of both ends of a turn, and between turns only the noise floor."""
    quiet_from = 0
    for turn in truth["turns"]:
        start, end = round(turn["start"] * RATE), round(turn["end"] * RATE)
        assert level_dbfs(audio[quiet_from:start]) == pytest.approx(-65.0, abs=1.0)
        assert level_dbfs(audio[start:end]) == pytest.approx(-23.0, abs=0.5)
        for edge in (audio[start : start + RATE // 20], audio[end - RATE // 20 : end]):
            assert level_dbfs(edge) > -60.0
        quiet_from = end
    assert level_dbfs(audio[quiet_from:]) == pytest.approx(-65.0, abs=1.0)


def test_no_sample_is_clipped(audio):
    assert np.abs(audio.astype(np.int32)).max() < 32767


def test_the_rttm_tells_the_same(truth):
    rows = [line.split() for line in (SAMPLES / "conversation.rttm").read_text(encoding="utf-8").splitlines()]
    told = [(row[7], float(row[3]), float(row[4])) for row in rows]
    turns = [
        (turn["speaker"], turn["start"], round(turn["end"] - turn["start"], 3)) for turn in truth["turns"]
    ]
    assert told == turns


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite, which speaks the turns, is not installed")
def test_the_script_makes_the_same_again(tmp_path, audio):
    for name in ("make_conversation.py", "conversation.yaml"):
        shutil.copy(SAMPLES / name, tmp_path)
    subprocess.run([sys.executable, str(tmp_path / "make_conversation.py")], check=True)
    again, _ = soundfile.read(tmp_path / "conversation.flac", dtype="int16")
    assert np.array_equal(again, audio)
    for name in ("conversation.json", "conversation.rttm"):
        assert (tmp_path / name).read_bytes() == (SAMPLES / name).read_bytes()
