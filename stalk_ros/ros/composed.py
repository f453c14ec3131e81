"""Several nodes in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.ros.asr import Asr
from stalk_ros.ros.audio_capture import AudioCapture
from stalk_ros.ros.diarization import Diarization
from stalk_ros.ros.stage_node import spin
from stalk_ros.ros.topic_recommender import TopicRecommender

if TYPE_CHECKING:
    from collections.abc import Collection

_CLASSES = {
    "topic_recommender": TopicRecommender,
    "diarization": Diarization,
    "asr": Asr,
    "audio_capture": AudioCapture,
}


def run(names: Collection[str]) -> None:
    """Run the nodes of these names, of which those that listen come first."""
    spin(*(_CLASSES[name] for name in names))
