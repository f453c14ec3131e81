from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest

from stalk_ros.offline.interrupts import ending_once, undivided

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Those of a program on a terminal, also where the tests were started to go on without one."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_ends_it_and_the_others_do_not_disturb_the_end(number: signal.Signals) -> None:
    ended = []
    with pytest.raises(KeyboardInterrupt), ending_once():
        try:
            signal.raise_signal(number)
        finally:
            for again in SIGNALS:
                signal.raise_signal(again)
            ended.append(True)
    signal.raise_signal(number)
    assert ended


def test_without_a_signal_all_is_as_before() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with ending_once():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_what_is_to_be_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with ending_once():
        signal.raise_signal(signal.SIGHUP)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_waits_until_the_work_is_done(number: signal.Signals) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), ending_once(), undivided():
        signal.raise_signal(number)
        done.append("all of it")
    assert done


def test_ctrl_c_is_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with undivided():
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="broken"), undivided():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("broken")


def test_another_thread_may_do_it_too() -> None:
    done = []

    def work() -> None:
        with undivided():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
