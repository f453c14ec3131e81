"""Models that the tests of the engines make themselves."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics import TopicRequest


@pytest.fixture(scope="session")
def maker() -> SimpleNamespace:
    """What ``tiny_gguf.py`` has."""
    pytest.importorskip("gguf")
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("tiny_gguf.py"))))


@pytest.fixture(scope="session")
def tiny(maker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama model of a few kilobytes."""
    pytest.importorskip("llama_cpp")
    return maker.make_model(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="session")
def request_of():
    """``request_of("S1: we went to the lake", …)`` -> what a recommender is asked."""

    def make(*lines: str, language: str = "en", **more) -> TopicRequest:
        turns = []
        for number, line in enumerate(lines):
            speaker, _, text = line.partition(": ")
            turns.append(Utterance(f"u{number}", number, number + 1, text, speaker_id=speaker))
        return TopicRequest(tuple(turns), language, Trigger.SILENCE, **more)

    return make
