"""ROS 2 bags, read and written without ROS."""

from stalk_ros.offline.bags.reading import BagRecording, is_bag
from stalk_ros.offline.bags.writing import BagWriter

__all__ = ["BagRecording", "BagWriter", "is_bag"]
