"""Engines that turn speech into text, best first; the last one is the embedded default."""

BACKENDS = {
    "faster_whisper": "stalk_ros.speech.backends.faster_whisper:FasterWhisper",
    "pocketsphinx": "stalk_ros.speech.backends.pocketsphinx:PocketSphinx",
}
