"""The checkpoints of WeSpeaker. What needs its package is skipped without: it is not in the Python index."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from stalk_ros.errors import UserError
from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speakers.backends.wespeaker import Wespeaker
from stalk_ros.speakers.backends.wespeaker_models import LARGE_MARGIN
from stalk_ros.speakers.backends.wespeaker_onnx import WespeakerOnnx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

needs_wespeaker = pytest.mark.skipif(
    not all(importlib.util.find_spec(package) for package in ("torch", "wespeaker")),
    reason="needs torch and the package wespeaker from its git repository",
)
# What its many packages deprecate is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

NETWORKS = {
    "ResNet18": {"feat_dim": 80, "embed_dim": 256, "pooling_func": "TSTP", "two_emb_layer": False},
    "ECAPA_TDNN_GLOB_c512": {"feat_dim": 80, "embed_dim": 192, "pooling_func": "ASTP"},
    "CAMPPlus": {"feat_dim": 80, "embed_dim": 512, "pooling_func": "TSTP"},
    "ReDimNet2B0": {"feat_dim": 72, "embed_dim": 192, "pooling_func": "ASTP"},
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a checkpoint folder of one of WeSpeaker's networks, with random weights."""

    def make(network: str = "ResNet18", told: dict[str, Any] | None = None) -> Path:
        import torch
        from wespeaker.models.speaker_model import get_speaker_model

        torch.manual_seed(0)
        model = get_speaker_model(network)(**NETWORKS[network])
        with torch.no_grad():
            if "ReDim" not in network:
                model(
                    torch.randn(8, 150, 80) * 3
                )  # in training: so that the statistics are those of features
        folder = tmp_path_factory.mktemp(network)
        torch.save(model.state_dict(), folder / "avg_model.pt")
        training = {"fbank_args": {"num_mel_bins": 80, "frame_shift": 10, "frame_length": 25, "dither": 1.0}}
        config = {"model": network, "model_args": NETWORKS[network], "dataset_args": training, **(told or {})}
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        return folder

    return make


def engine(folder: Path, **parameters: Any) -> Wespeaker:
    return Wespeaker(SpeakerParameters(model=str(folder), **parameters))


def refusal(folder: Path | str, **parameters: Any) -> str:
    with pytest.raises(UserError) as error:
        Wespeaker(SpeakerParameters(model=str(folder), **parameters))
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("package", ["torch", "wespeaker"])
def test_without_a_package_it_says_how_to_install_it(uninstall, package: str) -> None:
    uninstall(package, "torch", "wespeaker") if package == "torch" else uninstall(package)
    reason = Wespeaker.missing(SpeakerParameters())
    assert (
        " is not installed: pip install kaldi-native-fbank git+https://github.com/wenet-e2e/wespeaker"
        in reason
    )
    assert reason in refusal("")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both packages look installed; they are not loaded to look for the checkpoint."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: name in ("torch", "wespeaker") or find_spec(name)
    )


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("there", [(), ("avg_model.pt",), ("config.yaml",)])
def test_a_folder_without_a_checkpoint_is_named(model_folder, there: tuple[str, ...]) -> None:
    folder = model_folder(dict.fromkeys(there, ""))
    expected = f"must be a folder with avg_model.pt and config.yaml, and '{folder}' is none"
    assert Wespeaker.missing(SpeakerParameters(model=str(folder))) == f"parameter 'model' {expected}"


@pytest.mark.usefixtures("installed")
def test_it_has_no_model_of_its_own() -> None:
    expected = "parameter 'model' must be a folder with avg_model.pt and config.yaml"
    assert Wespeaker.missing(SpeakerParameters()) == expected


@pytest.mark.usefixtures("installed")
def test_packages_that_do_not_fit_together_are_not_blamed_on_the_checkpoint(
    monkeypatch: pytest.MonkeyPatch, model_folder
) -> None:
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    monkeypatch.setitem(sys.modules, "wespeaker", ModuleType("wespeaker"))
    message = refusal(model_folder({"avg_model.pt": "", "config.yaml": "model: ResNet34"}))
    expected = "backend 'wespeaker': the installed packages do not load: ImportError: cannot import name"
    assert message.startswith(expected)


@needs_wespeaker
@pytest.mark.parametrize("network", ["ResNet18", "ECAPA_TDNN_GLOB_c512", "CAMPPlus"])
@pytest.mark.parametrize("kind", [("hamming", False), ("povey", True)])
def test_it_embeds_what_wespeaker_itself_does(
    checkpoint, sound, network: str, kind: tuple[str, bool]
) -> None:
    import torch
    import wespeaker

    window_type, wavform_norm = kind
    folder = checkpoint(network, {"window_type": window_type, "wavform_norm": wavform_norm})
    windows = [sound(1.5), sound(0.5), sound(1.5)[::-1], sound(3.0)]
    speaker = wespeaker.load_model(str(folder))
    speaker.set_window_type(window_type)
    expected = [
        speaker.extract_embedding_from_pcm(
            torch.from_numpy(np.ascontiguousarray(window))[None] * (1.0 if wavform_norm else 32768.0), 16_000
        ).numpy()
        for window in windows
    ]
    embeddings = engine(folder).embed(windows)
    assert embeddings.dtype == np.float32
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(embeddings, expected / lengths, atol=1e-4)


@needs_wespeaker
@pytest.mark.parametrize("network", ["ResNet18", "ECAPA_TDNN_GLOB_c512", "CAMPPlus"])
def test_its_exporters_onnx_gives_the_same(
    checkpoint, sound, monkeypatch: pytest.MonkeyPatch, network: str
) -> None:
    import torch
    from wespeaker.bin import export_onnx

    folder = checkpoint(network, {"window_type": "hamming", "wavform_norm": False})
    arguments = {
        "config": folder / "config.yaml",
        "checkpoint": folder / "avg_model.pt",
        "output_model": folder / "model.onnx",
    }
    listed = [word for name, path in arguments.items() for word in (f"--{name}", str(path))]
    monkeypatch.setattr("sys.argv", ["export_onnx", *listed])
    # It was written for the exporter that traces, which is no longer torch's default.
    export = torch.onnx.export
    monkeypatch.setattr(torch.onnx, "export", lambda *args, **options: export(*args, **options, dynamo=False))
    export_onnx.main()
    windows = [sound(1.5), sound(0.5), sound(1.5)[::-1], sound(3.0), sound(0.01)]
    exported = WespeakerOnnx(SpeakerParameters(model=str(folder)))
    np.testing.assert_allclose(exported.embed(windows), engine(folder).embed(windows), atol=1e-5)


@needs_wespeaker
def test_it_says_what_it_is(checkpoint) -> None:
    folder = checkpoint()
    first = engine(folder)
    assert first.model_id.startswith("wespeaker-")
    assert (first.device, first.calibration) == ("cpu", LARGE_MARGIN)
    assert (
        engine(checkpoint("ResNet18", {"window_type": "povey", "wavform_norm": True})).model_id
        != first.model_id
    )


@needs_wespeaker
def test_a_gpu_that_is_not_there_is_said(checkpoint) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    assert "finds no GPU; parameter 'device' may be 'cpu' instead" in refusal(checkpoint(), device="cuda")


@needs_wespeaker
@pytest.mark.parametrize("kept", [0, 100, 100_000, -1])
def test_a_checkpoint_that_is_cut_off_is_named(checkpoint, kept: int) -> None:
    folder = checkpoint()
    weights = folder / "avg_model.pt"
    weights.write_bytes(weights.read_bytes()[:kept])
    assert refusal(folder).startswith(f"'{folder}' is no checkpoint that WeSpeaker can use: ")


class Trap:
    """Opens a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


@needs_wespeaker
def test_a_checkpoint_cannot_run_code(checkpoint, tmp_path: Path) -> None:
    import torch

    folder, trap = checkpoint(), tmp_path / "sprung"
    torch.save({"trap": Trap(trap)}, folder / "avg_model.pt")
    assert refusal(folder).startswith(f"'{folder}' is no checkpoint that WeSpeaker can use: ")
    assert not trap.exists()


@needs_wespeaker
def test_a_checkpoint_of_another_network_is_not_filled_with_random_numbers(checkpoint) -> None:
    folder, other = checkpoint("ResNet18"), checkpoint("CAMPPlus")
    (folder / "avg_model.pt").write_bytes((other / "avg_model.pt").read_bytes())
    message = refusal(folder)
    assert "avg_model.pt lacks " in message
    assert "tensors that config.yaml wants, such as " in message


@needs_wespeaker
@pytest.mark.parametrize("change", [{"model": "ResNet9000"}, {"model": "Transformer"}, {"model_args": {}}])
def test_a_network_that_wespeaker_does_not_have_is_named(checkpoint, change: dict[str, Any]) -> None:
    assert "is no checkpoint that WeSpeaker can use: " in refusal(checkpoint("ResNet18", change))


@needs_wespeaker
@pytest.mark.parametrize("cmvn", [True, False])
def test_a_network_with_a_frontend_of_its_own_gets_the_wave(checkpoint, sound, cmvn: bool) -> None:
    import torch
    import wespeaker
    from wespeaker.dataset.dataset_utils import apply_cmvn
    from wespeaker.frontend import frontend_class_dict

    training = {"frontend": "tfmel", "tfmel_args": {"n_mels": 72}, "resample_rate": 16_000, "cmvn": cmvn}
    folder = checkpoint("ReDimNet2B0", {"dataset_args": training})
    # Its tables are in the checkpoint too.
    frontend = frontend_class_dict["tfmel"](n_mels=72, sample_rate=16_000)
    saved = torch.load(folder / "avg_model.pt", weights_only=True)
    tables = {f"frontend.{name}": table for name, table in frontend.state_dict().items()}
    torch.save({**saved, **tables}, folder / "avg_model.pt")
    own = wespeaker.load_model_pt(str(folder))
    windows = [sound(1.5), sound(0.5)]
    for window, embedding in zip(windows, engine(folder).embed(windows), strict=True):
        with torch.inference_mode():
            features, _ = own.frontend(torch.from_numpy(window)[None])
            (expected,) = own(apply_cmvn(features) if cmvn else features).numpy()
        np.testing.assert_allclose(embedding, expected / np.linalg.norm(expected), atol=1e-5)
