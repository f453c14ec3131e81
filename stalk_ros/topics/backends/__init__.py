"""Engines that think of something to say."""

from stalk_ros.backends import Backends
from stalk_ros.topics.recommender import TopicRecommender

BACKENDS = Backends(
    "stalk_ros.topic_recommenders",
    TopicRecommender,
    {"topic_bank": "stalk_ros.topics.backends.topic_bank:TopicBank"},
)
