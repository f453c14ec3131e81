"""Waits until a conversation can begin: its nodes are active and hear each other."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from rclpy.node import Node

from stalk_ros.ros.process import leave, mistakes, own_arguments, ros, spinning

if TYPE_CHECKING:
    from stalk_ros.ros.process import Stop

_LISTENERS = {
    "audio": {"asr", "diarization"},
    "voice_activity": {"diarization", "topic_recommender"},
    "transcript": {"diarization"},
    "utterances": {"topic_recommender"},
    "suggestions": {"diarization"},
}
"""Nodes subscribe when they are active."""

_POLL_S = 0.1
_STOPPED = 130


def wait(node: Node, topics: list[str], stop: Stop) -> bool:
    """Wait for the nodes in the namespace of ``node``; false when ``stop`` is requested before.

    Args:
        node: any node.
        topics: somebody has to listen to these, too.
        stop: ends it.
    """
    while not stop.wait_for(_POLL_S):
        if all(map(node.count_subscribers, topics)) and all(
            names <= {info.node_name for info in node.get_subscriptions_info_by_topic(topic)}
            for topic, names in _LISTENERS.items()
        ):
            return True
    return False


def main() -> None:
    """Wait; exits with 130 after SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="ready", description="Wait until the nodes of a conversation listen."
    )
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="and until somebody listens to these")
    with mistakes("ready"), ros() as stop:
        topics = parser.parse_args(own_arguments()).topics
        node = Node("ready", namespace="stalk")
        with spinning([node], stop):
            is_ready = wait(node, topics, stop)
    if not is_ready:
        sys.exit(_STOPPED)
    leave()
