"""The stage with the real voice activity detector and recorded audio."""

from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.audio import Block
from stalk_ros.clock import samples_to_ns
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage, Transcript
from stalk_ros.speech.backends.silero import SileroVad
from stalk_ros.speech.voice_activity import WINDOW


class Nothing:
    """An engine that is never asked."""

    name = "nothing"
    caveat = ""
    overhead_s = 0.0

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        raise AssertionError


def heard(audio: np.ndarray) -> list[Segment]:
    """The utterances in a recording, as the engine would hear them."""
    stage = SpeechStage(SpeechParameters(partials=False), SileroVad(), Nothing())
    blocks = [
        Block(audio[at : at + 16_000], samples_to_ns(at, 16_000), restart=at == 0)
        for at in range(0, len(audio), 16_000)
    ]
    segments = []
    for block in [*blocks, Block(audio[:0], samples_to_ns(len(audio), 16_000), restart=True)]:
        for item in stage.listen(block):
            if isinstance(item, Segment):
                segments.append(item)
                stage.finish(item, None)
    return segments


def test_after_minutes_of_silence_speech_is_heard_as_ever(sample_audio) -> None:
    talk = sample_audio[: 10 * 16_000]
    silence = np.zeros(3 * 60 * 16_000 // WINDOW * WINDOW, np.float32)
    late, at_once = heard(np.concatenate([silence, talk])), heard(talk)
    after_ns = samples_to_ns(len(silence), 16_000)
    tolerance_ns = samples_to_ns(2 * WINDOW, 16_000)
    assert len(late) == len(at_once) == 3
    for one, other in zip(late, at_once, strict=True):
        assert one.start_ns - after_ns == pytest.approx(other.start_ns, abs=tolerance_ns)
        assert one.end_ns - after_ns == pytest.approx(other.end_ns, abs=tolerance_ns)
