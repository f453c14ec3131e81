"""What a speaker model of one's own says of itself: in its ONNX file, and in what lies beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.errors import UserError
from stalk_ros.speakers.answers import fault
from stalk_ros.speakers.backends.fbank import THREE_D_SPEAKER, WESPEAKER, Features
from stalk_ros.speakers.embedding import FIGURES, Calibration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CONFIG = "config.yaml"
"""What WeSpeaker's training leaves beside its checkpoint."""

CALIBRATION = "calibration.yaml"
"""What ``bench/run.py calibration`` finds out about a model."""

_FRAMEWORKS = {"wespeaker": WESPEAKER, "3d-speaker": THREE_D_SPEAKER}
"""By the names that sherpa-onnx writes into the metadata of an ONNX file."""

_HOW = (
    "'window_type: hamming' and 'wavform_norm: false' for a model that WeSpeaker has trained, "
    "'window_type: povey' and 'wavform_norm: true' for one of 3D-Speaker"
)


def features_in(metadata: Mapping[str, str]) -> Features | None:
    """What the metadata of an ONNX file say of its features; None where they say nothing.

    Raises:
        UserError: the model is of another kind.
    """
    framework = metadata.get("framework")
    if framework is None:
        return None
    if framework not in _FRAMEWORKS:
        raise UserError(f"it is of the framework '{framework}', not of {' or '.join(_FRAMEWORKS)}")
    rate_hz = metadata.get("sample_rate", str(SAMPLE_RATE_HZ))
    if rate_hz != str(SAMPLE_RATE_HZ):
        raise UserError(f"it hears {rate_hz} Hz, not {SAMPLE_RATE_HZ}")
    return _FRAMEWORKS[framework]


def frontend_beside(folder: Path) -> str:
    """What a network hears through, in WeSpeaker's words: "fbank" or the name of another network.

    Raises:
        UserError: there is no config.yaml, or it is none of WeSpeaker's.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise UserError(f"model folder '{folder}' has no {CONFIG}; copy the one of the model's training")
    return str(_training(_mapping(path)).get("frontend", "fbank"))


def centred_beside(folder: Path) -> bool:
    """Whether the mean of the features over time is subtracted, as the config.yaml of a folder says.

    Raises:
        UserError: something else is done to them too.
    """
    path = folder / CONFIG
    training = _training(_mapping(path))
    asked = training.get("cmvn_args") or {}
    if not isinstance(asked, dict) or asked.get("norm_var"):
        raise UserError(
            f"the network of '{path}' wants 'cmvn_args: {asked}', and all it can get is norm_mean"
        )
    return bool(training.get("cmvn", True) and asked.get("norm_mean", True))


def features_beside(folder: Path) -> Features | None:
    """What the config.yaml of a folder says of the features; None where there is none.

    Raises:
        UserError: it does not say it, or the network hears something else.
    """
    path = folder / CONFIG
    if not path.is_file():
        return None
    config = _mapping(path)
    training = _training(config)
    if training.get("frontend", "fbank") != "fbank":
        raise UserError(f"the network of '{path}' does not hear through filter banks: {training['frontend']}")
    if training.get("resample_rate", SAMPLE_RATE_HZ) != SAMPLE_RATE_HZ:
        raise UserError(f"the network of '{path}' hears {training['resample_rate']} Hz, not {SAMPLE_RATE_HZ}")
    kind = _kind(config, path)
    sizes = training.get("fbank_args") or {}
    try:
        return replace(
            kind,
            bins=int(sizes.get("num_mel_bins", kind.bins)),
            frame_ms=float(sizes.get("frame_length", kind.frame_ms)),
            shift_ms=float(sizes.get("frame_shift", kind.shift_ms)),
            centred=centred_beside(folder),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise UserError(f"'{path}' is no configuration of WeSpeaker: 'fbank_args': {error}") from None


def calibration_beside(folder: Path) -> Calibration | None:
    """What the calibration.yaml of a folder says; None where there is none.

    Raises:
        UserError: it is not what it should be.
    """
    path = folder / CALIBRATION
    if not path.is_file():
        return None
    figures = _mapping(path)
    if sorted(figures) != sorted(FIGURES) or not all(
        isinstance(figures[name], (int, float)) for name in FIGURES
    ):
        raise UserError(f"'{path}' must have a number for each of {', '.join(FIGURES)}, and nothing else")
    numbers: dict[str, Any] = {name: float(figures[name]) for name in FIGURES}
    calibration = Calibration(**numbers)
    if fault(calibration):
        raise UserError(f"'{path}': {fault(calibration)}")
    return calibration


def _kind(config: Mapping[str, Any], path: Path) -> Features:
    """The kind of features, from the words of WeSpeaker's own interface or from who has trained the model."""
    told = {key: config[key] for key in ("window_type", "wavform_norm") if key in config}
    if told == {"window_type": "hamming", "wavform_norm": False}:
        return WESPEAKER
    if told == {"window_type": "povey", "wavform_norm": True}:
        return THREE_D_SPEAKER
    if told:
        raise UserError(f"'{path}' has {told}; there are {_HOW}")
    if "fbank_args" in _training(config) and not _may_be_converted(config):
        return WESPEAKER
    raise UserError(f"'{path}' does not say how the features of the model are computed: add {_HOW}")


def _may_be_converted(config: Mapping[str, Any]) -> bool:
    """Whether the model may be one of 3D-Speaker's, which WeSpeaker can read, with 192 dimensions.

    WeSpeaker's own models of these networks have 512.
    """
    network, sizes = str(config.get("model")), config.get("model_args")
    return network.startswith(("CAMPPlus", "ERes2Net")) and (
        not isinstance(sizes, dict) or sizes.get("embed_dim") == 192
    )


def _training(config: Mapping[str, Any]) -> Mapping[str, Any]:
    training = config.get("dataset_args")
    return training if isinstance(training, dict) else {}


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"'{path}' cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"'{path}' holds no settings")
    return content
