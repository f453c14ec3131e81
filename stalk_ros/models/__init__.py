"""The models that the package knows: where they are and how they are fetched. Needs no ROS and no engine."""

from stalk_ros.models.model import HubModel, Model, State, WheelModel
from stalk_ros.models.registry import MODELS, named

__all__ = ["MODELS", "HubModel", "Model", "State", "WheelModel", "named"]
