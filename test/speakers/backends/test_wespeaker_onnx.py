from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest

from stalk_ros.backends import backend_class
from stalk_ros.errors import UserError
from stalk_ros.speakers import Calibration, SpeakerParameters, SpeakerStage
from stalk_ros.speakers.backends import BACKENDS
from stalk_ros.speakers.backends.fbank import THREE_D_SPEAKER, WESPEAKER, Features
from stalk_ros.speakers.backends.ge2e import GE2E
from stalk_ros.speakers.backends.wespeaker_models import DEFAULT, LARGE_MARGIN, MODELS, known
from stalk_ros.speakers.backends.wespeaker_onnx import WespeakerOnnx
from stalk_ros.speakers.embedding import FIGURES

if TYPE_CHECKING:
    from collections.abc import Callable

PULL = f"stalk models pull {DEFAULT}"
SHERPA = {"framework": "3d-speaker", "sample_rate": "16000", "output_dim": "16", "normalize_samples": "1"}


def engine(model: Path | str, **parameters: Any) -> WespeakerOnnx:
    return WespeakerOnnx(SpeakerParameters(model=str(model), **parameters))


def refusal(model: Path | str, **parameters: Any) -> str:
    """The one line that says why there is no engine."""
    with pytest.raises(UserError) as error:
        engine(model, **parameters)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, network) -> Callable[..., Path]:
    """Puts a model into the cache of the hub, where ``stalk models pull`` would."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))

    def pull(name: str = DEFAULT) -> Path:
        model = known(name)
        path = model.root / "snapshots" / "0123abc" / model.files[0]
        path.parent.mkdir(parents=True)
        path.write_bytes(network())
        (model.root / "refs").mkdir()
        (model.root / "refs" / "main").write_text("0123abc")
        return path

    return pull


@pytest.mark.parametrize(
    ("files", "features"),
    [
        ({"config.yaml": "TRAINING"}, WESPEAKER),
        ({"config.yaml": "window_type: povey\nwavform_norm: true"}, THREE_D_SPEAKER),
    ],
)
def test_it_embeds_what_the_network_makes_of_the_features(
    model_folder, network, training, sound, understood, files: dict[str, str], features: Features
) -> None:
    files = {name: content.replace("TRAINING", training) for name, content in files.items()}
    windows = [
        sound(1.5),
        sound(0.4),
        sound(1.5)[::-1],
        sound(3.0),
        sound(0.05),
        sound(1.5) * np.float32(0.01),
    ]
    embeddings = engine(model_folder({"model.onnx": network(), **files})).embed(windows)
    assert embeddings.dtype == np.float32
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(6), abs=1e-6)
    expected = [understood(features.of(window)) for window in windows]
    np.testing.assert_allclose(embeddings, expected, atol=1e-5)


def test_many_windows_of_one_length_keep_their_order(model_folder, network, training, sound) -> None:
    model = engine(model_folder({"model.onnx": network(), "config.yaml": training}))
    windows = [sound(0.5) * np.float32(1 + number) + sound(0.5)[::-1] for number in range(20)]
    alone = np.concatenate([model.embed([window]) for window in windows])
    np.testing.assert_allclose(model.embed(windows), alone, atol=1e-6)
    assert len({row.tobytes() for row in alone.round(3)}) == 20


def test_the_metadata_that_sherpa_onnx_writes_say_what_it_hears(
    model_folder, network, sound, understood
) -> None:
    file = network(("x", "embedding"), ("N", "T", 80), SHERPA)
    folder = model_folder({"campplus.onnx": file, "config.yaml": "of something else"})
    (embedding,) = engine(folder).embed([sound(1.0)])
    np.testing.assert_allclose(embedding, understood(THREE_D_SPEAKER.of(sound(1.0))), atol=1e-5)


def test_a_model_with_other_bins_gets_them(model_folder, network, training, sound, understood) -> None:
    folder = model_folder(
        {"m.onnx": network(shape=("B", "T", 40)), "config.yaml": training.replace("bins: 80", "bins: 40")}
    )
    (embedding,) = engine(folder).embed([sound(1.0)])
    features = Features("hamming", 32768.0, bins=40)
    np.testing.assert_allclose(embedding, understood(features.of(sound(1.0))), atol=1e-5)


def test_auto_takes_it_where_its_model_is_and_else_says_how_to_get_it(pulled) -> None:
    stage = SpeakerStage.load(SpeakerParameters())
    assert isinstance(stage.engine, GE2E)
    assert stage.engine.caveat.endswith(PULL)
    pulled()
    stage = SpeakerStage.load(SpeakerParameters())
    assert isinstance(stage.engine, WespeakerOnnx)
    assert stage.engine.caveat == ""


def test_it_is_chosen_by_name_and_never_replaced(pulled) -> None:
    with pytest.raises(UserError) as error:
        SpeakerStage.load(SpeakerParameters(backend="wespeaker_onnx"))
    message = f"backend 'wespeaker_onnx': model '{DEFAULT}' is not here; fetch it with: {PULL}"
    assert str(error.value) == f"diarization: {message}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_published_model_is_known_by_its_name_and_repository(pulled, sound, understood, model) -> None:
    pulled(model.name)
    for name in (model.name, model.repository):
        made = engine(name)
        assert made.calibration == model.calibration
        (embedding,) = made.embed([sound(1.0)])
        np.testing.assert_allclose(embedding, understood(model.features.of(sound(1.0))), atol=1e-5)


def test_those_of_wespeaker_hear_as_it_trains_and_the_others_as_theirs_do() -> None:
    for model in MODELS:
        own = model.repository.startswith("Wespeaker/")
        assert model.features == (WESPEAKER if own else THREE_D_SPEAKER)


def test_its_identity_is_that_of_the_weights_and_of_what_they_hear(
    model_folder, network, training, tmp_path: Path
) -> None:
    folder = model_folder({"one.onnx": network(), "config.yaml": training})
    first = engine(folder).model_id
    assert first.startswith("wespeaker_onnx-")
    (folder / "one.onnx").rename(folder / "two.onnx")
    assert engine(folder / "two.onnx").model_id == first
    (folder / "config.yaml").write_text("window_type: povey\nwavform_norm: true")
    assert engine(folder).model_id != first
    (folder / "config.yaml").write_text(training)
    (folder / "two.onnx").write_bytes(network(last="Tanh"))
    assert engine(folder).model_id != first


def test_weights_in_a_file_of_their_own_count_too(model_folder, network, training) -> None:
    folder = model_folder({"m.onnx": network(), "config.yaml": training})
    ids = [engine(folder).model_id]
    for name in ("m.onnx.data", "m.onnx_data"):
        (folder / name).write_bytes(b"weights")
        ids.append(engine(folder).model_id)
    assert len({*ids}) == 3


def test_its_calibration_is_that_beside_it(model_folder, network, training) -> None:
    folder = model_folder({"m.onnx": network(), "config.yaml": training})
    assert engine(folder).calibration == LARGE_MARGIN
    figures = dict(zip(FIGURES, (2.0, 0.5, 0.7, 0.1, 0.05, 0.6), strict=True))
    lines = [f"{name}: {value}" for name, value in figures.items()]
    (folder / "calibration.yaml").write_text("\n".join(lines))
    assert engine(folder).calibration == Calibration(**figures)


def test_a_file_alone_that_does_not_say_what_it_hears_is_refused(model_folder, network) -> None:
    file = model_folder({"voices.onnx": network()}) / "voices.onnx"
    reason = "it does not say how its features are computed; put the config.yaml of its training beside it"
    assert refusal(file) == f"'{file}' is no speaker model for this backend: {reason}"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"names": ("input", "embs")},
            "it takes 'input' ['B', 'T', 80] and gives 'embs' ['B', 16], instead of ",
        ),
        (
            {"names": ("feats", "logits")},
            "gives 'logits' ['B', 16], instead of 'feats' ['B', 'T', 80] and 'embs'",
        ),
        ({"shape": ("B", 200, 80)}, "it takes 'feats' ['B', 200, 80] and gives "),
        ({"shape": (1, "T", 80)}, "it takes 'feats' [1, 'T', 80] and gives "),
        ({"shape": ("B", "T", 64)}, "it takes 'feats' ['B', 'T', 64] and gives "),
        ({"second_input": True}, "it takes 'feats' ['B', 'T', 80] and 'lengths' ['B'] and gives "),
        ({"last": "Log"}, "it makes no numbers of what it hears"),
        (
            {"metadata": {"framework": "nemo"}},
            "it is of the framework 'nemo', not of wespeaker or 3d-speaker",
        ),
    ],
)
def test_another_network_is_refused(model_folder, network, training, options, reason: str) -> None:
    folder = model_folder({"m.onnx": network(**options), "config.yaml": training})
    message = refusal(folder)
    assert message.startswith(f"'{folder / 'm.onnx'}' is no speaker model for this backend: ")
    assert reason in message


@pytest.mark.parametrize("kept", [0, 1, 100, 1_000, -1])
def test_a_file_that_is_cut_off_is_named(model_folder, network, training, kept: int) -> None:
    folder = model_folder({"m.onnx": network()[:kept], "config.yaml": training})
    assert refusal(folder).startswith(f"'{folder / 'm.onnx'}' is no ")


@pytest.mark.parametrize("content", [b"PK\x03\x04 a zip", b"text\n" * 100, bytes(range(256)) * 40])
def test_a_file_of_another_kind_is_named(model_folder, training, content: bytes) -> None:
    folder = model_folder({"m.onnx": content, "config.yaml": training})
    message = refusal(folder)
    assert message.startswith(f"'{folder / 'm.onnx'}' is no ONNX file that onnxruntime can load: ")


def test_a_folder_must_hold_one_model(model_folder, network, training) -> None:
    folder = model_folder({"config.yaml": training})
    assert refusal(folder) == f"backend 'wespeaker_onnx': model folder '{folder}' has no ONNX file"
    for name in ("a.onnx", "b.onnx"):
        (folder / name).write_bytes(network())
    assert refusal(folder).endswith(f"model folder '{folder}' has 2 ONNX files, name one of them")
    assert engine(folder / "a.onnx")


@pytest.mark.parametrize("name", ["resnet43-LM", "/nowhere/model.onnx"])
def test_a_model_that_is_not_there_is_named_with_those_there_are(name: str) -> None:
    message = refusal(name)
    assert message.startswith(f"backend 'wespeaker_onnx': there is no model '{name}'; there are: {DEFAULT}, ")
    assert message.endswith(", or the path of an ONNX file")


@pytest.mark.parametrize("package", ["onnxruntime", "kaldi_native_fbank"])
def test_without_a_package_it_says_how_to_install_it(uninstall, package: str) -> None:
    uninstall(package)
    reason = WespeakerOnnx.missing(SpeakerParameters())
    assert reason.startswith(f"{package.replace('_', '-')} is not installed: pip install ")
    assert reason.endswith(PULL)


def test_it_runs_on_the_processor_and_says_so(model_folder, network, training) -> None:
    folder = model_folder({"m.onnx": network(), "config.yaml": training})
    assert [engine(folder, device=device).device for device in ("auto", "cpu")] == ["cpu", "cpu"]


def test_a_gpu_that_is_not_there_is_said_and_never_replaced(model_folder, network, training) -> None:
    """As on a machine without CUDA, whatever onnxruntime is installed."""
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    message = refusal(model_folder({"m.onnx": network(), "config.yaml": training}), device="cuda")
    assert message.startswith(
        "backend 'wespeaker_onnx': onnxruntime cannot use a GPU here: it needs onnxruntime-gpu"
    )
    assert message.endswith("parameter 'device' may be 'cpu' instead")


@pytest.mark.parametrize(
    ("works", "device"), [(True, "auto"), (True, "cuda"), (False, "auto"), (False, "cuda")]
)
def test_a_gpu_is_used_where_it_works(
    monkeypatch: pytest.MonkeyPatch, model_folder, network, training, works: bool, device: str
) -> None:
    """An onnxruntime with CUDA stands in: where a library is missing it silently takes the processor."""

    class Session:
        def __init__(self, path: str, options: Any, providers: list[Any]) -> None:
            self._session = real(path, options, providers=["CPUExecutionProvider"])
            self._wanted = [item if isinstance(item, str) else item[0] for item in providers]

        def get_providers(self) -> list[str]:
            return self._wanted if works else ["CPUExecutionProvider"]

        def __getattr__(self, name: str) -> Any:
            return getattr(self._session, name)

    real = onnxruntime.InferenceSession
    folder = model_folder({"m.onnx": network(), "config.yaml": training})
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    if not works and device == "cuda":
        assert "onnxruntime cannot use a GPU here" in refusal(folder, device=device)
    else:
        assert engine(folder, device=device).device == ("cuda" if works else "cpu")
        assert engine(folder, device="cpu").device == "cpu"


def test_it_can_be_asked_without_loading_what_it_needs(tmp_path: Path) -> None:
    code = (
        "import sys; from stalk_ros.speakers import SpeakerParameters; "
        "from stalk_ros.speakers.backends.wespeaker_onnx import WespeakerOnnx; "
        "reason = WespeakerOnnx.missing(SpeakerParameters()); "
        f"assert {PULL!r} in reason, reason; "
        "assert not {'onnxruntime', 'kaldi_native_fbank'} & set(sys.modules)"
    )
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3], env=environment)


def test_it_is_the_first_choice() -> None:
    assert next(iter(BACKENDS.built_in)) == "wespeaker_onnx"
    assert list(BACKENDS.built_in)[-1] == "ge2e"
    assert backend_class("diarization", BACKENDS, "auto", SpeakerParameters()) is GE2E
