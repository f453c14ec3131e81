"""Several engines as one."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from stalk_ros.errors import EngineError
from stalk_ros.speech import SideBySide, Transcript


class Engine:
    """Answers with the first sample and the context; waits where it is told to."""

    name = "patient"
    caveat = ""
    overhead_s = 0.2
    one_core = True

    def __init__(self, together: threading.Barrier | None = None) -> None:
        self.heard: list[float] = []
        self._together = together

    @classmethod
    def missing(cls, _parameters) -> str:
        return ""

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        self.heard.append(float(audio[0]))
        if audio[0] < 0:
            raise EngineError("it failed")
        if self._together is not None:
            self._together.wait(10)
        return Transcript(f"{audio[0]:g}{context}", (), "en", 1.0)


def audio(value: float) -> np.ndarray:
    return np.full(16, value, np.float32)


def test_as_many_utterances_are_worked_on_at_once_as_there_are_engines() -> None:
    together = threading.Barrier(2)  # broken, and an error, unless both are at work
    engines = SideBySide([Engine(together), Engine(together)])
    for value in (1, 2):
        engines.expect(audio(value))
    assert [engines.transcribe(audio(value)).text for value in (1, 2)] == ["1", "2"]
    engines.close()


def test_what_was_expected_is_not_asked_for_again() -> None:
    engine = Engine()
    engines = SideBySide([engine])
    engines.expect(audio(1))
    engines.expect(audio(1))
    assert engines.transcribe(audio(1)).text == "1"
    assert engines.transcribe(audio(2)).text == "2"
    assert engine.heard == [1, 2]


def test_a_context_is_not_left_out() -> None:
    engines = SideBySide([Engine()])
    engines.expect(audio(1))
    assert engines.transcribe(audio(1), " before").text == "1 before"


def test_it_is_busy_until_what_was_expected_is_asked_for() -> None:
    engines = SideBySide([Engine()])
    engines.expect(audio(1))
    assert not engines.busy
    engines.expect(audio(2))
    assert engines.busy
    engines.transcribe(audio(1))
    assert not engines.busy


def test_the_failure_of_an_engine_comes_when_its_answer_is_asked_for() -> None:
    engines = SideBySide([Engine()])
    engines.expect(audio(-1))
    with pytest.raises(EngineError, match="it failed"):
        engines.transcribe(audio(-1))
    assert engines.transcribe(audio(1)).text == "1"


class Held(Engine):
    """Works until it is closed, as one whose process is ended."""

    def __init__(self) -> None:
        super().__init__()
        self.at_work, self.closed = threading.Event(), threading.Event()

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        self.at_work.set()
        assert self.closed.wait(10)
        raise EngineError("its process has ended")

    def close(self) -> None:
        self.closed.set()


def test_closed_it_waits_for_no_engine_that_can_be_ended() -> None:
    before = set(threading.enumerate())
    engine = Held()
    engines = SideBySide([engine])
    engines.expect(audio(1))
    assert engine.at_work.wait(10)
    engines.close()
    assert engine.closed.is_set()
    assert set(threading.enumerate()) == before


def test_closed_it_lets_its_engines_go() -> None:
    before = set(threading.enumerate())
    engines = SideBySide([Engine(), Engine()])
    threads = set(threading.enumerate()) - before
    assert len(threads) == 2
    engines.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
