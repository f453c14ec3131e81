"""Engines that turn speech into speaker embeddings, best first; the last one is the embedded default."""

BACKENDS = {"ge2e": "stalk_ros.speakers.backends.ge2e:GE2E"}
