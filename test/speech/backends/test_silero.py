from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from stalk_ros.errors import UserError
from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends.silero import MODELS, SileroVad

WINDOW = 512
INSTALL = "pip install onnxruntime && pip install --no-deps silero-vad"


@pytest.fixture
def installed() -> Path:
    """The model of the installed package."""
    return MODELS[0].located()


@pytest.fixture(scope="module")
def vad() -> SileroVad:
    return SileroVad()


def probabilities(vad: SileroVad, audio: np.ndarray) -> np.ndarray:
    vad.reset()
    whole = len(audio) - len(audio) % WINDOW
    return np.array([vad.probability(window) for window in audio[:whole].reshape(-1, WINDOW)])


def test_speech_is_probable_where_somebody_speaks_and_nowhere_else(vad, sample_audio, sample_truth) -> None:
    probability = probabilities(vad, sample_audio)
    assert probability.min() >= 0
    assert probability.max() <= 1
    times = (np.arange(len(probability)) + 0.5) * WINDOW / 16_000
    for turn in sample_truth["turns"]:
        inside = (turn["start"] + 0.1 < times) & (times < turn["end"] - 0.1)
        assert probability[inside].mean() > 0.9, turn
    for start, end in sample_truth["silences"]:
        assert probability[(start + 0.5 < times) & (times < end - 0.1)].max() < 0.1
    assert probabilities(vad, np.zeros(16_000, np.float32)).max() < 0.1
    hiss = np.random.default_rng(0).normal(0, 0.01, 16_000).astype(np.float32)
    assert probabilities(vad, hiss).mean() < 0.1


def test_state_and_context_are_carried_from_window_to_window(vad, sample_audio, installed) -> None:
    """Window by window as well as the whole at once, which the model can do too."""
    audio = sample_audio[: 200 * WINDOW]
    session = onnxruntime.InferenceSession(str(installed), providers=["CPUExecutionProvider"])
    padded = np.concatenate([np.zeros(64, np.float32), audio])
    heard = np.stack([padded[at : at + 64 + WINDOW] for at in range(0, len(audio), WINDOW)])
    state = np.zeros((1, 1, 128), np.float32)
    expected = session.run(None, {"input": heard, "h": state, "c": state})[0].ravel()
    np.testing.assert_allclose(probabilities(vad, audio), expected, atol=1e-4)


def test_after_a_reset_nothing_is_left_of_what_was_heard(vad, sample_audio) -> None:
    audio = sample_audio[20_000:40_000]
    first = probabilities(vad, audio)
    probabilities(vad, sample_audio[50_000:70_000])
    np.testing.assert_array_equal(probabilities(vad, audio), first)


def refusal(model: str | Path) -> str:
    with pytest.raises(UserError) as error:
        SileroVad(str(model))
    assert "\n" not in str(error.value)
    assert str(model) in str(error.value)
    return str(error.value)


def test_a_model_of_its_own_is_used(vad, sample_audio, installed, tmp_path: Path) -> None:
    shutil.copy(installed, tmp_path / "mine.onnx")
    audio = sample_audio[:20_000]
    mine = SileroVad(str(tmp_path / "mine.onnx"))
    np.testing.assert_array_equal(probabilities(mine, audio), probabilities(vad, audio))


def test_a_missing_or_wrong_model_is_told_in_one_line(installed, tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.onnx") == f"there is no Silero VAD model '{tmp_path / 'none.onnx'}'"
    assert refusal(tmp_path).startswith("there is no Silero VAD model")
    real = installed.read_bytes()
    for name, data in (("empty", b""), ("text", b"a model\n" * 100), ("cut", real[: len(real) // 2])):
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(data)
        assert refusal(path).startswith(f"'{path}' is not a Silero VAD model of version 6: ")
    # An older version, which has other inputs.
    assert "is not a Silero VAD model of version 6" in refusal(installed.with_name("silero_vad.onnx"))


@pytest.mark.parametrize(
    ("packages", "message"),
    [
        (["onnxruntime"], f"voice activity needs onnxruntime: {INSTALL}"),
        (["silero_vad", "faster_whisper"], f"voice activity needs the Silero VAD model: {INSTALL}"),
    ],
)
def test_a_missing_package_is_told_with_the_command_that_installs_it(uninstall, packages, message) -> None:
    uninstall(*packages)
    with pytest.raises(UserError) as error:
        SpeechStage.load(SpeechParameters())
    assert str(error.value) == message
