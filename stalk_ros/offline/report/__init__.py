"""A conversation as one HTML page that needs nothing else."""

from stalk_ros.offline.report.page import page

__all__ = ["page"]
