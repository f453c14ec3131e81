"""A conversation as one HTML page that needs nothing else."""

from stalk_ros.offline.report.report import Report

__all__ = ["Report"]
