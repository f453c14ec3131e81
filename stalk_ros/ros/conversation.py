"""All four nodes in one process."""

from __future__ import annotations

from stalk_ros.ros.asr import Asr
from stalk_ros.ros.audio_capture import AudioCapture
from stalk_ros.ros.diarization import Diarization
from stalk_ros.ros.stage_node import spin
from stalk_ros.ros.topic_recommender import TopicRecommender


def main() -> None:
    """Run the nodes; those that listen start first."""
    spin(TopicRecommender, Diarization, Asr, AudioCapture)
