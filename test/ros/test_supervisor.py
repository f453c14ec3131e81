from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SUPERVISE = """
import sys
from stalk_ros.ros.start import run
from stalk_ros.ros import supervisor
commands = dict(zip(sys.argv[1::2], ([sys.executable, "-c", code] for code in sys.argv[2::2])))
sys.exit(supervisor.Supervisor(commands).run())
"""
SAYS_ITS_NUMBER = "import os, signal; print(os.getpid(), flush=True); signal.sigwait([signal.SIGTERM])"
"""Ends with 0, as what is told to end does."""


def supervised(*programs: str) -> subprocess.Popen[str]:
    """Supervises programs, given as names and Python code by turns."""
    command = [sys.executable, "-c", SUPERVISE, *programs]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def number(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    return int(process.stdout.readline())


def test_a_program_that_is_killed_is_started_again_and_the_others_go_on() -> None:
    with supervised("one", SAYS_ITS_NUMBER, "two", SAYS_ITS_NUMBER) as process:
        first = {number(process), number(process)}
        killed, other = sorted(first)
        os.kill(killed, signal.SIGKILL)
        assert number(process) not in first
        assert Path(f"/proc/{other}").exists()
        process.terminate()
        _, said = process.communicate(timeout=60.0)
    assert process.returncode == 0
    assert "was ended by SIGKILL: it is started again in 0.5 s" in said
    assert not Path(f"/proc/{other}").exists()


def test_a_program_that_keeps_dying_is_started_again_ever_later() -> None:
    with supervised("broken", "import sys; sys.exit(1)") as process:
        assert process.stderr
        said = [process.stderr.readline().strip() for _ in range(3)]
        process.send_signal(signal.SIGINT)
    told = "broken ended with code 1: it is started again in"
    assert said == [f"{told} {delay} s" for delay in ("0.5", "1.0", "2.0")]
    assert process.returncode == 0


def test_a_mistake_of_the_user_ends_all_with_code_2() -> None:
    with supervised("one", SAYS_ITS_NUMBER, "mistaken", "import sys; sys.exit(2)") as process:
        process.communicate(timeout=60.0)
    assert process.returncode == 2


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_no_program_outlives_who_supervises_it(sign) -> None:
    with supervised("one", SAYS_ITS_NUMBER) as process:
        child = os.pidfd_open(number(process))
        process.send_signal(sign)
        assert select.select([child], [], [], 60.0)[0]
        os.close(child)
