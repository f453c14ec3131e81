"""Engines that think of something to say."""

from stalk_ros.backends import Backends
from stalk_ros.topics.recommender import TopicRecommender

BACKENDS = Backends(
    "stalk_ros.topic_recommenders",
    TopicRecommender,
    {
        "llama_cpp": "stalk_ros.topics.backends.llama_cpp:LlamaCpp",
        "openai_server": "stalk_ros.topics.backends.openai_server:OpenaiServer",
        "topic_bank": "stalk_ros.topics.backends.topic_bank:TopicBank",
    },
)
