from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from stalk_ros.errors import EngineError, UserError
from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends import pocketsphinx
from stalk_ros.speech.backends.faster_whisper import FasterWhisper
from stalk_ros.speech.backends.pocketsphinx import PocketSphinx


@pytest.fixture(scope="module")
def engine() -> PocketSphinx:
    return PocketSphinx(SpeechParameters())


@pytest.fixture(scope="module")
def turns(sample_audio: np.ndarray, sample_truth: dict[str, Any]) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """The audio of each turn of the sample, with 0.25 s around it, and the turn."""
    margin_s = 0.25
    return [
        (
            sample_audio[
                round((turn["start"] - margin_s) * 16_000) : round((turn["end"] + margin_s) * 16_000)
            ],
            turn,
        )
        for turn in sample_truth["turns"]
    ]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """While it lasts, an answer has 10 ms."""

    @contextmanager
    def limits() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(pocketsphinx, "_PATIENCE_S", 0.01)
            patch.setattr(pocketsphinx, "_PATIENCE_PER_AUDIO_S", 0.0)
            yield

    return limits


@pytest.fixture
def sabotage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the next process that decodes, or every one, run some code when it starts or when it decodes."""

    def prepare(*, start: str = "", decoding: str = "", every: bool = False) -> None:
        path = tmp_path / "pocketsphinx.py"
        path.write_text(f"""
import os, signal, sys
from stalk_ros.speech.backends import pocketsphinx_process as process
{"" if every else f"os.remove({str(path)!r})"}
{start or "pass"}
sys.path.remove({str(tmp_path)!r})
del sys.modules["pocketsphinx"]
import pocketsphinx

class Decoder(pocketsphinx.Decoder):
    def process_raw(self, *args, **options):
        {decoding or "pass"}
        return super().process_raw(*args, **options)

pocketsphinx.Decoder = Decoder
""")

    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return prepare


def test_it_understands_a_turn_and_knows_when_each_word_was_said(engine: PocketSphinx, turns) -> None:
    audio, turn = turns[1]
    transcript = engine.transcribe(audio)
    assert transcript.text == "yes i took the train to the mountains with my sister"
    assert " ".join(word.text for word in transcript.words) == transcript.text
    assert transcript.language == "en"
    assert 0.5 < transcript.confidence <= 1
    times = [time for word in transcript.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] == pytest.approx(0.25, abs=0.1)
    assert times[-1] == pytest.approx(0.25 + turn["end"] - turn["start"], abs=0.1)
    assert all(0 < word.probability <= 1 for word in transcript.words)
    assert all(0 < word.end_s - word.start_s < 1 for word in transcript.words)


def test_the_result_depends_on_nothing_else(engine: PocketSphinx, turns) -> None:
    (audio, _), (other, _) = turns[0], turns[13]
    first = PocketSphinx(SpeechParameters()).transcribe(audio)
    for before in (other, np.clip(other * 20, -1, 1)):
        engine.transcribe(before)
        assert engine.transcribe(audio) == first


def test_its_frames_lie_in_the_sound_and_not_where_the_audio_begins(engine: PocketSphinx, turns) -> None:
    audio, _ = turns[1]
    within_frame = set()
    for begun in range(0, 160, 40):
        words = engine.transcribe(audio[begun:]).words
        within_frame |= {(begun + round(word.start_s * 16_000)) % 160 for word in words}
    assert len(within_frame) == 1


@pytest.mark.parametrize("samples", [1, 100, 1_600, 32_000])
def test_noise_has_no_words(engine: PocketSphinx, samples: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.003, samples).astype(np.float32)
    transcript = engine.transcribe(noise)
    assert (transcript.text, transcript.words, transcript.confidence) == ("", (), 0.0)


def test_it_finds_its_modules_wherever_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns
) -> None:
    (tmp_path / "json.py").write_text("raise EngineError('not this one')")
    monkeypatch.chdir(tmp_path)
    assert PocketSphinx(SpeechParameters()).transcribe(turns[0][0]).text == "did you have a good weekend"


def test_its_process_is_started_again_when_it_has_ended(turns) -> None:
    engine = PocketSphinx(SpeechParameters())
    first = engine.transcribe(turns[0][0])
    channel = engine._channel
    engine._process.kill()
    engine._process.wait()
    assert engine.transcribe(turns[0][0]) == first
    assert channel.fileno() == -1


@pytest.mark.parametrize("samples", [10, 480_000], ids=["short", "more than the socket holds"])
def test_a_process_that_hangs_costs_one_utterance(impatient, turns, samples: int) -> None:
    engine = PocketSphinx(SpeechParameters())
    os.kill(engine._process.pid, signal.SIGSTOP)
    with impatient(), pytest.raises(EngineError, match=r"^PocketSphinx did not answer within 0\.0 s$"):
        engine.transcribe(np.zeros(samples, np.float32))
    assert engine._process.returncode == -signal.SIGKILL
    assert engine._channel.gettimeout() <= 0.01
    assert engine.transcribe(turns[0][0]).text == "did you have a good weekend"


def test_an_answer_may_take_longer_the_more_there_is_to_decode(
    engine: PocketSphinx, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = []
    monkeypatch.setattr(engine, "_ask", lambda question, limit_s: limits.append(limit_s) or ())
    for seconds in (1, 3, 29):
        engine.transcribe(np.zeros(seconds * 16_000, np.float32))
    assert limits == [30, 70, 590]


def test_an_answer_that_trickles_in_has_no_more_time() -> None:
    channel = Mock()
    channel.recv.side_effect = [*[b" "] * 20_000, b"\n"]
    with pytest.raises(TimeoutError):
        pocketsphinx._exchange(channel, b"", 0.001)


def test_a_process_that_hangs_at_its_start_is_given_up(sabotage, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(start="os.kill(os.getpid(), signal.SIGSTOP)")
    monkeypatch.setattr(pocketsphinx, "_START_S", 0.01)
    with pytest.raises(UserError) as error:
        PocketSphinx(SpeechParameters())
    reason = "PocketSphinx did not answer within 0.0 s when it was started"
    assert str(error.value) == f"{reason}; try: pip install pocketsphinx"


def test_a_process_that_does_not_start_is_tried_again_for_the_next_utterance(sabotage, turns) -> None:
    sabotage(start="sys.exit(3)", every=True)
    with pytest.raises(UserError, match="ended with code 3 when it was started; try: pip install"):
        PocketSphinx(SpeechParameters())
    sabotage()
    engine = PocketSphinx(SpeechParameters())
    sabotage(start="sys.exit(3)")
    engine._process.kill()
    engine._process.wait()
    with pytest.raises(UserError, match="ended with code 3 when it was started"):
        engine.transcribe(turns[0][0])
    assert engine.transcribe(turns[0][0]).text == "did you have a good weekend"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "PocketSphinx ended with code -11"),
        ("os.close(0); signal.pause()", "PocketSphinx ended with code -9"),
        ("process._words = lambda decoder: {}", "PocketSphinx gave a malformed answer ({})"),
    ],
)
def test_a_fault_while_it_decodes_costs_one_utterance(sabotage, turns, fault: str, told: str) -> None:
    sabotage(decoding=fault)
    engine = PocketSphinx(SpeechParameters())
    with pytest.raises(EngineError) as error:
        engine.transcribe(turns[1][0])
    assert str(error.value) == told
    assert engine.transcribe(turns[0][0]).text == "did you have a good weekend"


def test_an_interrupted_question_is_not_answered_at_the_next_one(
    monkeypatch: pytest.MonkeyPatch, turns
) -> None:
    engine = PocketSphinx(SpeechParameters())

    def interrupted(channel: socket.socket, question: bytes, limit_s: float) -> bytes:
        channel.sendall(question)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(pocketsphinx, "_exchange", interrupted)
        engine.transcribe(turns[1][0])
    assert engine.transcribe(turns[0][0]).text == "did you have a good weekend"


@pytest.mark.parametrize(
    "answer",
    [
        b"\n",
        b"hello\n",
        b"\xff\n",
        b"[]\n[]\n",
        b"{}\n",
        b'"ready"\n',
        b'["word"]\n',
        b'[["a", 0.0, 1.0]]\n',
        b'[["a", 0.0, 1.0, 0.5, 0.5]]\n',
        b"[[null, 0.0, 1.0, 0.5]]\n",
        b'[["a", 0, 1.0, 0.5]]\n',
        b'[["a", NaN, 1.0, 0.5]]\n',
        b'[["a", 0.0, Infinity, 0.5]]\n',
        b'[["a", 1.0, 0.0, 0.5]]\n',
        b'[["a", 0.0, 1.0, NaN]]\n',
        b'[["a", 0.0, 1.0, 2.0]]\n',
        b'[["a", 0.0, 1.0, 0.5], ["b", -1.0, 1.0, 0.5]]\n',
    ],
)
def test_an_answer_is_words_with_times_and_probabilities(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        pocketsphinx._words(answer)


def test_what_its_process_prints_is_no_answer(sabotage, capfd: pytest.CaptureFixture[str], turns) -> None:
    stray = "os.write(1, b'[[\"stray\", 0.0, 1.0, 0.5]]\\n')"
    sabotage(start=stray, decoding=stray)
    engine = PocketSphinx(SpeechParameters())
    assert engine.transcribe(turns[0][0]).text == "did you have a good weekend"
    assert engine.transcribe(turns[1][0]).text.startswith("yes i took the train")
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.count("stray") == 3


def test_each_thread_gets_the_answer_to_its_question(
    engine: PocketSphinx, monkeypatch: pytest.MonkeyPatch, turns
) -> None:
    questions = [turns[number][0] for number in (0, 1, 0)]
    expected = [engine.transcribe(question) for question in questions]
    asking, exchange = Lock(), pocketsphinx._exchange

    def alone(*args: Any) -> bytes:
        assert asking.acquire(blocking=False), "two ask at once"
        try:
            return exchange(*args)
        finally:
            asking.release()

    monkeypatch.setattr(pocketsphinx, "_exchange", alone)
    with ThreadPoolExecutor(len(questions)) as pool:
        assert list(pool.map(engine.transcribe, questions)) == expected


def test_who_waits_behind_a_process_that_hangs_does_not_wait_for_ever(sabotage, impatient) -> None:
    sabotage(decoding="signal.pause()", every=True)
    engine = PocketSphinx(SpeechParameters())
    with impatient(), ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(engine.transcribe, np.zeros(10, np.float32)) for _ in range(3)]
        told = [str(call.exception(60)) for call in calls]
    assert told == ["PocketSphinx did not answer within 0.0 s"] * 3


@pytest.mark.parametrize("hangs", [False, True])
def test_its_process_ends_with_the_engine(hangs: bool) -> None:
    engine = PocketSphinx(SpeechParameters())
    process, channel = engine._process, engine._channel
    if hangs:
        os.kill(process.pid, signal.SIGSTOP)
    del engine
    assert process.returncode == -signal.SIGKILL
    assert channel.fileno() == -1


def test_closed_it_ends_its_process_while_somebody_waits_for_it() -> None:
    engine = PocketSphinx(SpeechParameters())
    process = engine._process
    os.kill(process.pid, signal.SIGSTOP)
    with ThreadPoolExecutor() as pool:
        call = pool.submit(engine.transcribe, np.zeros(16_000, np.float32))
        while not engine._one_at_a_time.locked():
            pass
        engine.close()
        assert isinstance(call.exception(60), (EngineError, OSError))
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    "end",
    [
        "sys.exit()",
        "os.kill(engine._process.pid, signal.SIGSTOP)",
        "os.kill(0, signal.SIGKILL)",
        "engine._channel.sendall(bytes([4] + 9 * [0])); os._exit(0)",
    ],
    ids=["end", "end while it hangs", "death", "death in mid-question"],
)
def test_its_process_ends_when_the_program_does(end: str) -> None:
    code = f"""
import os, signal, sys
from stalk_ros.speech import SpeechParameters
from stalk_ros.speech.backends.pocketsphinx import PocketSphinx
engine = PocketSphinx(SpeechParameters())
{end}
"""
    # Reading ends when nobody can write any more, its process included; nor has that anything to say.
    program = subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, start_new_session=True, timeout=60
    )
    assert program.stderr == b""


def test_ctrl_c_does_not_reach_its_process(engine: PocketSphinx) -> None:
    assert os.getsid(engine._process.pid) == engine._process.pid


def test_its_model_is_the_one_in_its_wheel() -> None:
    from pocketsphinx import get_model_path

    assert pocketsphinx.MODELS[0].located() == Path(get_model_path("en-us"))


def test_it_has_no_other_model() -> None:
    reason = "it has its own model and cannot load 'large-v3'; leave parameter 'model' empty"
    message = f"backend 'pocketsphinx': {reason}"
    for backend in ("auto", "pocketsphinx"):
        with pytest.raises(UserError) as error:
            SpeechStage.load(SpeechParameters(backend=backend, model="large-v3"))
        assert message in str(error.value)
    with pytest.raises(UserError) as error:
        PocketSphinx(SpeechParameters(model="large-v3"))
    assert str(error.value) == message


def test_it_is_not_taken_for_another_language_than_its_own() -> None:
    assert PocketSphinx.missing(SpeechParameters(language="en-GB")) == ""
    with pytest.raises(UserError, match="backend 'pocketsphinx': it understands English, not 'ko-KR'"):
        SpeechStage.load(SpeechParameters(language="ko-KR"))


def test_without_its_package_it_says_how_to_install_it(uninstall) -> None:
    uninstall("pocketsphinx")
    for backend in ("auto", "pocketsphinx"):
        with pytest.raises(UserError) as error:
            SpeechStage.load(SpeechParameters(backend=backend))
        assert "PocketSphinx is not installed: pip install pocketsphinx" in str(error.value)


def test_it_says_what_it_is_not_for(engine: PocketSphinx) -> None:
    assert engine.name == "pocketsphinx"
    assert engine.caveat.startswith("is for demonstrations")
    assert engine.caveat.endswith(FasterWhisper.missing(SpeechParameters()).rpartition("with: ")[2])
