"""Runs the policy of whisper_streaming from a checkout on an engine of this package."""

from __future__ import annotations

import importlib
import io
import logging
import sys
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.errors import UserError
from stalk_ros.speech.backends.silero import SileroVad

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from stalk_ros.speech import Transcriber, Transcript

_MIN_CHUNK_S = 1.0
_VAC_CHUNK_S = 0.04
_TRIMMING = ("segment", 15)
_PHRASE_PAUSE_S = 0.3
"""What is trimmed are segments, as Whisper makes them; for an engine without, what lies between pauses."""


def committed(
    checkout: Path, engine: Transcriber, audio: npt.NDArray[np.float32], controlled: bool
) -> Iterator[tuple[float, float, float, str]]:
    """Audio time of the commitment, start, end and text of each word.

    ``controlled`` says whether the policy uses its voice activity controller, which its authors recommend.

    Raises:
        UserError: there is no whisper_streaming in ``checkout``.
    """
    policy, inner = _policy(checkout, _Asr(engine), controlled)
    step = round((_VAC_CHUNK_S if controlled else _MIN_CHUNK_S) * SAMPLE_RATE_HZ)
    for at in range(0, len(audio), step):
        policy.insert_audio_chunk(audio[at : at + step])
        end_s = min(at + step, len(audio)) / SAMPLE_RATE_HZ
        rest = list(inner.transcript_buffer.complete())
        ending = controlled and policy.is_currently_final
        _, _, text = policy.process_iter()
        count = len(text.split())
        words = rest if ending else inner.commited[len(inner.commited) - count :]
        yield from ((end_s, *word) for word in words)
    yield from ((len(audio) / SAMPLE_RATE_HZ, *word) for word in inner.transcript_buffer.complete())


class _Asr:
    """What the policy expects of an engine."""

    sep = " "

    def __init__(self, engine: Transcriber) -> None:
        self._engine = engine

    def transcribe(self, audio: npt.NDArray[np.float32], init_prompt: str = "") -> Transcript:
        return self._engine.transcribe(audio, init_prompt)

    def ts_words(self, transcript: Transcript) -> list[tuple[float, float, str]]:
        return [(word.start_s, word.end_s, word.text) for word in transcript.words]

    def segments_end_ts(self, transcript: Transcript) -> list[float]:
        words = transcript.words
        pauses = [one.end_s for one, other in pairwise(words) if other.start_s - one.end_s >= _PHRASE_PAUSE_S]
        return pauses + [word.end_s for word in words[-1:]]


def _policy(checkout: Path, asr: _Asr, controlled: bool) -> tuple[Any, Any]:
    """The policy, and the part of it that holds the words.

    It imports librosa, with which it reads files, and torch, with which it runs Silero VAD. It reads no file
    here, and its iterator gets the same Silero VAD from this package.
    """
    if not (checkout / "whisper_online.py").is_file():
        raise UserError(f"--whisper-streaming: there is no whisper_online.py in '{checkout}'")
    stand_ins = {"librosa": ModuleType("librosa"), "torch": _torch()}
    with mock.patch.dict(sys.modules, stand_ins), mock.patch.object(sys, "path", [str(checkout), *sys.path]):
        module: Any = importlib.import_module("whisper_online")
        module.logger.setLevel(logging.ERROR)
        if not controlled:
            policy = module.OnlineASRProcessor(asr, buffer_trimming=_TRIMMING, logfile=io.StringIO())
            return policy, policy
        policy = module.VACOnlineASRProcessor(
            _MIN_CHUNK_S, asr, buffer_trimming=_TRIMMING, logfile=io.StringIO()
        )
        return policy, policy.online


def _torch() -> ModuleType:
    module: Any = ModuleType("torch")
    module.no_grad = lambda: lambda function: function
    module.is_tensor = lambda _: False
    module.Tensor = lambda values: np.asarray(values, np.float32).view(_Tensor)
    module.hub = mock.Mock(load=lambda **_: (_Silero(), None))
    return module


class _Tensor(np.ndarray[Any, Any]):
    """An array that tells its dimensions as torch's do."""

    def dim(self) -> int:
        return self.ndim


class _Silero:
    """Silero VAD as the policy calls it."""

    def __init__(self) -> None:
        self._detector = SileroVad()

    def reset_states(self) -> None:
        self._detector.reset()

    def __call__(self, window: npt.NDArray[np.float32], sample_rate_hz: int) -> np.float32:
        return np.float32(self._detector.probability(np.asarray(window, np.float32)))
