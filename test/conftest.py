"""What tests share, whether they need ROS or not."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from bench.sound_server import SoundServer
from stalk_ros import cli
from stalk_ros.audio.mp3_frames import frame_length
from stalk_ros.events import (
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Trigger,
    Utterance,
    VoiceActivity,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy.typing as npt

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C ends the programs that tests start, also where a shell has the tests run in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty Hugging Face cache: which engine 'auto' takes does not depend on the machine."""
    with pytest.MonkeyPatch.context() as patch:
        cache = tmp_path_factory.mktemp("hub")
        patch.setenv("HF_HUB_CACHE", str(cache))
        patch.delenv("HF_HUB_OFFLINE", raising=False)
        yield cache


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which nobody is enrolled, and that belongs to the tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("data")
        patch.setenv("XDG_DATA_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample conversation."""
    return SAMPLES / "conversation.flac"


@pytest.fixture(scope="session")
def sample_audio(sample: Path) -> npt.NDArray[np.float32]:
    audio, rate = soundfile.read(sample, dtype="float32")
    assert rate == 16_000
    return audio


@pytest.fixture(scope="session")
def sample_truth() -> dict[str, Any]:
    """What is said in the sample, by whom and when."""
    return json.loads((SAMPLES / "conversation.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def every_event() -> list[VoiceActivity | Utterance | ConversationState | Suggestion]:
    """One of each kind, with numbers that float32 rounds and times to the nanosecond."""
    now_ns = 1_795_400_000_123_456_789
    words = (Word("안녕하세요,", now_ns, now_ns + 7, 0.1), Word("hello", now_ns + 8, now_ns + 9, 1.0))
    return [
        VoiceActivity(now_ns, True, 0.1, 250_000_000, now_ns - 1, now_ns - 2, True),
        Utterance(
            utterance_id="u1",
            start_ns=now_ns,
            end_ns=now_ns + 1_500_000_001,
            text="안녕하세요, hello",
            words=words,
            language="ko",
            confidence=0.7,
            speaker_id="S2",
            speaker_name="Mina",
            speaker_confidence=0.3,
            overlapped=True,
            overlapping_speaker_ids=("S1", "S3"),
            final=False,
        ),
        ConversationState(
            now_ns, 2.1, 0.6, ("a silence of 2.1 s",), ("S1", "S2"), (0.3, 0.7), True, "piano", True
        ),
        Suggestion(
            time_ns=now_ns,
            suggestion_id="t1",
            status=SuggestionStatus.WITHDRAWN,
            text="How is the piano?",
            language="en",
            topic="piano",
            rationale="S1 said so",
            addressed_to=("S1",),
            trigger=Trigger.REQUEST,
            awkwardness=0.9,
            confidence=0.4,
            source="topic_bank",
            valid_until_ns=now_ns + 5,
        ),
    ]


@pytest.fixture(scope="session")
def pieces() -> Callable[..., Iterator[Any]]:
    """Cuts a sequence into pieces of the given sizes, over and over."""

    def cut(sequence: Any, sizes: Any) -> Iterator[Any]:
        at, number = 0, 0
        while at < len(sequence):
            size = sizes[number % len(sizes)]
            yield sequence[at : at + size]
            at, number = at + size, number + 1

    return cut


@pytest.fixture
def uninstall(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes packages look as if they were not installed."""

    def hide(*packages: str) -> None:
        find_spec = importlib.util.find_spec

        def find(name: str, package: str | None = None) -> Any:
            return None if name.partition(".")[0] in packages else find_spec(name, package)

        monkeypatch.setattr(importlib.util, "find_spec", find)
        for package in packages:
            monkeypatch.setitem(sys.modules, package, None)

    return hide


@pytest.fixture(scope="session")
def domain_id() -> Iterator[int]:
    """A DDS domain that no other test run on this machine uses, on this machine only."""
    from stalk_ros.ros.domain import own_domain

    with own_domain() as domain:
        os.environ["ROS_DOMAIN_ID"] = str(domain)
        os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
        yield domain


@pytest.fixture
def stalk(capsys: pytest.CaptureFixture[str]):
    """Runs the command; returns its exit code, what it printed and its complaints."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def sound_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A sound server with one room, for this process and those that it starts.

    A test names it before whatever records: libpulse may hang, for ever, in a recording whose server ends.
    Where it cannot be, its tests are skipped, except by those who check every change.
    """
    if (missing := SoundServer.missing()) and "CI" not in os.environ:
        pytest.skip(missing)
    with tempfile.TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        try:
            yield server
        finally:
            server.close()


@pytest.fixture(scope="session")
def on_terminal() -> Callable[..., str]:
    """Runs the command on a terminal of 80 columns; returns what it shows."""

    def run(*arguments: str, environment: Mapping[str, str]) -> str:
        screen, keyboard = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "stalk_ros.cli", *arguments],
            cwd=SAMPLES.parent,
            env={**environment, "TERM": "xterm", "COLUMNS": "80"},
            stdout=keyboard,
            stderr=keyboard,
        )
        os.close(keyboard)
        shown = b""
        try:
            while piece := os.read(screen, 4096):
                shown += piece
        except OSError:  # how the end of a terminal shows
            pass
        os.close(screen)
        assert process.wait() == 0
        return shown.decode()

    return run


@pytest.fixture
def mistake(stalk):
    """Runs the command wrongly; returns the one line that says why."""

    def run(*arguments: object) -> str:
        code, out, err = stalk(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("stalk: ")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err.removeprefix("stalk: ").rstrip("\n")

    return run


@pytest.fixture
def mp3_frames():
    """Encodes a sound; without the first frame, which tells a player about the others."""

    def encoded(sound, rate: int, level: float = 0.5) -> list[bytes]:
        file = io.BytesIO()
        soundfile.write(file, sound, rate, format="MP3", subtype="MPEG_LAYER_III", compression_level=level)
        data, frames = file.getvalue(), []
        while data:
            length = frame_length(data)
            assert length
            frames.append(data[:length])
            data = data[length:]
        return frames[1:] if b"Info" in frames[0] or b"Xing" in frames[0] else frames

    return encoded
