"""A network with the input and output of a speaker model, and what it hears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIMENSIONS = 16


def weights(bins: int) -> np.ndarray:
    return np.random.default_rng(7).normal(0.0, 1.0, (bins, DIMENSIONS)).astype(np.float32)


@pytest.fixture(scope="session")
def sound() -> Callable[[float], np.ndarray]:
    """A harmonic sound whose pitch and colour move."""

    def make(seconds: float) -> np.ndarray:
        t = np.arange(round(seconds * 16_000)) / 16_000
        phase = 2 * np.pi * (120 * t + 10 * np.sin(2 * np.pi * 3 * t) / 3)
        partials = [np.sin(k * phase) / k * (1 + np.sin(2 * np.pi * k * t)) for k in range(1, 20)]
        return np.sum(partials, axis=0).astype(np.float32) / 10

    return make


@pytest.fixture(scope="session")
def network() -> Callable[..., bytes]:
    """Makes an ONNX file: the mean square of each bin over time, times weights."""

    def make(
        names: tuple[str, str] = ("feats", "embs"),
        shape: tuple[Any, ...] = ("B", "T", 80),
        metadata: dict[str, str] | None = None,
        last: str = "Identity",
        second_input: bool = False,
    ) -> bytes:
        heard, made = names
        nodes = [
            helper.make_node("Mul", [heard, heard], ["squares"]),
            helper.make_node("ReduceMean", ["squares", "time"], ["power"], keepdims=0),
            helper.make_node("MatMul", ["power", "weights"], ["mixed"]),
            helper.make_node(last, ["mixed"], [made]),
        ]
        inputs = [helper.make_tensor_value_info(heard, TensorProto.FLOAT, shape)]
        if second_input:
            inputs.append(helper.make_tensor_value_info("lengths", TensorProto.FLOAT, ["B"]))
        tables = {"weights": weights(shape[-1]), "time": np.array([1])}
        graph = helper.make_graph(
            nodes,
            "speaker",
            inputs,
            [helper.make_tensor_value_info(made, TensorProto.FLOAT, ["B", DIMENSIONS])],
            [numpy_helper.from_array(table, name) for name, table in tables.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
        helper.set_model_props(model, metadata or {})
        onnx.checker.check_model(model)
        return model.SerializeToString()

    return make


@pytest.fixture(scope="session")
def understood() -> Callable[[np.ndarray], np.ndarray]:
    """What the network makes of features [frames, bins]: a row of length 1."""

    def of(features: np.ndarray) -> np.ndarray:
        raw = np.square(features).mean(axis=0) @ weights(features.shape[1])
        return raw / np.linalg.norm(raw)

    return of


@pytest.fixture
def model_folder(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    """Makes a folder with the files of a model."""

    def make(files: dict[str, str | bytes]) -> Path:
        folder = tmp_path / "model"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return make


@pytest.fixture(scope="session")
def training() -> str:
    """As much of the config.yaml that WeSpeaker's training leaves as matters."""
    return """
model: ResNet34
model_args: {feat_dim: 80, embed_dim: 256, pooling_func: TSTP, two_emb_layer: false}
dataset_args:
  resample_rate: 16000
  fbank_args: {num_mel_bins: 80, frame_shift: 10, frame_length: 25, dither: 1.0}
"""
