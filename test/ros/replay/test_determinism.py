"""Recorded audio replayed through the nodes as fast as they can: always the same answer."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.audio import AudioChunk

SAMPLE = Path(__file__).parents[3] / "samples" / "conversation.flac"
CHUNK = 1600
RECORDED_NS = 1_700_000_000_000_000_000


def offline(chunks: Iterable[AudioChunk], settle_s: float = 0.0) -> tuple[list, list]:
    configuration = Configuration(diarization=SpeakerParameters(settle_s=settle_s))
    conversation = Conversation(configuration)
    events = [event for chunk in chunks for event in conversation.feed(chunk)]
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


def words(utterances: list) -> list[tuple[int, str]]:
    """All that was said, with its time, whoever said it."""
    return [
        (conversions.to_ns(utterance.header.stamp) + conversions.to_ns(word.start), word.text)
        for utterance in utterances
        for word in utterance.words
    ]


class Nodes:
    """The three nodes that listen, and what they publish."""

    def __init__(self, graph, settle_s: float = 0.0) -> None:
        settling = Parameter("settle_s", value=settle_s)
        diarization = Diarization(parameter_overrides=[settling])
        nodes = [graph.add(node) for node in (TopicRecommender(), diarization, Asr())]
        self.utterances = graph.collect(msg.SpeakerUtterance, "utterances", qos.EVENTS)
        self.suggestions = graph.collect(msg.TopicSuggestion, "suggestions", qos.EVENTS)
        self.states = graph.collect(msg.ConversationState, "conversation_state", qos.EVENTS)
        self._audio = graph.publisher(msg.AudioChunk, "audio", qos.audio())
        self._graph = graph
        for node in nodes:
            node.autostart()
        graph.wait(lambda: self._audio.get_subscription_count() == 2, "both listeners")
        graph.wait(lambda: nodes[2]._voice_activity.get_subscription_count() == 2, "who follows it")

    def hear(self, chunks: Iterable[AudioChunk]) -> None:
        for chunk in chunks:
            self._audio.publish(conversions.chunk_to_msg(chunk))

    def told(self, end_ns: int, jumps: int = 0) -> tuple[list, list]:
        """What they tell up to the end of the audio, in which time jumps back so often."""

        def over() -> bool:
            times_ns = [conversions.to_ns(state.header.stamp) for state in self.states]
            back = sum(later < earlier for earlier, later in itertools.pairwise(times_ns))
            return back == jumps and bool(times_ns) and times_ns[-1] > end_ns - 600_000_000

        self._graph.wait(over, "the end")
        return self.finals(), self.suggestions

    def finals(self) -> list:
        """Without the partials: how many there are is a matter of how fast the machine is."""
        return [utterance for utterance in self.utterances if utterance.final]


@pytest.mark.parametrize(("chunk_s", "settle_s"), [(0.1, 0.0), (0.333, 5.0)])
def test_a_replay_gives_what_the_command_line_gives_to_the_bit(graph, chunk_s, settle_s) -> None:
    nodes = Nodes(graph, settle_s)
    chunks = list(AudioFile(SAMPLE, RECORDED_NS, chunk_s).chunks())
    nodes.hear(chunks)
    expected = offline(AudioFile(SAMPLE, RECORDED_NS).chunks(), settle_s)
    assert nodes.told(chunks[-1].stamp_ns) == expected


@pytest.mark.parametrize("again_s", [0, 10], ids=["a loop", "a seek"])
def test_after_a_jump_back_nothing_is_lost_or_mixed_up_even_when_the_engine_lags(graph, again_s) -> None:
    """The engine has hardly begun when time jumps back, and what it hears then is at the same times."""
    whole = list(AudioFile(SAMPLE, RECORDED_NS).chunks())
    first = whole[220:420]
    end = replace(whole[-1], first_sample=420 * CHUNK, stamp_ns=whole[420].stamp_ns)
    chunks = [*first, end, *first[again_s * 10 :], end]
    nodes = Nodes(graph)
    nodes.hear(chunks)
    # Who is taken for the robot depends on when its offers arrive: with a lag like this, they come late.
    expected = words(offline(chunks)[0])
    nodes.told(end.stamp_ns, jumps=1)
    # The clip ends in the middle of speech, which is written down after the last state.
    graph.wait(lambda: len(words(nodes.finals())) >= len(expected), "the last words")
    assert words(nodes.finals()) == expected
