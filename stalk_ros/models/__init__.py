"""``stalk models``: every model of the backends, listed, fetched and found. Needs no ROS and no engine."""

from stalk_ros.models.registry import MODELS, named

__all__ = ["MODELS", "named"]
