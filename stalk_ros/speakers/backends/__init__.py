"""Engines that turn speech into speaker embeddings."""

from stalk_ros.backends import Backends
from stalk_ros.speakers.embedding import SpeakerEmbedder

BACKENDS = Backends(
    "stalk_ros.speaker_embedders",
    SpeakerEmbedder,
    {
        "wespeaker_onnx": "stalk_ros.speakers.backends.wespeaker_onnx:WespeakerOnnx",
        "wespeaker": "stalk_ros.speakers.backends.wespeaker:Wespeaker",
        "ge2e": "stalk_ros.speakers.backends.ge2e:GE2E",
    },
)
