"""Several nodes in one process."""

from __future__ import annotations

import argparse

from stalk_ros.ros.asr import Asr
from stalk_ros.ros.audio_capture import AudioCapture
from stalk_ros.ros.diarization import Diarization
from stalk_ros.ros.process import mistakes, own_arguments
from stalk_ros.ros.stage_node import spin
from stalk_ros.ros.topic_recommender import TopicRecommender

NODES = {
    "topic_recommender": TopicRecommender,
    "diarization": Diarization,
    "asr": Asr,
    "audio_capture": AudioCapture,
}
"""Those that listen start first."""


def main() -> None:
    """Run the nodes that are named, or all."""
    parser = argparse.ArgumentParser(prog="conversation", description="Run nodes in one process.")
    parser.add_argument("nodes", nargs="*", metavar="NODE", help=f"of {', '.join(NODES)}; by default all")
    with mistakes("conversation"):
        names = parser.parse_args(own_arguments()).nodes or NODES
    for name in names:
        if name not in NODES:
            parser.error(f"there is no node '{name}', only {', '.join(NODES)}")
    spin(*(node for name, node in NODES.items() if name in names))
