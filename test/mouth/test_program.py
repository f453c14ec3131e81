from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from stalk_ros.errors import EngineError
from stalk_ros.mouth import Call, Command, run

LONG_S = 3600.0
_PAUSE = threading.Event()


def said(template: str, timeout_s: float = LONG_S, over: threading.Event | None = None) -> None:
    run(Command.parse(template).call("Hello there.", "en"), timeout_s, over or threading.Event())


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    """Whether it ends: the system takes a moment to end what was killed."""
    deadline_s = time.monotonic() + 60.0
    while lives(pid) and time.monotonic() < deadline_s:
        _PAUSE.wait(0.01)
    return not lives(pid)


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def awaited(file: Path) -> str:
    """What a program has written there, when it has."""
    deadline_s = time.monotonic() + 60.0
    while time.monotonic() < deadline_s:
        if file.exists() and (text := file.read_text()).endswith("\n"):
            return text.strip()
        _PAUSE.wait(0.01)
    raise AssertionError(f"nothing was written to {file}")


def test_it_comes_back_when_the_program_has_ended(script, tmp_path) -> None:
    done = tmp_path / "done"
    said(script(f"sleep 0.2; echo done > {done}"))
    assert done.read_text() == "done\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "echo first >&2; printf 'no such\\tvoice\\n\\n' >&2; exit 3",
            "'sh' failed with code 3: no such voice",
        ),
        ("exit 4", "'sh' failed with code 4"),
        ("kill -11 $$", "'sh' was ended by signal 11"),
        ("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo last >&2; exit 5", "code 5: last"),
    ],
)
def test_a_program_that_fails_is_one_line_with_its_last_words(script, text, complaint) -> None:
    with pytest.raises(EngineError) as error:
        said(script(text))
    assert str(error.value).endswith(complaint)


def test_a_voice_that_the_program_does_not_have_is_told() -> None:
    call = Command.parse("espeak-ng -q -v {language} -- {text}").call("Hello.", "xx")
    with pytest.raises(EngineError, match=r"'espeak-ng' failed with code 1: .*voice does not exist"):
        run(call, LONG_S, threading.Event())


def test_a_program_that_cannot_be_started_is_told(tmp_path) -> None:
    with pytest.raises(EngineError, match="'gone' cannot be started: No such file"):
        run(Call((str(tmp_path / "gone"),), None), LONG_S, threading.Event())


def test_a_sentence_too_long_for_an_argument_is_told() -> None:
    with pytest.raises(EngineError, match="'cat' cannot be started: Argument list too long"):
        run(Command.parse("cat {text}").call("x" * 1_000_000, "en"), LONG_S, threading.Event())


def test_a_program_that_does_not_read_a_long_sentence_does_not_hang() -> None:
    run(Command.parse("true").call("x" * 1_000_000, "en"), LONG_S, threading.Event())


STUBBORN = "trap '' TERM; "


@pytest.mark.parametrize("stubborn", ["", STUBBORN], ids=["obedient", "deaf to SIGTERM"])
def test_whoever_speaks_ends_the_program_and_its_children(script, tmp_path, stubborn) -> None:
    pids, over = tmp_path / "pids", threading.Event()
    template = script(f"{stubborn}sleep 3600 & echo $$ $! > {pids}; wait; sleep 3600")
    thread = threading.Thread(target=said, args=(template, LONG_S, over))
    thread.start()
    running = [int(pid) for pid in awaited(pids).split()]
    assert all(map(lives, running))
    over.set()
    thread.join()
    assert all(map(ends, running))


def test_a_program_that_hangs_is_ended(script, tmp_path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(EngineError, match=r"'sh' did not end within 0\.2 s \(timeout_s\) and was ended"):
        said(script(f"{STUBBORN} echo $$ > {pids}; while :; do sleep 3600; done"), 0.2)
    assert ends(int(pids.read_text()))


def test_what_a_program_leaves_behind_does_not_go_on_speaking(script, tmp_path) -> None:
    pids = tmp_path / "pids"
    said(script(f"sleep 3600 & echo $! > {pids}"))
    assert ends(int(pids.read_text()))


def test_a_turn_that_is_over_begins_no_program(script, tmp_path) -> None:
    begun, over = tmp_path / "begun", threading.Event()
    over.set()
    said(script(f"touch {begun}"), over=over)
    assert not begun.exists()


def test_nothing_is_left_open(script) -> None:
    open_before = descriptors()
    threads = threading.active_count()
    template = script("exit 0")
    for _ in range(20):
        said(template)
    assert descriptors() == open_before
    assert threading.active_count() == threads
