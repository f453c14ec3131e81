from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.errors import UserError
from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends import ge2e
from stalk_ros.speakers.backends.ge2e import GE2E

if TYPE_CHECKING:
    from collections.abc import Callable

INSTALL = "pip install --no-deps Resemblyzer==0.1.4"


@pytest.fixture(scope="module")
def engine() -> GE2E:
    return GE2E(SpeakerParameters())


@pytest.fixture(scope="module")
def weights() -> Path:
    """The model file of the installed package."""
    spec = importlib.util.find_spec("resemblyzer")
    assert spec and spec.origin
    return Path(spec.origin).with_name("pretrained.pt")


def buzz(seconds: float) -> np.ndarray:
    """A harmonic sound whose pitch and colour move."""
    t = np.arange(round(seconds * 16_000)) / 16_000
    phase = 2 * np.pi * (120 * t + 10 * np.sin(2 * np.pi * 3 * t) / 3)
    partials = [np.sin(k * phase) / k * (1 + np.sin(2 * np.pi * k * t)) for k in range(1, 20)]
    return np.sum(partials, axis=0).astype(np.float32) / 10


def test_it_computes_what_torch_computes(engine: GE2E, monkeypatch) -> None:
    """The largest of what Resemblyzer 0.1.4 with torch 2.13 makes of the sound at an RMS of 0.03."""
    expected = {
        180: 0.244121,
        92: 0.185125,
        158: 0.179550,
        133: 0.178514,
        127: 0.176697,
        51: 0.171979,
        156: 0.163517,
        109: 0.151840,
    }
    monkeypatch.setattr(ge2e, "_without_noise", lambda spectrogram: spectrogram)
    (embedding,) = engine.embed([buzz(1.5)])
    assert embedding.dtype == np.float32
    assert embedding.shape == (256,)
    assert set(np.argsort(-embedding)[:8].tolist()) == set(expected)
    assert embedding[list(expected)] == pytest.approx(list(expected.values()), abs=1e-5)
    assert np.count_nonzero(embedding) == 126


def test_rows_have_length_one_and_keep_the_order_of_windows_of_any_lengths(engine: GE2E) -> None:
    windows = [buzz(1.5), buzz(0.4), buzz(1.5)[::-1].copy(), buzz(0.03), buzz(0.4)[::-1].copy()]
    together = engine.embed(windows)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    alone = np.concatenate([engine.embed([window]) for window in windows])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert len({row.tobytes() for row in together.round(3)}) == 5


def test_steady_noise_matters_less_than_it_would(engine: GE2E, monkeypatch) -> None:
    syllables = buzz(1.5) * (np.sin(2 * np.pi * 4 * np.arange(24_000) / 16_000) > 0)
    noise = 0.03 * np.random.default_rng(0).normal(size=24_000)

    def change() -> float:
        quiet, noisy = engine.embed([piece.astype(np.float32) for piece in (syllables, syllables + noise)])
        return float(1 - quiet @ noisy)

    without_noise = change()
    monkeypatch.setattr(ge2e, "_without_noise", lambda spectrogram: spectrogram)
    assert without_noise < 0.6 * change()


@pytest.mark.parametrize("gain", [0.01, 0.25, 4.0])
def test_loudness_does_not_matter(engine: GE2E, gain: float) -> None:
    near, far = engine.embed([buzz(1.5), buzz(1.5) * np.float32(gain)])
    np.testing.assert_allclose(near, far, atol=1e-4)


def test_digital_silence_gives_numbers(engine: GE2E) -> None:
    assert np.isfinite(engine.embed([np.zeros(16_000, np.float32), np.zeros(1, np.float32)])).all()


def test_turns_of_one_voice_are_closer_than_turns_of_two(
    engine: GE2E, sample_audio: np.ndarray, sample_truth: dict[str, Any]
) -> None:
    turns = [turn for turn in sample_truth["turns"] if turn["end"] - turn["start"] > 1.5]
    voices = np.array([turn["speaker"] for turn in turns])
    clips = [sample_audio[round(turn["start"] * 16_000) : round(turn["end"] * 16_000)] for turn in turns]
    embeddings = engine.embed(clips)
    similarities = embeddings @ embeddings.T
    same = voices[:, None] == voices
    np.fill_diagonal(similarities, np.nan)
    assert np.nanmedian(similarities[same]) > np.nanmax(similarities[~same])


def test_it_can_run_here_without_loading_resemblyzer_or_torch() -> None:
    code = (
        "import sys; from stalk_ros.speakers.backends.ge2e import GE2E; "
        "from stalk_ros.speakers import SpeakerParameters; "
        "reason = GE2E.missing(SpeakerParameters()); GE2E(SpeakerParameters()); "
        "assert not reason, reason; assert not {'torch', 'resemblyzer'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_a_model_may_be_a_path(weights: Path) -> None:
    assert GE2E.missing(SpeakerParameters(model=str(weights))) == ""
    np.testing.assert_array_equal(
        GE2E(SpeakerParameters(model=str(weights))).embed([buzz(1)]),
        GE2E(SpeakerParameters()).embed([buzz(1)]),
    )


def test_its_identity_is_that_of_the_weights_wherever_they_are(
    engine: GE2E, weights: Path, tmp_path: Path
) -> None:
    copy, other = tmp_path / "copy.pt", tmp_path / "other.pt"
    copy.write_bytes(weights.read_bytes())
    assert engine.model_id == GE2E(SpeakerParameters(model=str(copy))).model_id == "ge2e-39373b86598f"
    tuned = bytearray(weights.read_bytes())
    tuned[-100] ^= 1
    other.write_bytes(tuned)
    assert GE2E(SpeakerParameters(model=str(other))).model_id != engine.model_id


def test_without_the_package_it_says_how_to_install_it(uninstall: Callable[..., None]) -> None:
    uninstall("resemblyzer")
    assert INSTALL in GE2E.missing(SpeakerParameters())
    with pytest.raises(UserError, match="ge2e") as caught:
        GE2E(SpeakerParameters())
    assert INSTALL in str(caught.value)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "gone.pt")
    assert path in GE2E.missing(SpeakerParameters(model=path))
    assert INSTALL in GE2E.missing(SpeakerParameters(model=path))
    assert GE2E.missing(SpeakerParameters(model=str(tmp_path))), "a folder is no model"


def test_a_model_of_another_engine_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "resnet34.onnx"
    path.write_bytes(b"onnx")
    assert GE2E.missing(SpeakerParameters(model=str(path))).startswith(f"there is no GE2E model '{path}'; ")


@pytest.mark.parametrize("kept", [0, 100, 3_000, 6_600, 1_000_000])
def test_a_model_that_is_cut_off_is_named_in_one_line(weights: Path, tmp_path: Path, kept: int) -> None:
    damaged = tmp_path / "cut.pt"
    damaged.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(UserError) as caught:
        GE2E(SpeakerParameters(model=str(damaged)))
    message = str(caught.value)
    assert str(damaged) in message
    assert INSTALL in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"PK\x03\x04 a zip", b"text\n" * 100, bytes(range(256)) * 40])
def test_a_file_of_another_kind_is_named_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.pt"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        GE2E(SpeakerParameters(model=str(path)))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("tensors", [{}, {"lstm.weight_ih_l0": np.zeros((1024, 80), np.float32)}])
def test_a_network_of_another_shape_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tensors: dict[str, np.ndarray]
) -> None:
    path = tmp_path / "other.pt"
    path.touch()
    monkeypatch.setattr("stalk_ros.speakers.backends.ge2e.read_tensors", lambda path, entry: tensors)
    with pytest.raises(UserError, match=r"lstm.weight_ih_l0 of shape \(1024, 40\)"):
        GE2E(SpeakerParameters(model=str(path)))
