"""Engines that turn speech into text."""

from stalk_ros.backends import Backends
from stalk_ros.speech.transcription import Transcriber

BACKENDS = Backends(
    "stalk_ros.transcribers",
    Transcriber,
    {
        "faster_whisper": "stalk_ros.speech.backends.faster_whisper:FasterWhisper",
        "pocketsphinx": "stalk_ros.speech.backends.pocketsphinx:PocketSphinx",
    },
)
