"""Quality of service of the topics.

Nothing is latched: a late subscriber, such as a robot's TTS, must not get an old suggestion.
"""

from __future__ import annotations

from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

_AUDIO_HISTORY_S = 10.0
_SHORTEST_CHUNK_S = 0.01

EVENTS = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE)
"""Everything but audio: the depth is 90 s of voice activity, the most frequent, for a reader that stalls."""


def audio(chunk_s: float = _SHORTEST_CHUNK_S) -> QoSProfile:
    """Audio: reliable, and 10 s of chunks are kept for a reader that stalls."""
    return QoSProfile(depth=round(_AUDIO_HISTORY_S / chunk_s), reliability=ReliabilityPolicy.RELIABLE)


def overridable() -> QoSOverridingOptions:
    """Lets users change a topic's QoS with ROS 2's ``qos_overrides`` parameters."""
    return QoSOverridingOptions.with_default_policies()
