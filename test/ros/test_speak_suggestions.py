from __future__ import annotations

import json
import shlex
import sys
import threading
import time
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
import soundfile
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.events import Suggestion, SuggestionStatus, Trigger, VoiceActivity
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.speak_suggestions import SpeakSuggestions

SECOND_NS = 1_000_000_000

PROGRAM = """
import json, os, signal, sys, time
log, text, language = sys.argv[1:]
def tell(event):
    with open(log, "a") as file:
        file.write(json.dumps([event, text, language, os.getpid()]) + "\\n")
signal.signal(signal.SIGTERM, lambda *_: (tell("ended"), os._exit(0)))
tell("begins")
if text.startswith("Long"):
    time.sleep(3600)
if text.startswith("Bad"):
    sys.exit("no such voice")
tell("done")
"""


def offer(number: int = 1, text: str = "Hello there.", valid_until_s: float = 20.0) -> Suggestion:
    return Suggestion(
        10 * SECOND_NS,
        f"t{number}",
        SuggestionStatus.OFFERED,
        text,
        "en",
        "",
        "",
        (),
        Trigger.SILENCE,
        0.8,
        0.9,
        "topic_bank",
        round(valid_until_s * SECOND_NS),
    )


def withdrawal(of: Suggestion) -> Suggestion:
    return replace(of, status=SuggestionStatus.WITHDRAWN)


class Mouth:
    """A node whose program writes down what it says, and those that it talks with."""

    def __init__(self, graph, folder: Path, **overrides) -> None:
        self._graph = graph
        self._log = folder / "log"
        program = folder / "speak.py"
        program.write_text(PROGRAM, encoding="utf-8")
        words = shlex.join([sys.executable, str(program), str(self._log)])
        overrides.setdefault("command", f"{words} {{text}} {{language}}")
        self.robot = graph.collect(Bool, "/robot_speaking", qos.EVENTS)
        parameters = [Parameter(name, value=value) for name, value in overrides.items()]
        self.node = graph.add(SpeakSuggestions(parameter_overrides=parameters))
        self.node.autostart()
        assert self.node.active, self.node.last_error
        self._suggestions = graph.publisher(msg.TopicSuggestion, "suggestions", qos.EVENTS)
        self._activity = graph.publisher(msg.VoiceActivity, "voice_activity", qos.EVENTS)
        graph.connected(self._suggestions)
        graph.connected(self._activity)
        graph.wait(lambda: self.robot, "the news that the robot does not speak")

    def suggest(self, *suggestions: Suggestion) -> None:
        for suggestion in suggestions:
            self._suggestions.publish(conversions.suggestion_to_msg(suggestion, "head"))

    def hear(self, time_s: float) -> None:
        time_ns = round(time_s * SECOND_NS)
        activity = VoiceActivity(time_ns, False, 0.0, SECOND_NS, time_ns)
        self._activity.publish(conversions.activity_to_msg(activity, "head"))
        self._graph.wait(lambda: self.node._turns._now_ns == time_ns, "the time of the audio")

    def told(self, event: str) -> list[str]:
        """The sentences of which the program has told that they began, were done or were ended."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [text for kind, text, *_ in map(json.loads, lines) if kind == event]

    def wait_for(self, event: str, *texts: str) -> None:
        self._graph.wait(lambda: self.told(event) == list(texts), f"{texts} {event}")

    def wait_for_silence(self, turns: int) -> None:
        """Wait until the robot has spoken so often."""
        changes = [False] + [True, False] * turns
        self._graph.wait(lambda: self._changes() == changes, f"{turns} turns of the robot")

    def _changes(self) -> list[bool]:
        # Whoever begins to listen is told once more.
        return [speaking for speaking, _ in groupby(message.data for message in self.robot)]


@pytest.fixture
def mouth(graph, tmp_path) -> Mouth:
    return Mouth(graph, tmp_path)


def test_an_offer_is_said_once_between_true_and_false(mouth) -> None:
    first, second = offer(1), offer(2, 'What\'s "that"? $(ls) -- ; `id`')
    mouth.suggest(first, first)
    mouth.wait_for_silence(1)
    mouth.suggest(first, second)
    mouth.wait_for_silence(2)
    assert mouth.told("done") == [first.text, second.text]
    assert mouth.node.health().values["said"] == 2
    assert mouth.node.health().values["said last"] == second.text


def test_the_program_begins_after_true_has_arrived(mouth, monkeypatch) -> None:
    """The listeners have it, in their queues: nothing is heard of the robot's voice."""
    acknowledged: list[bool] = []
    publisher = mouth.node._speaking
    wait = publisher.wait_for_all_acked

    def waiting(timeout) -> bool:
        assert len(mouth.told("begins")) == len(acknowledged)
        acknowledged.append(wait(timeout))
        return acknowledged[-1]

    monkeypatch.setattr(publisher, "wait_for_all_acked", waiting)
    mouth.suggest(offer())
    mouth.wait_for_silence(1)
    assert acknowledged[0]
    assert mouth.node.last_error == ""


def test_an_expired_offer_and_one_whose_withdrawal_overtook_it_are_not_said(mouth) -> None:
    mouth.hear(15.0)
    late, withdrawn, good = offer(1, valid_until_s=14.9), offer(2), offer(3, "Good.")
    mouth.suggest(late, withdrawal(withdrawn), withdrawn, good)
    mouth.wait_for_silence(1)
    assert mouth.told("begins") == [good.text]


def test_the_audio_of_a_recording_decides_what_is_out_of_date(mouth) -> None:
    """All of this is decades ago by the clock on the wall."""
    mouth.hear(30.0)
    mouth.suggest(offer(1, valid_until_s=29.0), offer(2, "In time.", valid_until_s=30.0))
    mouth.wait_for_silence(1)
    assert mouth.told("done") == ["In time."]


def test_a_withdrawal_ends_the_program(mouth) -> None:
    long = offer(1, "Long story.")
    mouth.suggest(long)
    mouth.wait_for("begins", long.text)
    mouth.suggest(withdrawal(long))
    mouth.wait_for_silence(1)
    assert mouth.told("ended") == [long.text]
    health = mouth.node.health()
    assert (health.values["interrupted"], health.values["said"], health.values["failures"]) == (1, 0, 0)
    assert mouth.node.last_error == ""


def test_a_robot_that_nobody_knows_to_speak_is_not_interrupted_by_its_own_voice(graph, tmp_path) -> None:
    mouth = Mouth(graph, tmp_path, timeout_s=1.0)
    graph.probe.destroy_subscription(next(s for s in graph.probe.subscriptions if s.msg_type is Bool))
    graph.wait(lambda: not mouth.node._speaking.get_subscription_count(), "the end of the subscription")
    long = offer(1, "Long story.")
    mouth.suggest(long)
    mouth.wait_for("begins", long.text)
    mouth.suggest(withdrawal(long), offer(2, "Good."))
    mouth.wait_for("done", "Good.")
    assert mouth.node.health().values["interrupted"] == 0


def test_of_those_that_wait_the_newest_is_said_and_one_at_a_time(mouth) -> None:
    long = offer(1, "Long story.")
    mouth.suggest(long)
    mouth.wait_for("begins", long.text)
    mouth.suggest(offer(2, "Two."), offer(3, "Three."))
    mouth.suggest(withdrawal(long))
    mouth.wait_for_silence(2)
    assert mouth.told("begins") == [long.text, "Three."]


def test_a_failure_is_reported_and_the_next_offer_is_said(mouth) -> None:
    mouth.suggest(offer(1, "Bad."))
    mouth.wait_for_silence(1)
    health = mouth.node._health()
    assert health.values["failures"] == 1
    program = Path(sys.executable).name
    assert health.message.endswith(f"'{program}' failed with code 1: no such voice")
    mouth.suggest(offer(2, "Good."))
    mouth.wait_for_silence(2)
    assert mouth.told("done") == ["Good."]
    assert mouth.node._health().values["last error"] == ""


def test_a_program_that_hangs_is_ended(graph, tmp_path) -> None:
    mouth = Mouth(graph, tmp_path, timeout_s=1.0)
    mouth.suggest(offer(1, "Long story."))
    mouth.wait_for("begins", "Long story.")
    mouth.suggest(offer(2, "Good."))
    mouth.wait_for_silence(2)
    assert mouth.told("ended") == ["Long story."]
    assert mouth.told("done") == ["Good."]


@pytest.mark.parametrize("how", ["deactivate", "stop"])
def test_a_node_that_stops_ends_its_program_and_says_so(mouth, graph, how) -> None:
    mouth.suggest(offer(1, "Long story."))
    mouth.wait_for("begins", "Long story.")
    deadline_s = time.monotonic() + 60.0
    if how == "stop":
        mouth.node.stop(deadline_s)
    else:
        assert mouth.node.trigger_deactivate() == TransitionCallbackReturn.SUCCESS
    mouth.wait_for_silence(1)
    assert mouth.told("ended") == ["Long story."]
    assert time.monotonic() < deadline_s


def test_every_transition_twice_leaks_no_thread_and_no_subscription(graph) -> None:
    node = graph.add(SpeakSuggestions())
    threads = set(threading.enumerate())
    subscriptions = len(list(node.subscriptions))
    for _ in range(2):
        for transition in ("configure", "activate", "deactivate", "cleanup"):
            assert getattr(node, f"trigger_{transition}")() == TransitionCallbackReturn.SUCCESS, transition
        assert set(threading.enumerate()) == threads
        assert len(list(node.subscriptions)) == subscriptions


def test_whoever_listens_later_is_told_too(mouth, graph) -> None:
    """A volatile topic, and an asr that starts while the robot speaks."""
    mouth.suggest(offer(1, "Long story."))
    mouth.wait_for("begins", "Long story.")
    later = graph.collect(Bool, "/robot_speaking", qos.EVENTS)
    graph.wait(lambda: later, "the news")
    assert later[0].data


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "parameter 'command' is empty"),
        ("no-such-voice {text}", "there is no program 'no-such-voice'"),
        ("sh -c 'espeak-ng {text}'", "'sh' would run the sentence as code"),
    ],
)
def test_a_wrong_command_leaves_the_node_unconfigured_with_one_line(graph, command, message) -> None:
    node = graph.add(SpeakSuggestions(parameter_overrides=[Parameter("command", value=command)]))
    node.autostart()
    assert not node.active
    assert message in node.last_error
    assert "\n" not in node.last_error


def test_espeak_ng_speaks_by_the_default_voice(graph, tmp_path) -> None:
    output = tmp_path / "said.wav"
    mouth = Mouth(graph, tmp_path, command=f"espeak-ng -v {{language}} -w {output} -- {{text}}")
    mouth.suggest(offer(text="-5 degrees, isn't it?"))
    mouth.wait_for_silence(1)
    assert mouth.node.last_error == ""
    assert soundfile.info(output).duration > 1.0
