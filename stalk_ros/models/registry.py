"""Every model that the backends declare, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.errors import UserError
from stalk_ros.model import is_repository
from stalk_ros.speakers.backends import ge2e, wespeaker_models
from stalk_ros.speech.backends import pocketsphinx, silero, whisper_models
from stalk_ros.topics.backends import llama_models

if TYPE_CHECKING:
    from stalk_ros.model import Model

MODELS: tuple[Model, ...] = (
    *silero.MODELS,
    *pocketsphinx.MODELS,
    *whisper_models.MODELS,
    *ge2e.MODELS,
    *wespeaker_models.MODELS,
    *llama_models.MODELS,
)
"""In the order of the stages: voice activity, speech to text, who speaks, topics."""


def named(name: str) -> Model:
    """The model of this name, or the one in the Hugging Face repository of this name.

    A repository of which nothing is known can only be of a Whisper model, a GGUF file in one of a Llama.

    Raises:
        UserError: there is none.
    """
    known = {model.name: model for model in MODELS}
    published = wespeaker_models.known(name)
    if published or name in known:
        return published or known[name]
    if file := llama_models.named(name):
        return file
    if is_repository(name):
        return whisper_models.whisper(name)
    raise UserError(f"there is no model '{name}'; there are: {', '.join(known)}")
