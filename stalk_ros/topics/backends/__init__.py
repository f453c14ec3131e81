"""Engines that think of something to say, best first; the last one is the embedded default."""

BACKENDS = {"topic_bank": "stalk_ros.topics.backends.topic_bank:TopicBank"}
