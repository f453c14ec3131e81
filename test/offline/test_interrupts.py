from __future__ import annotations

import signal
import threading

import pytest

from stalk_ros.offline.interrupts import undivided


def test_ctrl_c_waits_until_the_work_is_done() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), undivided():
        signal.raise_signal(signal.SIGINT)
        done.append("all of it")
    assert done


def test_ctrl_c_is_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with undivided():
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="broken"), undivided():
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
