"""Engines that turn speech into text, best first; the last one is the embedded default."""

BACKENDS = {"pocketsphinx": "stalk_ros.speech.backends.pocketsphinx:PocketSphinx"}
