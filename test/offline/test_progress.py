"""How far long work is."""

from __future__ import annotations

import io

import pytest

from stalk_ros.offline import progress as module
from stalk_ros.offline.progress import Terminal, clock, progress


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test may change."""
    time_s = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: time_s[0])
    return time_s


def test_a_terminal_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal = Terminal()
    terminal.file = io.StringIO()
    with progress("listening", 10.0, terminal) as advance:
        for _ in range(10):
            advance(1.0)
    shown = terminal.file.getvalue()
    assert "listening" in shown
    assert " 0%" in shown
    assert "100%" in shown
    assert "0:00:00" in shown


def test_a_log_has_a_line_now_and_then(now: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with progress("listening", 3600.0, Terminal()) as advance:
        for _ in range(150):
            now[0] += 1
            advance(10.0)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "listening: 1:40 of 1:00:00, 10.0 times real time, 5:50 left",
        "listening: 11:40 of 1:00:00, 10.0 times real time, 4:50 left",
        "listening: 21:40 of 1:00:00, 10.0 times real time, 3:50 left",
    ]


def test_what_is_quick_is_not_in_the_log(now: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with progress("listening", 60.0, Terminal()) as advance:
        for _ in range(9):
            now[0] += 1
            advance(6.0)
    assert capsys.readouterr() == ("", "")


def test_where_the_end_is_not_known_the_log_says_what_is_done(
    now: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with progress("listening", 0.0, Terminal()) as advance:
        now[0] += 20
        advance(100.0)
    assert capsys.readouterr().err == "listening: 1:40, 5.0 times real time\n"


def test_times_read_as_on_a_clock() -> None:
    assert [clock(seconds) for seconds in (0, 9.6, 61, 3600, 36_061)] == [
        "0:00",
        "0:10",
        "1:01",
        "1:00:00",
        "10:01:01",
    ]
