"""WeSpeaker (Apache-2.0, https://github.com/wenet-e2e/wespeaker): its ONNX exports on onnxruntime."""

from __future__ import annotations

import glob
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.errors import UserError
from stalk_ros.speakers.backends import wespeaker_models
from stalk_ros.speakers.backends.batches import embedded
from stalk_ros.speakers.backends.wespeaker_folder import (
    CONFIG,
    calibration_beside,
    features_beside,
    features_in,
)
from stalk_ros.speakers.embedding import model_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from stalk_ros.speakers.backends.fbank import Features
    from stalk_ros.speakers.parameters import SpeakerParameters

SETUP = (
    "pip install onnxruntime kaldi-native-fbank huggingface_hub && "
    f"stalk models pull {wespeaker_models.DEFAULT}"
)

_NAMES = {"feats": "embs", "x": "embedding"}
"""Input and output, as WeSpeaker's exporter calls them, and as sherpa-onnx calls those of 3D-Speaker."""

_CUDA = (
    "it needs onnxruntime-gpu in the place of onnxruntime, and CUDA and cuDNN in LD_LIBRARY_PATH; parameter "
    "'device' may be 'cpu' instead"
)

_PROVIDER = "CUDAExecutionProvider"


class WespeakerOnnx:
    """A `SpeakerEmbedder` for any language, with or without a GPU.

    Args:
        parameters: which model, and on which device.

    Raises:
        UserError: a package or the model is missing, damaged or of another kind, or there is no such device.
    """

    name = "wespeaker_onnx"
    caveat = ""

    def __init__(self, parameters: SpeakerParameters) -> None:
        reason = self.missing(parameters)
        if reason:
            raise UserError(f"backend 'wespeaker_onnx': {reason}")
        path, published = wespeaker_models.exported(parameters.model)
        self._session, self.device = _loaded(path, parameters.device)
        try:
            self._features = published.features if published else _told(self._session, path.parent)
            self._input = _input(self._session, self._features.bins)
            self._try()
        except UserError as error:
            raise UserError(f"'{path}' is no speaker model for this backend: {error}") from None
        own = None if published else calibration_beside(path.parent)
        self.calibration = own or (published.calibration if published else wespeaker_models.LARGE_MARGIN)
        # Exporters put large weights into a file beside.
        weights = (path, *sorted(path.parent.glob(f"{glob.escape(path.name)}[._]data")))
        self.model_id = model_id(self.name, *weights, settings=repr(self._features))

    @classmethod
    def missing(cls, parameters: SpeakerParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        for package in ("onnxruntime", "kaldi_native_fbank"):
            if importlib.util.find_spec(package) is None:
                return f"{package.replace('_', '-')} is not installed: {SETUP}"
        try:
            wespeaker_models.exported(parameters.model)
        except UserError as error:
            return str(error)
        return ""

    def embed(self, windows: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """See `stalk_ros.speakers.embedding.SpeakerEmbedder.embed`."""
        return embedded([self._features.of(window) for window in windows], self._run)

    def _run(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        embeddings: npt.NDArray[np.float32] = self._session.run(None, {self._input: features})[0]
        return embeddings

    def _try(self) -> None:
        """Use it once: what is wrong shows now, not when somebody speaks."""
        noise = np.random.default_rng(0).normal(0.0, 0.1, SAMPLE_RATE_HZ // 2).astype(np.float32)
        try:
            embeddings = self.embed([noise, noise[::-1], noise[:1]])
        except Exception as error:
            raise UserError(_line(error)) from None
        if not np.isfinite(embeddings).all():
            raise UserError("it makes no numbers of what it hears")


def _loaded(path: Path, device: str) -> tuple[Any, str]:
    """The session on a device, and which one it is.

    Raises:
        UserError: the file is damaged or no ONNX file, or there is no such device.
    """
    import onnxruntime

    available = _PROVIDER in onnxruntime.get_available_providers()
    # By default it tries all algorithms for every new length of the input, which takes seconds.
    gpu = [(_PROVIDER, {"cudnn_conv_algo_search": "HEURISTIC"})] if available and device != "cpu" else []
    options = onnxruntime.SessionOptions()
    # One core is enough, and the others are for the speech recognition.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=[*gpu, "CPUExecutionProvider"])
    except Exception as error:
        raise UserError(f"'{path}' is no ONNX file that onnxruntime can load: {_line(error)}") from None
    # It takes the processor where it does not find a GPU or a library.
    runs_on = "cuda" if _PROVIDER in session.get_providers() else "cpu"
    if device == "cuda" != runs_on:
        raise UserError(f"backend 'wespeaker_onnx': onnxruntime cannot use a GPU here: {_CUDA}")
    return session, runs_on


def _told(session: Any, folder: Path) -> Features:
    """The features that the file itself names, or else what lies beside it.

    Raises:
        UserError: neither does.
    """
    features = features_in(session.get_modelmeta().custom_metadata_map) or features_beside(folder)
    if features is None:
        raise UserError(
            f"it does not say how its features are computed; put the {CONFIG} of its training beside it"
        )
    return features


def _input(session: Any, bins: int) -> str:
    """The name of the input, after input and output have shown to be those of a speaker model.

    Raises:
        UserError: they are others.
    """
    inputs, outputs = session.get_inputs(), session.get_outputs()
    named = [_NAMES.get(one.name) for one in inputs] == [one.name for one in outputs]
    if named and len(inputs) == 1 and inputs[0].type == "tensor(float)" and len(inputs[0].shape) == 3:
        windows, frames, width = inputs[0].shape
        counted = [size for size in (windows, frames) if isinstance(size, int)]
        if not counted and (width == bins or not isinstance(width, int)) and len(outputs[0].shape) == 2:
            return str(inputs[0].name)
    takes, gives = (" and ".join(f"'{one.name}' {one.shape}" for one in ends) for ends in (inputs, outputs))
    raise UserError(
        f"it takes {takes} and gives {gives}, instead of 'feats' ['B', 'T', {bins}] and 'embs' ['B', D]"
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
