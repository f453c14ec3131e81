from __future__ import annotations

from dataclasses import replace

import pytest

from stalk_ros.errors import UserError
from stalk_ros.speakers import Calibration
from stalk_ros.speakers.backends.fbank import THREE_D_SPEAKER, WESPEAKER, Features
from stalk_ros.speakers.backends.wespeaker_folder import (
    calibration_beside,
    features_beside,
    features_in,
    frontend_beside,
)

POVEY = "window_type: povey\nwavform_norm: true\n"
HAMMING = "window_type: hamming\nwavform_norm: false\n"
CONVERTED = "model: CAMPPlus\nmodel_args: {feat_dim: 80, embed_dim: 192}\n"
FIGURES = "window_s: 1.5\ncohesion: 0.6\nsame_speaker: 0.7\nscatter: 0.1\nvariation: 0.05\nsame_person: 0.5\n"


@pytest.fixture
def configured(model_folder):
    """A folder with this config.yaml."""
    return lambda content: model_folder({"config.yaml": content})


def test_a_model_of_wespeakers_training_hears_int16_through_hamming(configured, training: str) -> None:
    folder = configured(training)
    assert features_beside(folder) == WESPEAKER == Features("hamming", 32768.0, 80, 25.0, 10.0)
    assert frontend_beside(folder) == "fbank"


def test_the_sizes_are_those_of_the_training(configured, training: str) -> None:
    other = training.replace("num_mel_bins: 80", "num_mel_bins: 64").replace(
        "frame_length: 25", "frame_length: 32"
    )
    assert features_beside(configured(other)) == Features("hamming", 32768.0, 64, 32.0, 10.0)


@pytest.mark.parametrize(
    ("told", "centred"),
    [
        ("", True),
        ("  cmvn: true", True),
        ("  cmvn: false", False),
        ("  cmvn_args: {norm_mean: false, norm_var: false}", False),
        ("  cmvn: true\n  cmvn_args: {norm_mean: true}", True),
    ],
)
def test_the_mean_is_subtracted_if_it_was_in_training(
    configured, training: str, told: str, centred: bool
) -> None:
    features = features_beside(configured(f"{training}{told}\n"))
    assert features == replace(WESPEAKER, centred=centred)


@pytest.mark.parametrize(("told", "kind"), [(POVEY, THREE_D_SPEAKER), (HAMMING, WESPEAKER)])
def test_what_is_told_in_wespeakers_words_counts(configured, told: str, kind: Features) -> None:
    assert features_beside(configured(CONVERTED + told)) == kind


@pytest.mark.parametrize("network", ["CAMPPlus", "ERes2Net34_Base"])
def test_a_network_that_others_train_too_is_not_taken_for_wespeakers(
    configured, training: str, network: str
) -> None:
    own = training.replace("ResNet34", network).replace("256", "192")
    with pytest.raises(
        UserError, match="does not say how the features of the model are computed: add 'window_"
    ):
        features_beside(configured(own))


def test_wespeakers_own_of_such_a_network_is_known_by_its_size(configured, training: str) -> None:
    assert (
        features_beside(configured(training.replace("ResNet34", "CAMPPlus").replace("256", "512")))
        == WESPEAKER
    )


def test_without_a_configuration_nothing_is_known(model_folder) -> None:
    folder = model_folder({})
    assert features_beside(folder) is None
    assert calibration_beside(folder) is None
    with pytest.raises(UserError, match=r"has no config.yaml; copy the one of the model's training"):
        frontend_beside(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "model: ResNet34\n",
            "does not say how the features of the model are computed: add 'window_type: ham",
        ),
        ("", "holds no settings"),
        ("- a list", "holds no settings"),
        ("{", "cannot be read: "),
        (b"\xff\xfe\x00", "cannot be read: "),
        ("window_type: povey\n", "has {'window_type': 'povey'}; there are 'window_type: hamming' and "),
        (POVEY.replace("true", "false"), "'wavform_norm': False}; there are "),
        ("dataset_args: {frontend: w2vbert}", "does not hear through filter banks: w2vbert"),
        ("dataset_args: {resample_rate: 8000, fbank_args: {}}", "hears 8000 Hz, not 16000"),
        (
            "dataset_args: {fbank_args: {num_mel_bins: many}}",
            "is no configuration of WeSpeaker: 'fbank_args': ",
        ),
        (
            "dataset_args: {fbank_args: {}, cmvn_args: {norm_var: true}}",
            "wants 'cmvn_args: {'norm_var': True}'",
        ),
        ("dataset_args: {fbank_args: 80}", "is no configuration of WeSpeaker: 'fbank_args': "),
    ],
)
def test_what_is_no_such_configuration_is_one_line(configured, content: str, reason: str) -> None:
    with pytest.raises(UserError) as error:
        features_beside(configured(content))
    assert reason in str(error.value)
    assert "config.yaml'" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_frontend_is_told_by_its_name(configured) -> None:
    assert frontend_beside(configured("dataset_args: {frontend: w2vbert}")) == "w2vbert"


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({}, None),
        ({"producer": "somebody"}, None),
        ({"framework": "wespeaker", "sample_rate": "16000", "normalize_samples": "0"}, WESPEAKER),
        ({"framework": "3d-speaker", "sample_rate": "16000", "normalize_samples": "1"}, THREE_D_SPEAKER),
    ],
)
def test_the_metadata_of_sherpa_onnx_are_understood(metadata: dict[str, str], kind: Features | None) -> None:
    assert features_in(metadata) == kind


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"framework": "nemo"}, "it is of the framework 'nemo', not of wespeaker or 3d-speaker"),
        ({"framework": "wespeaker", "sample_rate": "8000"}, "it hears 8000 Hz, not 16000"),
    ],
)
def test_a_model_of_another_kind_is_refused(metadata: dict[str, str], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        features_in(metadata)


def test_a_calibration_is_read(model_folder) -> None:
    assert calibration_beside(model_folder({"calibration.yaml": FIGURES})) == Calibration(
        1.5, 0.6, 0.7, 0.1, 0.05, 0.5
    )


def test_a_calibration_that_cannot_be_is_named(model_folder) -> None:
    folder = model_folder({"calibration.yaml": FIGURES.replace("0.7", "7.0")})
    with pytest.raises(
        UserError, match=r"calibration.yaml': 'same_speaker' is 7.0, it must be above -1 and at"
    ):
        calibration_beside(folder)


@pytest.mark.parametrize(
    "content",
    [
        FIGURES.replace("window_s", "windows"),
        FIGURES + "more: 1\n",
        "cohesion: 0.6\n",
        FIGURES.replace("1.5", "long"),
    ],
)
def test_a_calibration_that_is_none_says_what_it_needs(model_folder, content: str) -> None:
    with pytest.raises(
        UserError, match=r"calibration.yaml' must have a number for each of window_s, cohesion, "
    ):
        calibration_beside(model_folder({"calibration.yaml": content}))
