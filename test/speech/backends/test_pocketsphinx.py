from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stalk_ros.errors import UserError
from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends.faster_whisper import FasterWhisper
from stalk_ros.speech.backends.pocketsphinx import PocketSphinx


@pytest.fixture(scope="module")
def engine() -> PocketSphinx:
    return PocketSphinx(SpeechParameters())


@pytest.fixture(scope="module")
def turns(sample_audio: np.ndarray, sample_truth: dict[str, Any]) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """The audio of each turn of the sample, with 0.25 s around it, and the turn."""
    margin_s = 0.25
    return [
        (
            sample_audio[
                round((turn["start"] - margin_s) * 16_000) : round((turn["end"] + margin_s) * 16_000)
            ],
            turn,
        )
        for turn in sample_truth["turns"]
    ]


def test_it_understands_a_turn_and_knows_when_each_word_was_said(engine: PocketSphinx, turns) -> None:
    audio, turn = turns[1]
    transcript = engine.transcribe(audio)
    assert transcript.text == "yes i took the train to the mountains with my sister"
    assert " ".join(word.text for word in transcript.words) == transcript.text
    assert transcript.language == "en"
    assert 0.5 < transcript.confidence <= 1
    times = [time for word in transcript.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] == pytest.approx(0.25, abs=0.1)
    assert times[-1] == pytest.approx(0.25 + turn["end"] - turn["start"], abs=0.1)
    assert all(0 < word.probability <= 1 for word in transcript.words)
    assert all(0 < word.end_s - word.start_s < 1 for word in transcript.words)


def test_the_result_depends_on_nothing_else(engine: PocketSphinx, turns) -> None:
    (audio, _), (other, _) = turns[0], turns[13]
    first = PocketSphinx(SpeechParameters()).transcribe(audio)
    for before in (other, np.clip(other * 20, -1, 1)):
        engine.transcribe(before)
        assert engine.transcribe(audio) == first


@pytest.mark.parametrize("samples", [1, 100, 1_600, 32_000])
def test_noise_has_no_words(engine: PocketSphinx, samples: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.003, samples).astype(np.float32)
    transcript = engine.transcribe(noise)
    assert (transcript.text, transcript.words, transcript.confidence) == ("", (), 0.0)


def test_it_finds_its_modules_wherever_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('not this one')")
    monkeypatch.chdir(tmp_path)
    assert PocketSphinx(SpeechParameters()).transcribe(turns[0][0]).text == "did you have a good weekend"


def test_its_process_is_started_again_when_it_has_ended(turns) -> None:
    engine = PocketSphinx(SpeechParameters())
    first = engine.transcribe(turns[0][0])
    engine._process.kill()
    engine._process.wait()
    assert engine.transcribe(turns[0][0]) == first


def test_it_has_no_other_model() -> None:
    reason = "it has its own model and cannot load 'large-v3'; leave parameter 'model' empty"
    message = f"backend 'pocketsphinx': {reason}"
    for backend in ("auto", "pocketsphinx"):
        with pytest.raises(UserError) as error:
            SpeechStage.load(SpeechParameters(backend=backend, model="large-v3"))
        assert message in str(error.value)
    with pytest.raises(UserError) as error:
        PocketSphinx(SpeechParameters(model="large-v3"))
    assert str(error.value) == message


def test_it_is_not_taken_for_another_language_than_its_own() -> None:
    assert PocketSphinx.missing(SpeechParameters(language="en-GB")) == ""
    with pytest.raises(UserError, match="backend 'pocketsphinx': it understands English, not 'ko-KR'"):
        SpeechStage.load(SpeechParameters(language="ko-KR"))


def test_without_its_package_it_says_how_to_install_it(uninstall) -> None:
    uninstall("pocketsphinx")
    for backend in ("auto", "pocketsphinx"):
        with pytest.raises(UserError) as error:
            SpeechStage.load(SpeechParameters(backend=backend))
        assert "PocketSphinx is not installed: pip install pocketsphinx" in str(error.value)


def test_it_says_what_it_is_not_for(engine: PocketSphinx) -> None:
    assert engine.name == "pocketsphinx"
    assert engine.caveat.startswith("is for demonstrations")
    assert engine.caveat.endswith(FasterWhisper.missing(SpeechParameters()).rpartition("with: ")[2])
