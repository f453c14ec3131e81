"""Topics: following the conversation, noticing when it stalls, and suggesting how to go on."""

from stalk_ros.topics.parameters import TopicParameters
from stalk_ros.topics.recommender import Draft, Thread, TopicRecommender, TopicRequest
from stalk_ros.topics.stage import TopicStage

__all__ = ["Draft", "Thread", "TopicParameters", "TopicRecommender", "TopicRequest", "TopicStage"]
