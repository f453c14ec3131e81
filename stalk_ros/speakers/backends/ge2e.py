"""GE2E voice encoder in NumPy, with the weights of Resemblyzer (Apache-2.0) and without torch.

Wan et al. 2018, "Generalized End-to-End Loss for Speaker Verification": LSTM layers over a mel spectrogram, a
linear layer, ReLU, L2 normalisation. The front end is the one that the weights were trained with.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stalk_ros.errors import UserError
from stalk_ros.model import WheelModel
from stalk_ros.speakers.backends.batches import embedded
from stalk_ros.speakers.backends.lstm import Lstm
from stalk_ros.speakers.backends.mel import MelSpectrogram
from stalk_ros.speakers.backends.torch_file import TorchFileError, read_tensors
from stalk_ros.speakers.backends.wespeaker_onnx import SETUP
from stalk_ros.speakers.embedding import Calibration, model_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.speakers.parameters import SpeakerParameters

_MODEL = WheelModel(
    name="ge2e",
    stage="who speaks",
    default=True,
    places=(("resemblyzer", "pretrained.pt"),),
    install="pip install threadpoolctl && pip install --no-deps Resemblyzer==0.1.4",
)
MODELS = (_MODEL,)

_BANDS = 40
_LAYERS = 3
_UNITS = 256
_SHAPES = {
    "lstm.weight_ih_l0": (4 * _UNITS, _BANDS),
    **{f"lstm.weight_ih_l{layer}": (4 * _UNITS, _UNITS) for layer in range(1, _LAYERS)},
    **{f"lstm.weight_hh_l{layer}": (4 * _UNITS, _UNITS) for layer in range(_LAYERS)},
    **{f"lstm.bias_{kind}_l{layer}": (4 * _UNITS,) for kind in ("ih", "hh") for layer in range(_LAYERS)},
    "linear.weight": (_UNITS, _UNITS),
    "linear.bias": (_UNITS,),
}
_LEVEL_RMS = 0.03
"""Every window is brought to this level: the encoder is not indifferent to loudness."""

_NOISE_QUANTILE = 0.2
"""In each band, a fifth of the frames is taken for noise alone: the gaps between sounds and words."""

_NOISE_FACTOR = 1.5
"""The mean of noise over its quantile of 20 % in a band of six spectral lines (a gamma distribution)."""


class GE2E:
    """A `SpeakerEmbedder` of dimension 256.

    Args:
        parameters: ``model`` is the path of the checkpoint; "" = the one in the installed Resemblyzer wheel.

    Raises:
        UserError: the model is missing or damaged.
    """

    name = "ge2e"
    device = "cpu"
    caveat = (
        "is for demonstrations: it tells a handful of voices apart that speak for over a second each; "
        f"for a robot: {SETUP}"
    )
    # From ten voices in six languages and four synthetic ones, clean, in noise and in telephone band.
    # `same_person`: in sessions of ten real and 13 synthetic voices, 2 % of the utterances of strangers are
    # taken for one of four people who are enrolled by 5 s of speech.
    # `overlap` from 134 voices of LibriSpeech train-clean-100 (CC BY 4.0) and four of flite: see
    # bench/overlap_weights.py.
    calibration = Calibration(
        window_s=1.0,
        cohesion=0.74,
        same_speaker=0.98,
        scatter=0.08,
        variation=0.03,
        same_person=0.895,
        overlap=tuple(json.loads(Path(__file__).with_name("ge2e_overlap.json").read_text(encoding="utf-8"))),
    )

    def __init__(self, parameters: SpeakerParameters) -> None:
        reason = self.missing(parameters)
        if reason:
            raise UserError(f"backend 'ge2e': {reason}")
        path = Path(parameters.model) if parameters.model else _MODEL.located()
        tensors = _tensors(path)
        self.model_id = model_id(self.name, path)
        self._lstm = Lstm(tensors, "lstm.", _LAYERS)
        self._weights, self._bias = tensors["linear.weight"].T, tensors["linear.bias"]
        self._mel = MelSpectrogram(_BANDS)
        from threadpoolctl import ThreadpoolController

        self._threads = ThreadpoolController()

    @classmethod
    def missing(cls, parameters: SpeakerParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        model = parameters.model
        if importlib.util.find_spec("threadpoolctl") is None:
            return f"threadpoolctl is not installed: {_MODEL.install}"
        if model and (not Path(model).is_file() or Path(model).suffix == ".onnx"):
            standard = f"leave parameter 'model' empty for the standard one: {_MODEL.install}"
            return f"there is no GE2E model '{model}'; {standard}"
        if not model and _MODEL.state().path is None:
            return f"its weights are not installed: {_MODEL.install}"
        return ""

    def embed(self, windows: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """See `stalk_ros.speakers.embedding.SpeakerEmbedder.embed`."""
        # The matrices are small: threads would mostly wait for each other, far longer on a busy machine.
        with self._threads.limit(limits=1, user_api="blas"):
            spectrograms = [_without_noise(self._mel.of(_levelled(window))) for window in windows]
            # Each step of time is a loop in Python, whatever goes through it together.
            return embedded(spectrograms, self._run, at_once=len(windows))

    def _run(self, spectrograms: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Embeddings [n, 256] of any length from spectrograms [n, frames, bands]."""
        raw: npt.NDArray[np.float32] = np.maximum(
            self._lstm.last(spectrograms) @ self._weights + self._bias, 0
        )
        return raw


def _tensors(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """The encoder's tensors, each of the shape it must have."""
    try:
        tensors = read_tensors(path, "model_state")
        for name, shape in _SHAPES.items():
            if name not in tensors or tensors[name].shape != shape:
                raise TorchFileError(f"it has no {name} of shape {shape}")
    except (TorchFileError, OSError) as error:
        reason = " ".join(str(error).split())
        # pip does nothing where a package is installed, damaged or not.
        raise UserError(
            f"'{path}' is no GE2E model: {reason}; install it again: {_MODEL.install} --force-reinstall"
        ) from None
    return tensors


def _levelled(window: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    level_rms = float(np.sqrt(np.mean(np.square(window, dtype=np.float64))))
    levelled: npt.NDArray[np.float32] = window * np.float32(_LEVEL_RMS / max(level_rms, 1e-6))
    return levelled


def _without_noise(spectrogram: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The spectrogram [frames, bands] less the power of steady noise (spectral subtraction, Boll 1979).

    The encoder sees power as it is, not its logarithm, so noise simply adds to it and makes all voices alike.
    """
    noise = _NOISE_FACTOR * np.quantile(spectrogram, _NOISE_QUANTILE, axis=0)
    return np.maximum(spectrogram - noise.astype(np.float32), 0)
