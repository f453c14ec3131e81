"""PocketSphinx (BSD, https://github.com/cmusphinx/pocketsphinx) with the US English model in its wheel."""

from __future__ import annotations

import importlib.util
import json
import math
import reprlib
import threading
import time
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.child import end_child, start_child
from stalk_ros.errors import EngineError, UserError
from stalk_ros.model import WheelModel
from stalk_ros.speech.backends.faster_whisper import SETUP
from stalk_ros.speech.transcription import TranscribedWord, Transcript

if TYPE_CHECKING:
    import socket

    import numpy.typing as npt

    from stalk_ros.speech.parameters import SpeechParameters

_MODEL = WheelModel(
    name="pocketsphinx",
    stage="speech to text",
    default=True,
    places=(("pocketsphinx", "model/en-us"),),
    install="pip install pocketsphinx",
)
MODELS = (_MODEL,)

_FRAME = SAMPLE_RATE_HZ // 100
"""Samples from one frame of its features to the next."""

_START_S = 60.0
"""A start takes about 1 s, and much longer from a slow disk while a whole robot is starting."""

_PATIENCE_S = 10.0
"""So long an answer may take, however short the audio: the process may be swapped out."""

_PATIENCE_PER_AUDIO_S = 20.0
"""And so much longer per second of audio.

The search keeps at most 30000 states a frame, so no audio is endlessly hard. The hardest found, eight loud
voices at once, took 1.7 s per second on one Xeon core; a processor a tenth as fast still answers in time.
"""


class PocketSphinx:
    """A `Transcriber` that needs no download: right on clear speech, poor on noisy or accented one.

    PocketSphinx keeps Python's global lock for as long as it decodes, which is seconds for a long utterance.
    It runs in a process of its own, so that nothing else in this one has to wait.

    Its frames lie where the loudest sample does, not where the audio begins: the same sound is read the same
    at whatever sample somebody began to listen.

    Should that process hang, die or answer nonsense, one utterance is lost, and the next has a new process.

    Args:
        parameters: must name no model and no other language: the engine uses the model in its wheel.

    Raises:
        UserError: PocketSphinx is missing or does not start, or another model or language is wanted.
    """

    name = "pocketsphinx"
    overhead_s = 0.2
    one_core = True
    caveat = (
        "is for demonstrations: it understands clear English, and little of noisy, distant or accented "
        f"speech; for a robot: {SETUP}"
    )

    def __init__(self, parameters: SpeechParameters) -> None:
        reason = self.missing(parameters)
        if reason:
            raise UserError(f"backend 'pocketsphinx': {reason}")
        self._one_at_a_time = threading.Lock()
        self._start()

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        if parameters.model:
            return f"it has its own model and cannot load '{parameters.model}'; leave parameter 'model' empty"
        if parameters.language.replace("_", "-").partition("-")[0].lower() not in ("", "en"):
            return f"it understands English, not '{parameters.language}' as parameter 'language' says"
        if importlib.util.find_spec("pocketsphinx") is None:
            return f"PocketSphinx is not installed: {_MODEL.install}"
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """See `stalk_ros.speech.transcription.Transcriber.transcribe`; the context does not help.

        Threads take turns: one that nobody waits for any more, because it took too long, may still be here.

        Raises:
            EngineError: no good answer came in time.
            UserError: a new process was needed, and does not start.
        """
        begin = int(np.abs(audio).argmax()) % _FRAME
        pcm = np.clip(np.rint(audio[begin:] * 32768.0), -32768, 32767).astype("<i2").tobytes()
        limit_s = _PATIENCE_S + _PATIENCE_PER_AUDIO_S * len(audio) / SAMPLE_RATE_HZ
        with self._one_at_a_time:
            if self._process.poll() is not None:
                self._end()
                self._start()
            heard = self._ask(len(pcm).to_bytes(8, "little") + pcm, limit_s)
        words = tuple(_later(word, begin / SAMPLE_RATE_HZ) for word in heard)
        confidence = float(np.mean([word.probability for word in words])) if words else 0.0
        return Transcript(" ".join(word.text for word in words), words, "en", confidence)

    def close(self) -> None:
        """End its process, whatever it is doing; who waits for its answer gets an `EngineError`."""
        self._end()

    def _start(self) -> None:
        self._process, self._channel = start_child(f"{__package__}.pocketsphinx_process")
        self._end = weakref.finalize(self, end_child, self._process, self._channel)
        try:
            self._ask(b"", _START_S)
        except EngineError as error:
            raise UserError(f"{error} when it was started; try: {_MODEL.install}") from error

    def _ask(self, question: bytes, limit_s: float) -> tuple[TranscribedWord, ...]:
        try:
            return _words(_exchange(self._channel, question, limit_s))
        except BaseException as error:
            # The answer to a question given up must not be there at the next one.
            self._end()
            match error:
                case TimeoutError():
                    reason = f"did not answer within {limit_s:.1f} s"
                case ConnectionError():
                    reason = f"ended with code {self._process.returncode}"
                case ValueError():
                    reason = f"gave a malformed answer ({error})"
                case _:
                    raise
            raise EngineError(f"PocketSphinx {reason}") from error


def _exchange(channel: socket.socket, question: bytes, limit_s: float) -> bytes:
    """Send a question and receive the line that answers it.

    Raises:
        TimeoutError: both together took longer than the limit.
        ConnectionError: the other side has ended.
    """
    deadline_s = time.monotonic() + limit_s
    channel.settimeout(limit_s)
    channel.sendall(question)
    answer = b""
    while not answer.endswith(b"\n"):
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        channel.settimeout(left_s)
        piece = channel.recv(65536)
        if not piece:
            raise ConnectionError
        answer += piece
    return answer


def _words(answer: bytes) -> tuple[TranscribedWord, ...]:
    """The words of an answer; raises `ValueError` when it is none."""
    content = json.loads(answer)
    if not (isinstance(content, list) and all(_is_word(item) for item in content)):
        raise ValueError(reprlib.repr(content))
    return tuple(TranscribedWord(*word) for word in content)


def _later(word: TranscribedWord, seconds: float) -> TranscribedWord:
    return replace(word, start_s=word.start_s + seconds, end_s=word.end_s + seconds)


def _is_word(item: object) -> bool:
    match item:
        case [str(), float(start_s), float(end_s), float(probability)]:
            return 0 <= start_s <= end_s < math.inf and 0 <= probability <= 1
    return False
