"""The ROS 2 nodes around the stages."""
