"""Recorded audio replayed through the nodes as fast as they can: always the same answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from rclpy.parameter import Parameter
from rclpy.serialization import deserialize_message, serialize_message

import stalk_ros.msg as msg
from stalk_ros.audio import AudioFile
from stalk_ros.events import Suggestion, Utterance
from stalk_ros.offline.configuration import Configuration
from stalk_ros.offline.conversation import Conversation
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.asr import Asr
from stalk_ros.ros.diarization import Diarization
from stalk_ros.ros.topic_recommender import TopicRecommender
from stalk_ros.speakers import SpeakerParameters

SAMPLE = Path(__file__).parents[3] / "samples" / "conversation.flac"
RECORDED_NS = 1_700_000_000_000_000_000


def offline(chunk_s: float, settle_s: float) -> tuple[list, list]:
    configuration = Configuration(diarization=SpeakerParameters(settle_s=settle_s))
    conversation = Conversation(configuration)
    source = AudioFile(SAMPLE, RECORDED_NS, chunk_s)
    events = [event for chunk in source.chunks() for event in conversation.feed(chunk)]
    utterances = [
        conversions.utterance_to_msg(event, "file")
        for event in events
        if isinstance(event, Utterance) and event.final
    ]
    suggestions = [
        conversions.suggestion_to_msg(event, "file") for event in events if isinstance(event, Suggestion)
    ]
    return [received(message) for message in utterances], [received(message) for message in suggestions]


def received(message):
    """The message as it comes over DDS, where some numbers have single precision."""
    return deserialize_message(serialize_message(message), type(message))


@pytest.mark.parametrize(("chunk_s", "settle_s"), [(0.1, 0.0), (0.333, 5.0)])
def test_a_replay_gives_what_the_command_line_gives_to_the_bit(graph, chunk_s, settle_s) -> None:
    settling = Parameter("settle_s", value=settle_s)
    nodes = [
        graph.add(node) for node in (TopicRecommender(), Diarization(parameter_overrides=[settling]), Asr())
    ]
    utterances = graph.collect(msg.SpeakerUtterance, "utterances")
    suggestions = graph.collect(msg.TopicSuggestion, "suggestions")
    states = graph.collect(msg.ConversationState, "conversation_state")
    audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
    for node in nodes:
        node.autostart()
    graph.wait(lambda: audio.get_subscription_count() == 2, "both listeners")
    graph.wait(lambda: nodes[2]._voice_activity.get_subscription_count() == 2, "who follows it")
    for chunk in AudioFile(SAMPLE, RECORDED_NS, chunk_s).chunks():
        audio.publish(conversions.chunk_to_msg(chunk))
    end_ns = chunk.stamp_ns
    graph.wait(
        lambda: states and conversions.to_ns(states[-1].header.stamp) > end_ns - 600_000_000, "the end"
    )
    # How many partials there are is a matter of how fast the machine is.
    assert ([utterance for utterance in utterances if utterance.final], suggestions) == offline(0.1, settle_s)
