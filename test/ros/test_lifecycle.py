from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter

import stalk_ros.msg as msg
from stalk_ros.ros import qos
from stalk_ros.ros.asr import Asr
from stalk_ros.ros.audio_capture import AudioCapture
from stalk_ros.ros.diarization import Diarization
from stalk_ros.ros.topic_recommender import TopicRecommender

SAMPLE = str(Path(__file__).parents[2] / "samples" / "conversation.flac")


@pytest.mark.parametrize("node_class", [AudioCapture, Asr, Diarization, TopicRecommender])
def test_every_transition_twice_leaks_no_thread_and_no_subscription(graph, node_class) -> None:
    overrides = [Parameter("source", value=SAMPLE)] if node_class is AudioCapture else []
    node = graph.add(node_class(parameter_overrides=overrides))
    threads = set(threading.enumerate())
    subscriptions = len(list(node.subscriptions))
    for _ in range(2):
        for transition in ("configure", "activate", "deactivate", "cleanup"):
            assert getattr(node, f"trigger_{transition}")() == TransitionCallbackReturn.SUCCESS, transition
            assert node.active == (transition == "activate")
        assert set(threading.enumerate()) == threads
        assert len(list(node.subscriptions)) == subscriptions
    assert node.trigger_shutdown() == TransitionCallbackReturn.SUCCESS


def test_shutdown_ends_an_active_node(graph) -> None:
    node = graph.add(TopicRecommender())
    threads = set(threading.enumerate())
    node.autostart()
    assert node.trigger_shutdown() == TransitionCallbackReturn.SUCCESS
    assert set(threading.enumerate()) == threads


def test_without_autostart_a_node_waits_to_be_managed(graph) -> None:
    node = graph.add(TopicRecommender(parameter_overrides=[Parameter("autostart", value=False)]))
    node.autostart()
    assert node._state_machine.current_state[1] == "unconfigured"


def test_an_activation_that_fails_leaves_the_node_inactive_and_silent(graph, monkeypatch) -> None:
    node = graph.add(Asr())
    node.trigger_configure()
    threads = set(threading.enumerate())
    monkeypatch.setattr(node, "activate", lambda: 1 / 0)
    assert node.trigger_activate() == TransitionCallbackReturn.FAILURE
    assert node._state_machine.current_state[1] == "inactive"
    assert "division by zero" in node.last_error
    monkeypatch.undo()
    assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS
    assert set(threading.enumerate()) > threads
    graph.connected(graph.publisher(msg.AudioChunk, "audio", qos.audio()))


@pytest.mark.parametrize("node_class", [Asr, Diarization, TopicRecommender])
def test_an_activation_that_fails_half_way_leaves_no_thread(graph, node_class, monkeypatch) -> None:
    node = graph.add(node_class())
    node.trigger_configure()
    threads = set(threading.enumerate())

    def refuse(*_: object, **__: object) -> None:
        raise ValueError("no such\n reliability")

    monkeypatch.setattr(node, "create_subscription", refuse)
    assert node.trigger_activate() == TransitionCallbackReturn.FAILURE
    assert set(threading.enumerate()) == threads
    assert node.last_error.startswith("cannot subscribe to '")
    assert node.last_error.endswith("', see its 'qos_overrides': no such reliability")


def test_a_signal_cuts_a_deactivation_short(graph) -> None:
    """One that a service has asked for, and that waits for an engine that hangs."""
    node = graph.add(TopicRecommender())
    node.autostart()
    working, release = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        working.set()
        release.wait()

    node._worker._handle = hang
    node._worker.put(True)
    working.wait()
    deactivation = threading.Thread(target=node.trigger_deactivate)
    deactivation.start()
    graph.wait(lambda: not node.active, "the deactivation")
    node.stop(time.monotonic())
    deactivation.join()
    assert not release.is_set()
    release.set()


@pytest.mark.parametrize("node_class", [AudioCapture, Asr, Diarization, TopicRecommender])
def test_fifty_activations_leak_no_thread_and_no_descriptor(graph, node_class) -> None:
    overrides = [Parameter("source", value=SAMPLE)] if node_class is AudioCapture else []
    node = graph.add(node_class(parameter_overrides=overrides))
    node.trigger_configure()

    def cycle() -> tuple[int, int, int]:
        assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS
        assert node.trigger_deactivate() == TransitionCallbackReturn.SUCCESS
        process = Path("/proc/self")
        return (
            threading.active_count(),
            len(list((process / "fd").iterdir())),
            len(list((process / "task").iterdir())),
        )

    cycle()  # opens what is opened once
    held = [cycle() for _ in range(50)]
    # The least of some cycles: what has ended may be counted a moment longer.
    first, last = (tuple(map(min, zip(*cycles, strict=True))) for cycles in (held[:10], held[-10:]))
    assert all(after <= before for before, after in zip(first, last, strict=True)), (first, last)


def test_shutdown_frees_the_model(graph, monkeypatch) -> None:
    for activated in (False, True):
        node = graph.add(TopicRecommender())
        freed: list[bool] = []
        monkeypatch.setattr(node, "cleanup", lambda freed=freed: freed.append(True))
        node.trigger_configure()
        if activated:
            node.trigger_activate()
        assert node.trigger_shutdown() == TransitionCallbackReturn.SUCCESS
        assert freed
        graph.remove(node)


def test_a_deactivation_that_fails_leaves_the_node_inactive_and_able_to_go_on(graph, monkeypatch) -> None:
    node = graph.add(TopicRecommender())
    node.autostart()
    deactivate = node.deactivate

    def fail() -> None:
        deactivate()
        raise ValueError("no reason")

    monkeypatch.setattr(node, "deactivate", fail)
    node.trigger_deactivate()
    assert node._state_machine.current_state[1] == "inactive"
    assert "no reason" in node.last_error
    monkeypatch.undo()
    assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS
    assert node.active


def test_once_the_process_is_to_end_nothing_starts(graph) -> None:
    node = graph.add(TopicRecommender())
    node.set_end(time.monotonic())
    node.autostart()
    assert node._state_machine.current_state[1] == "unconfigured"
