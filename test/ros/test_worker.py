from __future__ import annotations

import threading

from stalk_ros.ros.worker import Worker


def no_error(error: Exception) -> None:
    raise AssertionError(error)


def test_items_are_handled_in_order_and_what_is_queued_is_finished() -> None:
    done: list[int] = []
    worker = Worker("test", done.append, 100, no_error)
    assert all(worker.put(number) for number in range(50))
    assert worker.finish(lambda: 10.0) == 0
    assert done == list(range(50))


def test_a_full_queue_refuses_and_counts() -> None:
    release, started = threading.Event(), threading.Event()

    def hold(_: int) -> None:
        started.set()
        release.wait()

    worker = Worker("test", hold, 2, no_error)
    assert worker.put(0)
    started.wait()
    assert [worker.put(number) for number in range(4)] == [True, True, False, False]
    assert (len(worker), worker.dropped) == (2, 2)
    release.set()
    assert worker.finish(lambda: 10.0) == 0


def test_an_error_is_told_and_the_work_goes_on() -> None:
    errors: list[Exception] = []
    results: list[float] = []
    worker = Worker("test", lambda item: results.append(1 / item), 10, errors.append)
    for item in (0, 2):
        worker.put(item)
    worker.finish(lambda: 10.0)
    assert results == [0.5]
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_a_handler_that_hangs_does_not_hold_up_the_end() -> None:
    release = threading.Event()
    worker = Worker("test", lambda _: release.wait(), 10, no_error)
    for item in range(3):
        worker.put(item)
    assert worker.finish(iter([0.01, 0.0]).__next__) == 3
    assert not worker.put(3)
    release.set()


def test_what_waits_is_measured_by_its_size() -> None:
    release, started = threading.Event(), threading.Event()

    def hold(_: str) -> None:
        started.set()
        release.wait()

    worker = Worker("test", hold, 10, no_error, len)
    assert worker.busy_for_s == 0
    worker.put("a" * 10)
    started.wait()
    assert worker.busy_for_s > 0
    assert [worker.put("b" * 6), worker.put("c" * 6), worker.put("d" * 4)] == [True, False, True]
    assert (worker.waiting, worker.dropped) == (10, 1)
    release.set()
    assert worker.finish(lambda: 10.0) == 0
    assert (worker.waiting, worker.busy_for_s) == (0, 0)


def test_an_end_that_waits_can_be_cut_short() -> None:
    release = threading.Event()
    left = iter([3600.0, 3600.0, 0.0])
    worker = Worker("test", lambda _: release.wait(), 10, no_error)
    worker.put(0)
    assert worker.finish(left.__next__) == 1
    release.set()
