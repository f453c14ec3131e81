from __future__ import annotations

import threading

import pytest

from stalk_ros.offline.evaluation.stopwatch import watched


class Engine:
    """Lets the time pass that a call shall take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 0.0
        monkeypatch.setattr("time.perf_counter", lambda: self.now_s)

    def work(self, seconds: float) -> float:
        self.now_s += seconds
        if seconds > 5:
            raise RuntimeError
        return seconds


def test_the_time_of_all_calls_adds_up(monkeypatch) -> None:
    engine, other = Engine(monkeypatch), Engine(monkeypatch)
    monkeypatch.setattr("time.perf_counter", lambda: engine.now_s + other.now_s)
    with watched([("speech", engine, "work"), ("speech", other, "work")]) as watches:
        assert engine.work(0.5) == 0.5
        other.work(seconds=2.0)
        with pytest.raises(RuntimeError):
            engine.work(6.0)
    assert watches["speech"].seconds == pytest.approx(8.5)


def test_nothing_is_left_in_the_engine(monkeypatch) -> None:
    engine = Engine(monkeypatch)
    before = dict(vars(engine))
    with watched([("speech", engine, "work")]):
        assert "work" in vars(engine)
    assert vars(engine) == before


def test_calls_in_several_threads_are_all_counted(monkeypatch) -> None:
    engine = Engine(monkeypatch)
    with watched([("speech", engine, "work")]) as watches:
        threads = [threading.Thread(target=engine.work, args=(1.0,)) for _ in range(8)]
        for thread in threads:
            thread.start()
            thread.join()
    assert watches["speech"].seconds == pytest.approx(8.0)


def test_an_engine_that_takes_no_attributes_works_unmeasured() -> None:
    class Sealed:
        __slots__ = ()

        def work(self) -> str:
            return "done"

    engine = Sealed()
    with watched([("speech", engine, "work")]) as watches:
        assert engine.work() == "done"
    assert watches["speech"].seconds == 0
