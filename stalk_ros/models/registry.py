"""Every model that the package knows, by name."""

from __future__ import annotations

from stalk_ros.errors import UserError
from stalk_ros.models.model import HubModel, Model, WheelModel
from stalk_ros.speech.backends import whisper_models


def _whisper(name: str) -> HubModel:
    return HubModel(
        name=name,
        stage="speech to text",
        default=name == whisper_models.DEFAULT,
        repository=whisper_models.REPOSITORIES.get(name, name),
        files=whisper_models.FILES,
        optional=whisper_models.OPTIONAL_FILES,
        megabytes=whisper_models.MEGABYTES.get(name),
    )


MODELS: tuple[Model, ...] = (
    WheelModel(
        name="silero-vad",
        stage="voice activity",
        default=True,
        places=(
            ("silero_vad", "data/silero_vad_16k_sequence.onnx"),
            ("faster_whisper", "assets/silero_vad_v6.onnx"),
        ),
        install="pip install --no-deps silero-vad",
    ),
    WheelModel(
        name="pocketsphinx",
        stage="speech to text",
        default=True,
        places=(("pocketsphinx", "model/en-us"),),
        install="pip install pocketsphinx",
    ),
    *(_whisper(name) for name in whisper_models.REPOSITORIES),
    WheelModel(
        name="ge2e",
        stage="who speaks",
        default=True,
        places=(("resemblyzer", "pretrained.pt"),),
        install="pip install --no-deps Resemblyzer==0.1.4",
    ),
)


def named(name: str) -> Model:
    """The model of this name, or the Whisper model in the Hugging Face repository of this name.

    Raises:
        UserError: there is none.
    """
    for model in MODELS:
        if model.name == name:
            return model
    if whisper_models.is_repository(name):
        return _whisper(name)
    raise UserError(f"there is no model '{name}'; there are: {', '.join(model.name for model in MODELS)}")
