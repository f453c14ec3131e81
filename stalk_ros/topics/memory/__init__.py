"""What the recommender remembers of a conversation."""

from stalk_ros.topics.memory.feedback import MAX_SUGGESTIONS
from stalk_ros.topics.memory.memory import MAX_TURNS, Memory
from stalk_ros.topics.memory.people import Person
from stalk_ros.topics.memory.things import Topic

__all__ = ["MAX_SUGGESTIONS", "MAX_TURNS", "Memory", "Person", "Topic"]
