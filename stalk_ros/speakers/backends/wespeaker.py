"""WeSpeaker (Apache-2.0, https://github.com/wenet-e2e/wespeaker): its checkpoints, on torch."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.errors import UserError
from stalk_ros.speakers.backends.batches import embedded
from stalk_ros.speakers.backends.wespeaker_folder import (
    CONFIG,
    calibration_beside,
    centred_beside,
    features_beside,
    frontend_beside,
)
from stalk_ros.speakers.backends.wespeaker_models import LARGE_MARGIN
from stalk_ros.speakers.embedding import model_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stalk_ros.speakers.parameters import SpeakerParameters

SETUP = "pip install kaldi-native-fbank git+https://github.com/wenet-e2e/wespeaker"

_WEIGHTS = "avg_model.pt"


class Wespeaker:
    """A `SpeakerEmbedder` for checkpoints of every kind that the `wespeaker` package can load, and for GPUs.

    Networks that hear through filter banks get those of `Features`, which equal the package's own; the others
    get the wave and hear through the frontend that comes with them.

    Args:
        parameters: the folder of the checkpoint, and on which device.

    Raises:
        UserError: a package is missing, the checkpoint is incomplete, damaged or of another network, or there
            is no such device.
    """

    name = "wespeaker"
    caveat = ""

    def __init__(self, parameters: SpeakerParameters) -> None:
        reason = self.missing(parameters)
        if reason:
            raise UserError(f"backend 'wespeaker': {reason}")
        torch, load = _packages()
        folder = Path(parameters.model).expanduser()
        if parameters.device == "cuda" and not torch.cuda.is_available():
            reason = f"torch {torch.__version__} finds no GPU; parameter 'device' may be 'cpu' instead"
            raise UserError(f"backend 'wespeaker': {reason}")
        self.device = "cuda" if torch.cuda.is_available() and parameters.device != "cpu" else "cpu"
        self._features = features_beside(folder) if frontend_beside(folder) == "fbank" else None
        self._centred = centred_beside(folder)
        self.calibration = calibration_beside(folder) or LARGE_MARGIN
        heard = repr((self._features, self._centred))
        self.model_id = model_id(self.name, folder / _WEIGHTS, settings=heard)
        self._torch = torch
        try:
            self._model = _loaded(folder, torch, load).to(self.device)
            self.embed([np.random.default_rng(0).normal(0.0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)])
        except (Exception, SystemExit) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UserError(f"'{folder}' is no checkpoint that WeSpeaker can use: {reason}") from None

    @classmethod
    def missing(cls, parameters: SpeakerParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        for package in ("torch", "wespeaker", "kaldi_native_fbank"):
            if importlib.util.find_spec(package) is None:
                return f"{package.replace('_', '-')} is not installed: {SETUP}"
        folder = Path(parameters.model).expanduser()
        lacking = [name for name in (_WEIGHTS, CONFIG) if not (folder / name).is_file()]
        if not parameters.model or lacking:
            return (
                f"parameter 'model' must be a folder with {_WEIGHTS} and {CONFIG}"
                + f", and '{parameters.model}' is none" * bool(parameters.model)
            )
        return ""

    def embed(self, windows: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """See `stalk_ros.speakers.embedding.SpeakerEmbedder.embed`."""
        features = self._features
        heard = [features.of(window) if features else window for window in windows]
        return embedded(heard, self._run)

    def _run(self, heard: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        with self._torch.inference_mode():
            inputs = self._torch.from_numpy(np.ascontiguousarray(heard)).to(self.device)
            if self._features is None:
                lengths = self._torch.full((len(heard),), heard.shape[1], device=self.device)
                inputs, _ = self._model.frontend(inputs, lengths)
                if self._centred:
                    inputs = inputs - inputs.mean(dim=1, keepdim=True)
            outputs = self._model(inputs)
            # A network with a second embedding layer gives that last.
            embeddings = outputs[-1] if isinstance(outputs, tuple) else outputs
            result: npt.NDArray[np.float32] = embeddings.float().cpu().numpy()
            return result


def _packages() -> tuple[Any, Any]:
    """Module torch, and what loads a checkpoint.

    Raises:
        UserError: they do not fit together: WeSpeaker brings many packages, some of them old.
    """
    try:
        import torch
        from wespeaker import load_model_pt
    except (Exception, SystemExit) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise UserError(f"backend 'wespeaker': the installed packages do not load: {reason}") from error
    return torch, load_model_pt


def _loaded(folder: Path, torch: Any, load: Any) -> Any:
    """The network with its weights; the package itself leaves at random what the checkpoint does not have."""
    saved = torch.load(folder / _WEIGHTS, map_location="cpu", weights_only=True)
    saved = saved.get("state_dict", saved)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its configuration
        model = load(str(folder))
    lacking = [
        name
        for name in model.state_dict()
        if name not in saved
        and not name.endswith("num_batches_tracked")
        and not name.startswith("projection")
    ]
    if lacking:
        raise UserError(f"{_WEIGHTS} lacks {len(lacking)} tensors that {CONFIG} wants, such as {lacking[0]}")
    return model
