"""Suggestions of a language model in the real library, over DDS."""

from __future__ import annotations

import importlib.util
import runpy
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from diagnostic_msgs.msg import DiagnosticArray

import stalk_ros.msg as msg
from stalk_ros.events import Utterance, VoiceActivity
from stalk_ros.ros import conversions

SECOND_NS = 1_000_000_000
MAKER = Path(__file__).parents[2] / "topics" / "backends" / "tiny_gguf.py"


class Talk:
    """What asr and diarization say about one utterance, from 1 to 2 s, and the silence after it."""

    def __init__(self, graph) -> None:
        self._graph = graph
        self._activity = graph.publisher(msg.VoiceActivity, "/stalk/voice_activity")
        self._utterances = graph.publisher(msg.SpeakerUtterance, "/stalk/utterances")
        self.states = graph.collect(msg.ConversationState, "/stalk/conversation_state")
        self.suggestions = graph.collect(msg.TopicSuggestion, "/stalk/suggestions")
        self.reports = graph.collect(DiagnosticArray, "/diagnostics")
        graph.connected(self._activity)
        graph.connected(self._utterances)
        node = graph.probe
        graph.wait(
            lambda: all(
                node.count_publishers(f"/stalk/{topic}") for topic in ("suggestions", "conversation_state")
            ),
            "discovery",
        )
        self.time_ns = 0

    def begin(self) -> None:
        self.hear(SECOND_NS // 2, speech=False, since_ns=0)
        self.hear(SECOND_NS * 3 // 2, speech=True, since_ns=SECOND_NS)
        text = "We bought an old piano last week."
        said = Utterance("u1000", SECOND_NS, 2 * SECOND_NS, text, (), "en", 1.0, "S1")
        self._utterances.publish(conversions.utterance_to_msg(said, "head"))
        self.time_ns = SECOND_NS * 26 // 10

    def hear(self, time_ns: int, *, speech: bool, since_ns: int) -> None:
        ended_ns = 2 * SECOND_NS if time_ns > 2 * SECOND_NS else 0
        known_ns = since_ns if speech else time_ns
        event = VoiceActivity(time_ns, speech, 0.5, time_ns - since_ns, known_ns, ended_ns)
        self._activity.publish(conversions.activity_to_msg(event, "head"))

    def silence(self) -> None:
        """Half a second of silence, once what was said before it has been followed."""
        until_ns = self.time_ns + SECOND_NS // 2
        while self.time_ns < until_ns:
            self.time_ns += SECOND_NS // 10
            self.hear(self.time_ns, speech=False, since_ns=2 * SECOND_NS)
        known_ns = until_ns // (SECOND_NS // 2) * (SECOND_NS // 2)
        self._graph.wait(
            lambda: self.states and conversions.to_ns(self.states[-1].header.stamp) >= known_ns,
            "the state after the silence",
        )


@pytest.fixture
def model(tmp_path) -> list[str]:
    """Arguments for a model with random weights."""
    for package in ("llama_cpp", "gguf"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    path = SimpleNamespace(**runpy.run_path(str(MAKER))).make_model(tmp_path / "tiny.gguf")
    parameters = (f"model:={path}", "backend:=llama_cpp", "budget_s:=3.0")
    return [argument for parameter in parameters for argument in ("-p", parameter)]


def test_the_conversation_is_followed_while_a_model_thinks_and_both_end(graph, start, model) -> None:
    process = start("topic_recommender", "--ros-args", "-r", "__ns:=/stalk", *model)
    talk = Talk(graph)
    talk.begin()
    while not talk.suggestions and talk.time_ns < 60 * SECOND_NS:
        # A second of the clock each: what the model thinks is out when it is ready, or its time is over.
        reports = len(talk.reports)
        graph.wait(lambda before=reports: len(talk.reports) > before, "a report")
        talk.silence()
    offer = graph.wait(lambda: talk.suggestions, "an offer")[0]
    assert offer.source in ("llama_cpp", "topic_bank")
    assert conversions.to_ns(offer.header.stamp) >= 6 * SECOND_NS
    talk.hear(talk.time_ns + SECOND_NS, speech=True, since_ns=talk.time_ns + SECOND_NS // 2)
    graph.wait(lambda: len(talk.suggestions) == 2, "the withdrawal")
    assert talk.suggestions[1].suggestion_id == offer.suggestion_id
    lists = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = [child for path in lists for child in path.read_text().split()]
    assert children
    process.send_signal(signal.SIGINT)
    assert process.wait(60.0) == 0
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
